/** Smallest, largest, mean and sum of what was measured; 0 where nothing was, as in ZooKeeper. */
export class Summary {
  #min = Infinity;
  #max = 0;
  #sum = 0;
  #count = 0;

  /** `count` measurements of the same value. */
  add(value: number, count = 1): void {
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    this.#sum += value * count;
    this.#count += count;
  }

  reset(): void {
    this.#min = Infinity;
    this.#max = 0;
    this.#sum = 0;
    this.#count = 0;
  }

  get min(): number {
    return this.#count === 0 ? 0 : this.#min;
  }
  get max(): number {
    return this.#max;
  }
  get sum(): number {
    return this.#sum;
  }
  get count(): number {
    return this.#count;
  }
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }
}

/** Sizes of messages in bytes; -1 before the first, as in ZooKeeper. */
export class SizeStats {
  last = -1;
  min = -1;
  max = -1;

  add(bytes: number): void {
    this.last = bytes;
    if (bytes > this.max) this.max = bytes;
    if (bytes < this.min || this.min < 0) this.min = bytes;
  }

  reset(): void {
    this.last = -1;
    this.min = -1;
    this.max = -1;
  }
}
