import { assert } from './assert.ts';

const LENGTH_BYTES = 4;

/** Takes the frames that a `FrameReader` finds. */
export interface FrameSink {
  /** The content of a frame is bytes[start..end); the bytes stay as they are after the call. */
  onFrame(bytes: Buffer, start: number, end: number): void;
  /**
   * The four bytes that should be a length are none; nothing of the stream is read after that.
   * `rest` is what came behind them in the same chunk.
   */
  onBadLength(length: number, rest: Buffer): void;
  /** Frames that are already here stay in the reader while it is true. */
  readonly isHolding: boolean;
}

/**
 * Finds the frames (a 32-bit length, then that many bytes) in a stream of chunks. A frame that lies
 * within its chunk is passed on in place; only one that is spread over several is copied together.
 */
export class FrameReader {
  #bytesMax: number;
  readonly #sink: FrameSink;
  /** The beginning of a frame whose end is still to come, and how much of it is here. */
  #partial: Buffer | undefined;
  #partialLength = 0;
  /** What came after the sink began to hold; empty otherwise. */
  #held: Buffer | undefined;
  #isBroken = false;

  /** @param bytesMax of the content of a frame */
  constructor(bytesMax: number, sink: FrameSink) {
    this.#bytesMax = bytesMax;
    this.#sink = sink;
  }

  /** Of the frames whose length was not read yet. */
  allow(bytesMax: number): void {
    this.#bytesMax = bytesMax;
  }

  /** The chunk must not change afterwards. */
  feed(chunk: Buffer): void {
    if (this.#held !== undefined || this.#sink.isHolding) {
      this.#held = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk]);
      return;
    }
    const at = this.#partial === undefined ? 0 : this.#completePartial(chunk);
    this.#readFrames(chunk, at);
  }

  /** Goes on with what was held, until the sink holds again. */
  resume(): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    this.feed(held);
  }

  #readFrames(chunk: Buffer, from: number): void {
    let at = from;
    while (!this.#isBroken && !this.#sink.isHolding) {
      if (chunk.length - at < LENGTH_BYTES) return this.#startPartial(chunk, at, LENGTH_BYTES);
      const length = lengthAt(chunk, at);
      if (!this.#checkLength(length, chunk, at + LENGTH_BYTES)) return;
      const start = at + LENGTH_BYTES;
      const end = start + length;
      if (end > chunk.length) return this.#startPartial(chunk, at, LENGTH_BYTES + length);
      this.#sink.onFrame(chunk, start, end);
      at = end;
    }
    if (!this.#isBroken && at < chunk.length) this.#held = chunk.subarray(at);
  }

  #startPartial(chunk: Buffer, at: number, size: number): void {
    if (at === chunk.length) return;
    this.#partial = Buffer.allocUnsafeSlow(size);
    this.#partialLength = chunk.copy(this.#partial, 0, at);
  }

  /** Returns how much of the chunk belonged to the frame whose beginning was here before. */
  #completePartial(chunk: Buffer): number {
    let at = this.#fillPartial(chunk, 0);
    if (this.#partialLength === LENGTH_BYTES && this.#partial?.length === LENGTH_BYTES) {
      const length = lengthAt(this.#partial, 0);
      if (!this.#checkLength(length, chunk, at)) return at;
      this.#growPartial(LENGTH_BYTES + length);
      at = this.#fillPartial(chunk, at);
    }
    const partial = this.#partial;
    assert(partial !== undefined, 'a frame is being completed');
    if (this.#partialLength < partial.length || partial.length < LENGTH_BYTES) return at;
    this.#partial = undefined;
    this.#sink.onFrame(partial, LENGTH_BYTES, partial.length);
    return at;
  }

  #growPartial(size: number): void {
    const grown = Buffer.allocUnsafeSlow(size);
    this.#partial?.copy(grown, 0, 0, this.#partialLength);
    this.#partial = grown;
  }

  #fillPartial(chunk: Buffer, at: number): number {
    const partial = this.#partial;
    assert(partial !== undefined, 'a frame is being completed');
    const copied = chunk.copy(partial, this.#partialLength, at);
    this.#partialLength += copied;
    return at + copied;
  }

  #checkLength(length: number, chunk: Buffer, restAt: number): boolean {
    if (length >= 0 && length <= this.#bytesMax) return true;
    this.#isBroken = true;
    this.#sink.onBadLength(length, chunk.subarray(restAt));
    return false;
  }
}

function lengthAt(bytes: Buffer, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
