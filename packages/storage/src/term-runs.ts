import type { LogIndex, Term } from '@bellwether/raft';
import { assert } from './assert.ts';

/**
 * The terms of consecutive entries, kept as runs: terms change a few times in the life of a log, so
 * this takes next to no memory whatever its length. Invariant: starts and terms both increase strictly
 * while Raft's rules are kept; only the starts are relied upon.
 */
export class TermRuns {
  readonly #starts: LogIndex[] = [];
  readonly #terms: Term[] = [];

  /** `index` is above all added before and not removed since. */
  add(index: LogIndex, term: Term): void {
    const last = this.#terms.length - 1;
    if (last >= 0 && this.#terms[last] === term) return;
    this.#starts.push(index);
    this.#terms.push(term);
  }

  /** Term of the entry at `index`, which must be one of those added. */
  at(index: LogIndex): Term {
    let low = 0;
    let high = this.#starts.length - 1;
    if (high >= 0 && index >= (this.#starts[high] as LogIndex)) return this.#terms[high] as Term;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#starts[middle] as LogIndex) <= index) low = middle;
      else high = middle - 1;
    }
    const term = this.#terms[low];
    assert(term !== undefined, 'the term of an entry that is there is known');
    return term;
  }

  removeFrom(index: LogIndex): void {
    while (this.#starts.length > 0 && (this.#starts.at(-1) as LogIndex) >= index) {
      this.#starts.pop();
      this.#terms.pop();
    }
  }

  /** Forgets runs that end below `index`. */
  removeBelow(index: LogIndex): void {
    let ended = 0;
    while (ended + 1 < this.#starts.length && (this.#starts[ended + 1] as LogIndex) <= index) {
      ended += 1;
    }
    this.#starts.splice(0, ended);
    this.#terms.splice(0, ended);
  }
}
