import type { World } from '../world.ts';

/** Wall clocks start here, ms since 1970. */
const EPOCH_MS = 1_700_000_000_000;

/** A machine's clocks: how fast they run, and how far the wall clock is off. */
export class MachineClock {
  readonly #world: World;
  #rate = 1;
  /** The monotonic clock showed `#baseMs` when the rate was set, at `#sinceMs` of the world. */
  #baseMs = 0;
  #sinceMs = 0;
  #disturbedMs = -Infinity;
  /** By how much the wall clock was set forwards or backwards. */
  wallOffsetMs = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** 1: as fast as real time. */
  get rate(): number {
    return this.#rate;
  }

  /** When it was last set to another rate; Infinity: it runs too fast or too slow now. */
  get disturbedMs(): number {
    return this.#rate === 1 ? this.#disturbedMs : Infinity;
  }

  set rate(rate: number) {
    this.#disturbedMs = this.#world.nowMs;
    this.#baseMs = this.nowMs();
    this.#sinceMs = this.#world.nowMs;
    this.#rate = rate;
  }

  /** Monotonic. */
  nowMs(): number {
    return this.#baseMs + (this.#world.nowMs - this.#sinceMs) * this.#rate;
  }

  wallMs(): number {
    return Math.floor(EPOCH_MS + this.nowMs() + this.wallOffsetMs);
  }
}
