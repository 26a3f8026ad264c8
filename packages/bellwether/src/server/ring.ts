import { assert } from './assert.ts';

const CAPACITY_MIN = 16;

/** A first-in first-out queue over one array that is reused for ever: no allocation per element. */
export class Ring<T> {
  #items: (T | undefined)[] = new Array<T | undefined>(CAPACITY_MIN).fill(undefined);
  #head = 0;
  /** #size <= #items.length, which is a power of two. */
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The oldest element, which stays. */
  first(): T | undefined {
    return this.#size === 0 ? undefined : this.#items[this.#head];
  }

  push(item: T): void {
    if (this.#size === this.#items.length) this.#grow();
    this.#items[(this.#head + this.#size) & (this.#items.length - 1)] = item;
    this.#size++;
  }

  /** Takes the oldest element out. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    this.#size--;
    return item;
  }

  #grow(): void {
    const items = this.#items;
    const grown = new Array<T | undefined>(items.length * 2).fill(undefined);
    for (let i = 0; i < this.#size; i++) {
      grown[i] = items[(this.#head + i) & (items.length - 1)];
    }
    this.#items = grown;
    this.#head = 0;
    assert((grown.length & (grown.length - 1)) === 0, 'the capacity is a power of two');
  }
}
