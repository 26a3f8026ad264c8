import { assert } from './assert.ts';

/** A stream of numbers that follows from its seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 2^32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return (z ^ (z >>> 14)) >>> 0;
  }

  /** In [0, bound). */
  below(bound: number): number {
    assert(bound > 0, 'something to choose from');
    return this.next() % bound;
  }

  /** True once in `bound` times on average. */
  oneIn(bound: number): boolean {
    return this.below(bound) === 0;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  /** One of the values, each as often as its weight says. */
  weighted<T>(values: readonly (readonly [number, T])[]): T {
    let left = this.below(values.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, value] of values) {
      if (left < weight) return value;
      left -= weight;
    }
    throw new Error('weights add up');
  }
}

/** The seed of one round of a run. */
export function roundSeed(seed: number, round: number): number {
  return new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(round + 1, 0x85ebca6b)).next();
}
