/** Upper bounds of the buckets in ms, inclusive; one more bucket holds what is longer. */
export const DURATION_BOUNDS_MS = [
  1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 75, 100, 200, 300, 500, 1_000, 2_000, 5_000, 10_000,
] as const;

/** What was counted: as Prometheus has it, but for the buckets, which are not cumulative. */
export interface DurationCounts {
  /** One more than DURATION_BOUNDS_MS has. */
  readonly buckets: readonly number[];
  readonly count: number;
  readonly sumMs: number;
  /** 0 while nothing was counted. */
  readonly minMs: number;
  readonly maxMs: number;
}

/** Counts durations by fixed buckets. */
export class DurationHistogram {
  readonly #buckets: number[] = new Array<number>(DURATION_BOUNDS_MS.length + 1).fill(0);
  #count = 0;
  #sumMs = 0;
  #minMs = Infinity;
  #maxMs = 0;

  add(ms: number): void {
    const at = DURATION_BOUNDS_MS.findIndex((bound) => ms <= bound);
    const bucket = at < 0 ? DURATION_BOUNDS_MS.length : at;
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count += 1;
    this.#sumMs += ms;
    if (ms < this.#minMs) this.#minMs = ms;
    if (ms > this.#maxMs) this.#maxMs = ms;
  }

  /** A copy. */
  get counts(): DurationCounts {
    return {
      buckets: [...this.#buckets],
      count: this.#count,
      sumMs: this.#sumMs,
      minMs: this.#count === 0 ? 0 : this.#minMs,
      maxMs: this.#maxMs,
    };
  }
}
