import { BACKOFF_MS_MAX, BACKOFF_MS_MIN } from '../limits.ts';

/** Pauses that double, with jitter: many clients that lost one server do not come back together. */
export class Backoff {
  readonly #random: () => number;
  #nextMs = BACKOFF_MS_MIN;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Between half of the pause and all of it. */
  next(): number {
    const pauseMs = this.#nextMs;
    this.#nextMs = Math.min(pauseMs * 2, BACKOFF_MS_MAX);
    return pauseMs * (0.5 + this.#random() / 2);
  }

  reset(): void {
    this.#nextMs = BACKOFF_MS_MIN;
  }
}
