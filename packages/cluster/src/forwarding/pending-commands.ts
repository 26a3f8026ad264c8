import type { NodeId, Term } from '@bellwether/raft';
import { NO_NODE } from '@bellwether/raft';
import { assert } from '../assert.ts';
import { BATCH_ITEM_HEADER_BYTES, commandSequence, readUint32 } from '../command.ts';

interface PendingBatch {
  readonly bytes: Uint8Array;
  /** Start of the first command not yet seen in the log. */
  at: number;
  isSent: boolean;
}

/** Sends commands to the leader of a term; on the leader's own node that is the core itself. */
export type SendCommands = (leaderId: NodeId, term: Term, batch: Uint8Array) => void;

/**
 * The commands that were proposed through this node and have not been seen in the committed log,
 * in the order of their sequences. They are held while there is no leader, and resent when they may
 * have been lost, so that each is ordered exactly once:
 *
 * - They are sent in a term only after that term's first entry was committed here. By then every
 *   entry of earlier terms that will ever be committed has been seen, so what is still pending was
 *   lost with the old leader, and sending it again cannot double it.
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
  #leaderId: NodeId = NO_NODE;
  #term: Term = 0;
  /** The newest term whose first entry was committed here. openTerm <= term of the newest leader. */
  #openTerm: Term;
  /** Commands up to here were given up; they may still come out of the log. */
  #forgottenSequence = 0;

  /** `openTerm`: the term of the snapshot from which this node starts, 0 without one. */
  constructor(openTerm: Term, send: SendCommands) {
    this.#openTerm = openTerm;
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
  }

  /** The core names another leader or term. */
  onLeader(leaderId: NodeId, term: Term): void {
    if (leaderId === this.#leaderId && term === this.#term) return;
    this.#leaderId = leaderId;
    this.#term = term;
    if (this.isOpen) this.#resend();
  }

  /** The first entry of a term was committed here. */
  onTermOpened(term: Term): void {
    assert(term >= this.#openTerm, 'terms of committed entries never decrease');
    if (term === this.#openTerm) return;
    this.#openTerm = term;
    if (this.isOpen) this.#resend();
  }

  /** The connection to `peer` is there again. */
  onConnected(peer: NodeId): void {
    if (peer === this.#leaderId && this.isOpen) this.#resend();
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
   * The state is replaced by a peer's snapshot, whose last entry is of `term`. What was sent may be in
   * it: it is given up. What was only held is not affected.
   *
   * @returns the newest sequence that was given up; undefined when there is none
   */
  onStateReplaced(term: Term): number | undefined {
    const before = this.#forgottenSequence;
    for (let batch = this.#batches[0]; batch?.isSent === true; batch = this.#batches[0]) {
      this.#forgottenSequence = sequenceAt(batch);
      this.#advance(batch);
    }
    // The first entry of that term lies in the snapshot, so it will not be seen.
    if (term > this.#openTerm) this.onTermOpened(term);
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
    for (const batch of this.#batches) this.#sendBatch(batch);
  }

  #sendBatch(batch: PendingBatch): void {
    batch.isSent = true;
    this.#send(this.#leaderId, this.#term, batch.bytes.subarray(batch.at));
  }
}

function sequenceAt(batch: PendingBatch): number {
  return commandSequence(batch.bytes, batch.at + BATCH_ITEM_HEADER_BYTES);
}
