import type { EntryId, LogIndex, NodeId, Term } from '@bellwether/raft';
import { NO_NODE } from '@bellwether/raft';
import { assert } from '../assert.ts';
import { BATCH_ITEM_HEADER_BYTES, commandSequence, readUint32 } from '../command.ts';
import { LIMITS } from '../limits.ts';

interface PendingBatch {
  readonly bytes: Uint8Array;
  /** Start of the first command not yet seen in the log. */
  at: number;
  isSent: boolean;
}

/**
 * Sends commands to the leader of a term; on the leader's own node that is the core itself. None of them
 * is in the committed log up to `seenIndex`.
 */
export type SendCommands = (
  leaderId: NodeId,
  term: Term,
  seenIndex: LogIndex,
  batch: Uint8Array,
) => void;

/**
 * The commands that were proposed through this node and have not been seen in the committed log,
 * in the order of their sequences. They are held while there is no leader, and resent when they may
 * have been lost, so that each is ordered exactly once:
 *
 * - They are sent in a term after that term's first entry was committed here. By then every
 *   entry of earlier terms that will ever be committed has been seen, so what is still pending was
 *   lost with the old leader, and sending it again cannot double it.
 * - The oldest of them are sent as soon as the new leader is known: that saves a round of its log. They
 *   come with how much of the log was seen here. The leader's own log holds whatever else will ever be
 *   committed of earlier terms, so it finds there which of them it has, and takes the others; or none
 *   of them, if looking takes too long. They are all sent again as above, in case that they were not taken.
 * - And they go along with this node's vote already, to a candidate who takes them if it is elected: that
 *   saves the way there and back in which it would tell that it was, and a round of its log.
 * - A leader takes commands only for its own term (`CommandAdmission`), so a late copy of an earlier
 *   sending is refused.
 * - A snapshot from a peer may contain what was sent and hide its entries: whether those commands
 *   were executed can't be known any more, so they are given up, not sent again.
 * - Within a term a broken connection may have swallowed the newest ones: all are sent again, and
 *   the leader drops those that it has by their sequence.
 */
export class PendingCommands {
  readonly #send: SendCommands;
  readonly #batches: PendingBatch[] = [];
  #bytes = 0;
  /** Or the candidate that this node voted for. */
  #leaderId: NodeId = NO_NODE;
  #term: Term = 0;
  /** The newest term whose first entry was committed here. openTerm <= term of the newest leader. */
  #openTerm: Term;
  /** The committed log was seen up to here. */
  #seenIndex: LogIndex;
  /** Commands up to here were given up; they may still come out of the log. */
  #forgottenSequence = 0;
  /** What may still be sent in this term before it is open. */
  #earlyBytesLeft = 0;

  /** `start`: the snapshot from which this node starts, or zeros. */
  constructor(start: EntryId, send: SendCommands) {
    this.#openTerm = start.term;
    this.#seenIndex = start.index;
    this.#send = send;
  }

  /** Bytes that wait here. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether commands flow: a leader is known and the first entry of its term is committed here. */
  get isOpen(): boolean {
    return this.#leaderId !== NO_NODE && this.#openTerm === this.#term;
  }

  /** Takes a batch from the service thread. */
  add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const batch = { bytes, at: 0, isSent: false };
    this.#batches.push(batch);
    this.#bytes += bytes.length;
    if (this.isOpen) this.#sendBatch(batch);
    else this.#sendEarly(batch);
  }

  /** The core names another leader or term. */
  onLeader(leaderId: NodeId, term: Term): void {
    if (leaderId === this.#leaderId && term === this.#term) return;
    this.#leaderId = leaderId;
    this.#term = term;
    this.#resend();
  }

  /** This node's vote has just left. It waited for the disk: its term may be over, or decided, by now. */
  onVoted(candidateId: NodeId, term: Term): void {
    if (term === this.#term && this.#leaderId === NO_NODE) this.onLeader(candidateId, term);
  }

  /** The entry at `index` came out of the committed log; what is in it is told right behind. */
  onSeen(index: LogIndex): void {
    this.#seenIndex = index;
  }

  /** The first entry of a term was committed here, and seen. */
  onTermOpened(term: Term): void {
    assert(term >= this.#openTerm, 'terms of committed entries never decrease');
    if (term === this.#openTerm) return;
    this.#openTerm = term;
    if (this.isOpen) this.#resend();
  }

  /** The connection to `peer` is there again. */
  onConnected(peer: NodeId): void {
    if (peer === this.#leaderId) this.#resend();
  }

  /** A command of this node and incarnation was seen in the committed log. */
  onCommitted(sequence: number): void {
    if (sequence <= this.#forgottenSequence) return;
    const batch = this.#batches[0];
    assert(batch !== undefined, 'an own command is committed once');
    assert(sequence === sequenceAt(batch), 'own commands are committed in their order');
    this.#advance(batch);
  }

  /**
   * The state is replaced by a peer's snapshot, whose last entry is `last`. What was sent may be in it:
   * it is given up. What was only held is not affected, and is in nobody's log.
   *
   * @returns the newest sequence that was given up; undefined when there is none
   */
  onStateReplaced(last: EntryId): number | undefined {
    const before = this.#forgottenSequence;
    for (let batch = this.#batches[0]; batch?.isSent === true; batch = this.#batches[0]) {
      this.#forgottenSequence = sequenceAt(batch);
      this.#advance(batch);
    }
    this.#seenIndex = last.index;
    // The first entry of that term lies in the snapshot, so it will not be seen.
    if (last.term > this.#openTerm) this.onTermOpened(last.term);
    return this.#forgottenSequence > before ? this.#forgottenSequence : undefined;
  }

  /** Goes on behind the first command of the first batch. */
  #advance(batch: PendingBatch): void {
    batch.at += BATCH_ITEM_HEADER_BYTES + readUint32(batch.bytes, batch.at);
    if (batch.at < batch.bytes.length) return;
    this.#bytes -= batch.bytes.length;
    this.#batches.shift();
  }

  #resend(): void {
    this.#earlyBytesLeft = this.#leaderId === NO_NODE ? 0 : LIMITS.earlyCommandBytesMax;
    for (const batch of this.#batches) {
      if (this.isOpen) this.#sendBatch(batch);
      else this.#sendEarly(batch);
    }
  }

  /** In order: behind one that does not go, none does. */
  #sendEarly(batch: PendingBatch): void {
    this.#earlyBytesLeft -= batch.bytes.length;
    if (this.#earlyBytesLeft >= 0) this.#sendBatch(batch);
  }

  #sendBatch(batch: PendingBatch): void {
    batch.isSent = true;
    this.#send(this.#leaderId, this.#term, this.#seenIndex, batch.bytes.subarray(batch.at));
  }
}

function sequenceAt(batch: PendingBatch): number {
  return commandSequence(batch.bytes, batch.at + BATCH_ITEM_HEADER_BYTES);
}
