import type { DigestValue } from './digest.ts';
import { DIGEST_EVERY, DIGESTS_KEPT } from './limits.ts';

/** A digest and the log index at which the state had it. */
export interface Checkpoint extends DigestValue {
  readonly index: number;
}

/** The digests at every index that DIGEST_EVERY divides, the newest DIGESTS_KEPT of them. */
export class DigestHistory {
  private readonly indexes = new Float64Array(DIGESTS_KEPT).fill(-1);
  private readonly a = new Int32Array(DIGESTS_KEPT);
  private readonly b = new Int32Array(DIGESTS_KEPT);

  /** The next command is about to be applied to what is the state of `index`. */
  onLeft(index: number, digest: DigestValue): void {
    if (index % DIGEST_EVERY !== 0) return;
    const slot = slotOf(index);
    this.indexes[slot] = index;
    this.a[slot] = digest.a;
    this.b[slot] = digest.b;
  }

  /** undefined when it was not kept, or not for so long. */
  at(index: number): DigestValue | undefined {
    const slot = slotOf(index);
    if (index % DIGEST_EVERY !== 0 || this.indexes[slot] !== index) return undefined;
    return { a: this.a[slot]!, b: this.b[slot]! };
  }

  /** Those behind `index` and not behind `last`, oldest first; the newest `count` when there are more. */
  behind(index: number, last: number, count: number): Checkpoint[] {
    const newest = last - (last % DIGEST_EVERY);
    const oldest = Math.max(index + 1, newest - (count - 1) * DIGEST_EVERY);
    const found: Checkpoint[] = [];
    for (let at = newest; at >= oldest; at -= DIGEST_EVERY) {
      const digest = this.at(at);
      if (digest !== undefined) found.unshift({ index: at, ...digest });
    }
    return found;
  }

  /** The state is replaced: what it was before says nothing about it. */
  clear(): void {
    this.indexes.fill(-1);
  }
}

function slotOf(index: number): number {
  return Math.floor(index / DIGEST_EVERY) % DIGESTS_KEPT;
}
