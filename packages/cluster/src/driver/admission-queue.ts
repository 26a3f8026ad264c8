import type { LogIndex, LogReader, NodeId, RaftNode, Term } from '@bellwether/raft';
import {
  BATCH_ITEM_HEADER_BYTES,
  commandIncarnation,
  commandOrigin,
  forEachCommand,
  stampTime,
} from '../command.ts';
import { CommandAdmission } from '../forwarding/command-admission.ts';
import { BesideVotes, originOf, type Sending } from './beside-votes.ts';
import { EarlierCommands } from './earlier-commands.ts';

/**
 * The leader's intake: commands of all nodes, in the order in which they arrive. While the core
 * takes none (it holds too much that is uncommitted, or hands its leadership over) they wait here,
 * in order; a new term throws them away, because their origins send them again.
 */
export class AdmissionQueue {
  readonly #core: RaftNode;
  readonly #admission = new CommandAdmission();
  readonly #wallMs: () => number;
  readonly #earlier: EarlierCommands;
  /** Those who sent something too early, in this term: it will be sent again. */
  readonly #tooEarly = new Set<NodeId>();
  /** Those who sent something for a term of which this node knew nothing, and for which at the latest. */
  readonly #missed = new Map<NodeId, Term>();
  #waiting: Uint8Array[] = [];
  readonly #besideVotes = new BesideVotes();
  /** The time of all entries before the own term's first is known. */
  #isOpen = false;
  #timeMs = 0;

  constructor(core: RaftNode, log: LogReader, wallMs: () => number) {
    this.#core = core;
    this.#wallMs = wallMs;
    this.#earlier = new EarlierCommands(log);
  }

  /** No command that was delivered here has a later time. */
  get timeMs(): number {
    return this.#timeMs;
  }

  /** The newest time in the log: what is stamped next is not before it. */
  onCommittedTime(timeMs: number): void {
    if (timeMs > this.#timeMs) this.#timeMs = timeMs;
  }

  /**
   * `seenIndex`: everything up to there was delivered here, so its times are known. Undefined while the
   * service is being restored: that of the snapshot is not known yet.
   */
  onElected(term: Term, seenIndex: LogIndex | undefined): void {
    this.#waiting = [];
    this.#tooEarly.clear();
    for (const [origin, missedTerm] of this.#missed) {
      if (missedTerm >= term) this.#tooEarly.add(origin);
      else this.#missed.delete(origin);
    }
    this.#admission.onElected(term);
    const timeMs =
      seenIndex === undefined
        ? undefined
        : this.#earlier.newestTimeMs(seenIndex, this.#core.termStartIndex);
    this.#isOpen = timeMs !== undefined;
    if (timeMs !== undefined) this.onCommittedTime(timeMs);
    const { sendings, cutShort } = this.#besideVotes.take();
    for (const sending of sendings) this.#admit(sending);
    for (const origin of cutShort) this.#tooEarly.add(origin);
  }

  /**
   * The first entry of `term` is delivered here. Others may have seen it earlier, while this node was
   * still being restored: what they sent waits, or its time could be before that of an entry that the
   * leader itself has not seen yet.
   */
  onTermOpened(term: Term): void {
    if (this.#admission.isFor(term)) this.#isOpen = true;
  }

  onDeposed(): void {
    this.#waiting = [];
  }

  /**
   * Takes a batch, or keeps it for the moment when this node is elected in that term; false when it is
   * malformed.
   */
  add(sending: Sending): boolean {
    const { role, term } = this.#core;
    if (term < sending.term) this.#miss(sending);
    if (term !== sending.term) return true;
    if (role === 'leader' && this.#admission.isFor(term)) return this.#admit(sending);
    // It campaigns, or was just elected.
    if (role === 'leader' || role === 'candidate') this.#besideVotes.keep(sending);
    return true;
  }

  /** The core may have room again. */
  retry(): void {
    if (this.#waiting.length === 0 || !this.#isOpen) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const data of waiting) this.#propose(data);
  }

  #admit({ term, seenIndex, batch }: Sending): boolean {
    if (!this.#admission.isFor(term) || !this.#isKnown(batch, seenIndex)) return true;
    this.#timeMs = Math.max(this.#timeMs, this.#wallMs());
    return forEachCommand(batch, (data) => this.#take(data));
  }

  /**
   * A node that was restarted in the midst of its campaign may be sent something for the term in which it asked
   * for votes, know nothing of that term, and then lead it by those votes. What comes behind that before the
   * term is open must not be taken either.
   */
  #miss(sending: Sending): void {
    const origin = originOf(sending);
    this.#missed.set(origin, Math.max(sending.term, this.#missed.get(origin) ?? 0));
  }

  /** Whether it is known which of this origin's commands the log of earlier terms holds. */
  #isKnown(batch: Uint8Array, seenIndex: LogIndex): boolean {
    const { termStartIndex } = this.#core;
    if (seenIndex >= termStartIndex || batch.length <= BATCH_ITEM_HEADER_BYTES) return true;
    const origin = commandOrigin(batch, BATCH_ITEM_HEADER_BYTES);
    const incarnation = commandIncarnation(batch, BATCH_ITEM_HEADER_BYTES);
    if (this.#tooEarly.has(origin)) return false;
    if (this.#admission.hasMet(origin, incarnation)) return true;
    const whose = { origin, incarnation };
    const sequence = this.#earlier.newestSequence(whose, seenIndex, termStartIndex);
    if (sequence === undefined) this.#tooEarly.add(origin);
    else this.#admission.meet(origin, incarnation, sequence);
    return sequence !== undefined;
  }

  #take(data: Uint8Array): void {
    if (this.#admission.take(data)) this.#propose(data);
  }

  #propose(data: Uint8Array): void {
    if (this.#waiting.length === 0 && this.#isOpen) {
      stampTime(data, this.#timeMs);
      if (this.#core.propose(data).outcome === 'accepted') return;
    }
    this.#waiting.push(data);
  }
}
