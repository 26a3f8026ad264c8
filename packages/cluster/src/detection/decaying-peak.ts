/**
 * The largest of what was measured lately: it falls by half in every half-life, so that a rare but
 * large value is remembered for a while. A mean would forget it before the next one comes.
 */
export class DecayingPeak {
  readonly #halfLifeMs: number;
  #value = 0;
  #atMs = 0;

  constructor(halfLifeMs: number) {
    this.#halfLifeMs = halfLifeMs;
  }

  /** Times never decrease. */
  add(value: number, nowMs: number): void {
    this.#value = Math.max(value, this.at(nowMs));
    this.#atMs = nowMs;
  }

  at(nowMs: number): number {
    return this.#value * 2 ** ((this.#atMs - nowMs) / this.#halfLifeMs);
  }
}
