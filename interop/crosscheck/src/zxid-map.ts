/** Says which zxid of one system is which of the other's: the same changes in the same order. */
export class ZxidMap {
  readonly #ours: number[] = [];
  readonly #theirs: number[] = [];

  /** Changes that are known. */
  get size(): number {
    return this.#ours.length;
  }

  /**
   * Whether both may name the same change: they are known as a pair, or both are new and lie
   * between the same known changes. Then they are a pair from here on. 0 and -1 are themselves.
   */
  matches(ours: number, theirs: number): boolean {
    if (ours <= 0 || theirs <= 0) return ours === theirs;
    const at = countUpTo(this.#ours, ours);
    if (this.#ours[at - 1] === ours) return this.#theirs[at - 1] === theirs;
    if (countUpTo(this.#theirs, theirs) !== at || this.#theirs[at - 1] === theirs) return false;
    this.#ours.splice(at, 0, ours);
    this.#theirs.splice(at, 0, theirs);
    return true;
  }

  /** Whether both lie behind the same newest known change. Teaches nothing. */
  isSameEpoch(ours: number, theirs: number): boolean {
    if (ours <= 0 || theirs <= 0) return ours === theirs;
    return countUpTo(this.#ours, ours) === countUpTo(this.#theirs, theirs);
  }

  /** Whether ours has seen a known change that theirs has not. */
  isTheirsOlder(ours: number, theirs: number): boolean {
    return countUpTo(this.#ours, ours) > countUpTo(this.#theirs, theirs);
  }

  /** For a report: the newest known change that either has seen, as `ours = theirs`. */
  newestUpTo(ours: number, theirs: number): readonly [string, string] {
    const pair = (at: number) => `has seen ${this.#ours[at - 1]} = ${this.#theirs[at - 1]}`;
    return [pair(countUpTo(this.#ours, ours)), pair(countUpTo(this.#theirs, theirs))];
  }

  /** The pair so many changes ago; zeros for a negative number or one too large. */
  pairAgo(back: number): readonly [number, number] {
    const at = this.#ours.length - 1 - back;
    return back < 0 || at < 0 ? [0, 0] : [this.#ours[at]!, this.#theirs[at]!];
  }
}

/** How many of the ascending values are at most `limit`. */
function countUpTo(values: readonly number[], limit: number): number {
  let from = 0;
  let to = values.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (values[middle]! <= limit) from = middle + 1;
    else to = middle;
  }
  return from;
}
