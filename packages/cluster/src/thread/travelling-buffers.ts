import { LIMITS } from '../limits.ts';

/**
 * Buffers that go to the other thread with what is in them, and come back empty. Memory outside the
 * heap counts for the collector: with a new buffer for every batch, a loaded node collected its whole
 * heap several times a second, on both threads.
 *
 * Small batches get a buffer of their own: bringing that back would cost more.
 */
export class TravellingBuffers {
  readonly #kept: ArrayBuffer[][] = [];
  #keptBytes = 0;

  /** Bytes that are here, ready to be used again. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** `size` bytes at the beginning of a buffer; what is in them is of no meaning. */
  take(size: number): Uint8Array {
    if (size <= LIMITS.travellingBytesMin) return Buffer.allocUnsafeSlow(size);
    const power = powerFrom(size);
    const kept = this.#kept[power]?.pop();
    if (kept === undefined) return Buffer.allocUnsafeSlow(2 ** power).subarray(0, size);
    this.#keptBytes -= kept.byteLength;
    return new Uint8Array(kept, 0, size);
  }

  /** They are back, and of no use to the other side any more. */
  giveBack(buffers: readonly ArrayBuffer[]): void {
    for (const buffer of buffers) {
      if (this.#keptBytes + buffer.byteLength > LIMITS.travellingBytesKept) continue;
      const kept = (this.#kept[powerWithin(buffer.byteLength)] ??= []);
      kept.push(buffer);
      this.#keptBytes += buffer.byteLength;
    }
  }
}

/** Whether a buffer is of those that come back. */
export function isTravelling(buffer: ArrayBufferLike): buffer is ArrayBuffer {
  return buffer.byteLength > LIMITS.travellingBytesMin;
}

/** The least power of two that holds `size`, so that a buffer fits many batches. */
const powerFrom = (size: number): number => 32 - Math.clz32(size - 1);
/** The greatest one within `size`. */
const powerWithin = (size: number): number => 31 - Math.clz32(size);
