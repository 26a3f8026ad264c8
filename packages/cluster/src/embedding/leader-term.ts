import type { LogIndex, Term } from '@bellwether/raft';
import { ClusterError } from '../errors.ts';
import type { CallOptions } from './patience.ts';
import type { Forget, Waiter } from './waiter.ts';

/**
 * A time in which this node leads.
 *
 * No process can know at every moment that it leads: it may stand still, or be cut off. Therefore it
 * stops when `signal` aborts, looks at `isHeld` before each step that matters, changes what is replicated
 * by `propose`, and hands `fencingToken` to whatever else it changes, which refuses a token lower than
 * the highest it has seen. Only the last two are safe against a process that stands still between
 * looking and acting.
 */
export interface LeaderTerm<Command, Result> {
  readonly term: Term;
  /** Higher than that of every earlier leader, and of every earlier run in the same term. */
  readonly fencingToken: number;
  /**
   * Aborts as soon as this node may lead no longer: it was deposed, another term began, it stopped, or
   * no majority has confirmed it for `timing.silenceMsMin`. When it turns out that it still leads, the
   * work is begun again in the same term, with a higher token.
   */
  readonly signal: AbortSignal;
  /** Whether it is held, as far as can be known here and now: the clock is looked at, too. */
  readonly isHeld: boolean;
  /**
   * Like the cluster's, but executed only if it is ordered in this term.
   *
   * @throws ClusterError LEADERSHIP_LOST when it was not executed because another leader ordered it
   */
  propose(command: Command, options?: CallOptions): Promise<Result>;
}

/** What the keeper of leader terms needs to know. */
export interface LeaderConfirmation {
  /** Monotonic. */
  readonly nowMs: () => number;
  /** Without a majority's word for so long it counts as lost. */
  readonly patienceMs: number;
  /** Between an answer and the next question. */
  readonly intervalMs: number;
  /** Resolves when a majority has said after the call who leads. */
  readonly confirm: (waiter: Waiter<LogIndex>) => Forget;
}

/** Room in a fencing token for the runs of a term. */
const RUNS_PER_TERM = 2 ** 20;

/** One stretch of a term in which this node is known to lead. */
export class HeldTerm {
  readonly term: Term;
  readonly fencingToken: number;
  readonly controller = new AbortController();
  /** On the keeper's clock. */
  heldUntilMs = 0;

  /** @param run counts within the term */
  constructor(term: Term, run: number) {
    this.term = term;
    this.fencingToken = term * RUNS_PER_TERM + run;
  }

  lose(why: string): void {
    const message = `leadership in term ${this.term} may be lost: ${why}`;
    this.controller.abort(new ClusterError('LEADERSHIP_LOST', message));
  }
}

/**
 * Finds out again and again whether this node still leads, as long as somebody wants to know. What it
 * knows ends by the clock: a question that was answered counts from the moment at which it was asked.
 */
export class LeaderTermKeeper {
  readonly #options: LeaderConfirmation;
  /** As the consensus thread said last; undefined unless this node leads. */
  #ledTerm: Term | undefined;
  #held: HeldTerm | undefined;
  /** Stretches of this term so far. */
  #runs = 0;
  #wanted = 0;
  #forget: Forget | undefined;
  #nextQuestion: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;
  readonly #waiting = new Set<(held: HeldTerm) => void>();

  constructor(options: LeaderConfirmation) {
    this.#options = options;
  }

  /** This node leads in `term`, or does not. */
  onLeadership(term: Term | undefined): void {
    if (term === this.#ledTerm) return;
    this.#ledTerm = term;
    this.#runs = 0;
    this.#end(term === undefined ? 'this node was deposed' : 'another term began');
    if (this.#wanted > 0) this.#ask();
  }

  /** Somebody wants to know, until the returned function is called. */
  want(): () => void {
    this.#wanted += 1;
    if (this.#wanted === 1) this.#ask();
    return () => {
      this.#wanted -= 1;
      if (this.#wanted === 0) this.#end('nobody works with it any more');
    };
  }

  /** Calls back as soon as this node is known to lead, at once if it is; until taken back. */
  onHeld(callback: (held: HeldTerm) => void): Forget {
    if (this.#held !== undefined) {
      callback(this.#held);
      return () => undefined;
    }
    this.#waiting.add(callback);
    return () => this.#waiting.delete(callback);
  }

  /** The node stops. */
  stop(): void {
    this.#ledTerm = undefined;
    this.#end('this node was stopped');
  }

  #ask(): void {
    const term = this.#ledTerm;
    if (term === undefined || this.#forget !== undefined) return;
    const askedMs = this.#options.nowMs();
    let isAnswered = false;
    const answered = (): void => {
      isAnswered = true;
      this.#forget = undefined;
    };
    const forget = this.#options.confirm({
      resolve: () => {
        answered();
        this.#onConfirmed(term, askedMs);
      },
      // Say because of too many reads: it may lead all the same, and somebody may still want to know.
      reject: () => {
        answered();
        this.#askLater(term);
      },
    });
    if (!isAnswered) this.#forget = forget;
  }

  #askLater(term: Term): void {
    if (term !== this.#ledTerm || this.#wanted === 0) return;
    this.#nextQuestion = setTimeout(() => this.#ask(), this.#options.intervalMs);
  }

  #onConfirmed(term: Term, askedMs: number): void {
    if (term !== this.#ledTerm || this.#wanted === 0) return;
    const { nowMs, patienceMs } = this.#options;
    const heldUntilMs = askedMs + patienceMs;
    this.#askLater(term);
    const leftMs = heldUntilMs - nowMs();
    if (leftMs <= 0) return;
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#onDeadline(), leftMs);
    if (this.#held !== undefined) this.#held.heldUntilMs = heldUntilMs;
    else this.#begin(term, heldUntilMs);
  }

  #begin(term: Term, heldUntilMs: number): void {
    const held = new HeldTerm(term, this.#runs);
    this.#runs += 1;
    held.heldUntilMs = heldUntilMs;
    this.#held = held;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const callback of waiting) callback(held);
  }

  #onDeadline(): void {
    this.#loseHeld(`no majority has confirmed it for ${this.#options.patienceMs} ms`);
  }

  #end(why: string): void {
    clearTimeout(this.#nextQuestion);
    clearTimeout(this.#deadline);
    this.#forget?.();
    this.#forget = undefined;
    this.#loseHeld(why);
  }

  #loseHeld(why: string): void {
    const held = this.#held;
    this.#held = undefined;
    held?.lose(why);
  }
}
