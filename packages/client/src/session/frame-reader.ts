import { ClientError } from '../errors.ts';

const LENGTH_BYTES = 4;
const NO_BYTES = new Uint8Array(0);

/** Cuts a stream of bytes into frames: a length of 4 bytes, then so many bytes. */
export class FrameReader {
  readonly #frameBytesMax: number;
  /** The beginning of a frame whose rest has not come: [0, #filled) are there. */
  #partial: Uint8Array = NO_BYTES;
  #filled = 0;

  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax;
  }

  /**
   * Hands out each frame that is complete now, as a range of bytes that stay valid until `onFrame`
   * returns. Throws `protocolViolation` for a length that cannot be.
   */
  push(chunk: Uint8Array, onFrame: (bytes: Uint8Array, start: number, end: number) => void): void {
    let at = this.#filled === 0 ? 0 : this.#complete(chunk, onFrame);
    while (chunk.length - at >= LENGTH_BYTES) {
      const end = at + LENGTH_BYTES + this.#lengthAt(chunk, at);
      if (end > chunk.length) break;
      onFrame(chunk, at + LENGTH_BYTES, end);
      at = end;
    }
    if (at < chunk.length) this.#keep(chunk, at);
  }

  /** Fills up the partial frame; returns how much of the chunk that took. */
  #complete(
    chunk: Uint8Array,
    onFrame: (bytes: Uint8Array, start: number, end: number) => void,
  ): number {
    let used = 0;
    if (this.#filled < LENGTH_BYTES) {
      used = this.#fill(chunk, 0, LENGTH_BYTES);
      if (this.#filled < LENGTH_BYTES) return used;
      this.#grow(LENGTH_BYTES + this.#lengthAt(this.#partial, 0));
    }
    const total = LENGTH_BYTES + this.#lengthAt(this.#partial, 0);
    used += this.#fill(chunk, used, total);
    if (this.#filled < total) return used;
    const frame = this.#partial;
    this.#partial = NO_BYTES;
    this.#filled = 0;
    onFrame(frame, LENGTH_BYTES, total);
    return used;
  }

  #fill(chunk: Uint8Array, from: number, until: number): number {
    const count = Math.min(until - this.#filled, chunk.length - from);
    this.#partial.set(chunk.subarray(from, from + count), this.#filled);
    this.#filled += count;
    return count;
  }

  #keep(chunk: Uint8Array, at: number): void {
    const isLengthKnown = chunk.length - at >= LENGTH_BYTES;
    this.#grow(isLengthKnown ? LENGTH_BYTES + this.#lengthAt(chunk, at) : LENGTH_BYTES);
    this.#fill(chunk, at, this.#partial.length);
  }

  #grow(length: number): void {
    const grown = new Uint8Array(length);
    grown.set(this.#partial.subarray(0, this.#filled));
    this.#partial = grown;
  }

  #lengthAt(bytes: Uint8Array, at: number): number {
    const length =
      (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    if (length >= 0 && length <= this.#frameBytesMax) return length;
    const message = `a reply of ${length} bytes, where ${this.#frameBytesMax} are allowed`;
    throw new ClientError('protocolViolation', { message });
  }
}
