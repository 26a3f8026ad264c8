import { assert } from './assert.ts';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** Outputs thrown away after seeding, until the state has mixed. */
const WARM_UP = 12;

/**
 * A seeded stream of random numbers (sfc32 of the PractRand suite). `fork` derives a stream from the
 * seed and a label, never from how much was drawn: a new consumer does not shift the others.
 */
export class RandomSource {
  readonly #key: number;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** `seed` is a whole number from 0 to 2^53 - 1. */
  constructor(seed: number, label = '') {
    assert(Number.isSafeInteger(seed) && seed >= 0, 'a seed is a whole number');
    const low = seed >>> 0;
    const high = Math.floor(seed / 2 ** 32);
    this.#key = hashText(label, Math.imul(low ^ FNV_OFFSET, FNV_PRIME) ^ high) >>> 0;
    this.#a = low;
    this.#b = high;
    this.#c = this.#key;
    for (let i = 0; i < WARM_UP; i++) this.next();
  }

  /** Uniform in [0, 1). */
  next(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + result;
    return (result >>> 0) / 2 ** 32;
  }

  /** An independent stream, always the same for the same seed and labels. */
  fork(label: string): RandomSource {
    return new RandomSource(this.#key, label);
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** A whole number from `min` to `max`, both inclusive. */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1);
  }

  /** Uniform in [min, max). */
  range(min: number, max: number): number {
    return min + this.next() * (max - min);
  }

  /** Whether something happens that happens with this probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Waiting time of events that come on average every `mean`, cut off at ten times that. */
  exponential(mean: number): number {
    return Math.min(10, -Math.log(1 - this.next())) * mean;
  }

  /** One of them, all equally likely. */
  pick<T>(items: readonly T[]): T {
    assert(items.length > 0, 'there is something to pick from');
    return items[this.below(items.length)] as T;
  }

  /** The items in random order. */
  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [result[i], result[j]] = [result[j] as T, result[i] as T];
    }
    return result;
  }
}

/** FNV-1a over the text's UTF-16 units, from `start`. */
export function hashText(text: string, start = FNV_OFFSET): number {
  let hash = start | 0;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  }
  return hash;
}

/** FNV-1a over bytes, from `start`; unsigned. */
export function hashBytes(bytes: Uint8Array, start = FNV_OFFSET): number {
  let hash = start | 0;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ (bytes[i] as number), FNV_PRIME);
  return hash >>> 0;
}
