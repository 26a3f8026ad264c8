import { assert } from './assert.ts';
import type { LogIndex } from './types.ts';

/**
 * AppendEntries that were sent to one follower and not yet acknowledged: a ring of (last index,
 * bytes), bounded by messages and by bytes. Invariant: indexes ascend from head to tail.
 */
export class Inflights {
  readonly #bytesMax: number;
  readonly #indexes: Float64Array;
  readonly #sizes: Float64Array;
  #head = 0;
  #count = 0;
  #bytes = 0;

  constructor(messagesMax: number, bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#indexes = new Float64Array(messagesMax);
    this.#sizes = new Float64Array(messagesMax);
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** No further message may be sent. The one that crosses the limit of bytes was still allowed. */
  get isFull(): boolean {
    return this.#count === this.#indexes.length || this.#bytes >= this.#bytesMax;
  }

  /** A message whose last entry is `lastIndex`, with `bytes` of entry data, is on its way. */
  add(lastIndex: LogIndex, bytes: number): void {
    assert(this.#count < this.#indexes.length, 'a full window takes no more messages');
    const tail = (this.#head + this.#count) % this.#indexes.length;
    this.#indexes[tail] = lastIndex;
    this.#sizes[tail] = bytes;
    this.#count += 1;
    this.#bytes += bytes;
  }

  /** Everything up to `index` was acknowledged. */
  freeTo(index: LogIndex): void {
    while (this.#count > 0 && (this.#indexes[this.#head] as number) <= index) {
      this.#bytes -= this.#sizes[this.#head] as number;
      this.#head = (this.#head + 1) % this.#indexes.length;
      this.#count -= 1;
    }
  }

  clear(): void {
    this.#head = 0;
    this.#count = 0;
    this.#bytes = 0;
  }
}
