import { LIMITS } from '../limits.ts';

/**
 * Turns a timer that comes late into ticks that don't fall behind: what is missing is made up, but for
 * the time in which the thread was not running at all (`ticksMadeUpMax`). Without it a leader on a busy
 * machine beats at two thirds of its pace. Whoever measures something else than others' silence in ticks,
 * as the holder of a lease does, counts that time too.
 */
export class Ticker {
  readonly #tickMs: number;
  readonly #onTick: () => void;
  readonly #countsAll: () => boolean;
  #dueMs: number;

  /**
   * @param nowMs of a monotonic clock, here as in the method
   * @param countsAll whether, at the moment, the time counts in which the thread was not running
   */
  constructor(tickMs: number, onTick: () => void, nowMs: number, countsAll = () => false) {
    this.#tickMs = tickMs;
    this.#onTick = onTick;
    this.#countsAll = countsAll;
    this.#dueMs = nowMs + tickMs;
  }

  /** To be called about every `tickMs`. */
  onTimer(nowMs: number): void {
    const oldestMs = nowMs - (LIMITS.ticksMadeUpMax - 1) * this.#tickMs;
    while (this.#dueMs <= nowMs) {
      if (!this.#countsAll()) this.#dueMs = Math.max(this.#dueMs, oldestMs);
      this.#dueMs += this.#tickMs;
      this.#onTick();
    }
  }
}
