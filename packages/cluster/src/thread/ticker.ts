import { LIMITS } from '../limits.ts';

/**
 * Turns a timer that comes late into ticks that don't fall behind: what is missing is made up, but for
 * the time in which the thread was not running at all (`ticksMadeUpMax`). Without it a leader on a busy
 * machine beats at two thirds of its pace.
 */
export class Ticker {
  readonly #tickMs: number;
  readonly #onTick: () => void;
  #dueMs: number;

  /** `nowMs`: of a monotonic clock, here as in the method. */
  constructor(tickMs: number, onTick: () => void, nowMs: number) {
    this.#tickMs = tickMs;
    this.#onTick = onTick;
    this.#dueMs = nowMs + tickMs;
  }

  /** To be called about every `tickMs`. */
  onTimer(nowMs: number): void {
    const oldestMs = nowMs - (LIMITS.ticksMadeUpMax - 1) * this.#tickMs;
    this.#dueMs = Math.max(this.#dueMs, oldestMs);
    for (; this.#dueMs <= nowMs; this.#dueMs += this.#tickMs) this.#onTick();
  }
}
