import type { RaftNode, Term } from '@bellwether/raft';
import { forEachCommand, stampTime } from '../command.ts';
import { CommandAdmission } from '../forwarding/command-admission.ts';

/**
 * The leader's intake: commands of all nodes, in the order in which they arrive. While the core
 * takes none (it holds too much that is uncommitted, or hands its leadership over) they wait here,
 * in order; a new term throws them away, because their origins send them again.
 */
export class AdmissionQueue {
  readonly #core: RaftNode;
  readonly #admission = new CommandAdmission();
  readonly #wallMs: () => number;
  #waiting: Uint8Array[] = [];
  /** The first entry of the own term was delivered here, so the time of all before it is known. */
  #isOpen = false;
  #timeMs = 0;

  constructor(core: RaftNode, wallMs: () => number) {
    this.#core = core;
    this.#wallMs = wallMs;
  }

  /** No command that was delivered here has a later time. */
  get timeMs(): number {
    return this.#timeMs;
  }

  /** The newest time in the log: what is stamped next is not before it. */
  onCommittedTime(timeMs: number): void {
    if (timeMs > this.#timeMs) this.#timeMs = timeMs;
  }

  onElected(term: Term): void {
    this.#waiting = [];
    this.#isOpen = false;
    this.#admission.onElected(term);
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

  /** Takes a batch that was sent for `term`; false when it is malformed. */
  add(term: Term, batch: Uint8Array): boolean {
    if (this.#core.role !== 'leader' || !this.#admission.isFor(term)) return true;
    if (this.#core.term !== term) return true;
    this.#timeMs = Math.max(this.#timeMs, this.#wallMs());
    return forEachCommand(batch, (data) => this.#take(data));
  }

  /** The core may have room again. */
  retry(): void {
    if (this.#waiting.length === 0 || !this.#isOpen) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const data of waiting) this.#propose(data);
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
