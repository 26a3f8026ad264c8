import { assert } from './assert.ts';
import { WRITER_BYTES_INITIAL, WRITER_BYTES_MAX } from './limits.ts';
import { ProtocolError, ProtocolErrorCode } from './protocol-error.ts';
import { encodeUtf8 } from './utf8.ts';

const TWO_TO_32 = 0x1_0000_0000;

/**
 * Writes jute, ZooKeeper's serialisation, into one growing buffer that is used again after
 * `reset()`. Many frames may follow each other in it, each between `beginFrame` and `endFrame`.
 */
export class JuteWriter {
  private bytes: Uint8Array;
  private position = 0;

  private readonly bytesMax: number;

  /** @param bytesMax beyond which writing throws ProtocolError tooLong; what was written stays */
  constructor(bytesInitial: number = WRITER_BYTES_INITIAL, bytesMax: number = WRITER_BYTES_MAX) {
    assert(bytesInitial <= bytesMax && bytesMax <= WRITER_BYTES_MAX, 'a writer has a limit');
    this.bytesMax = bytesMax;
    this.bytes = new Uint8Array(bytesInitial);
  }

  /** Bytes written since the last reset; the position of the next one. */
  get length(): number {
    return this.position;
  }

  /** Bytes that can be written before the buffer grows. */
  get capacity(): number {
    return this.bytes.length;
  }

  /** Forgets what was written, keeps the buffer. */
  reset(): void {
    this.position = 0;
  }

  /** Forgets what was written from `length` on: an answer that turned out too large. */
  truncate(length: number): void {
    assert(length >= 0 && length <= this.position, 'truncate goes backwards');
    this.position = length;
  }

  /** What was written, not copied: valid until the next write or reset. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.position);
  }

  /** What was written, in memory of its own. */
  copy(): Uint8Array {
    return this.bytes.slice(0, this.position);
  }

  writeByte(value: number): void {
    this.reserve(1);
    this.bytes[this.position++] = value;
  }

  writeBool(value: boolean): void {
    this.writeByte(value ? 1 : 0);
  }

  /** Signed or unsigned, 4 bytes. */
  writeInt(value: number): void {
    this.reserve(4);
    this.putInt(this.position, value);
    this.position += 4;
  }

  /** Signed, 8 bytes; a safe integer. */
  writeLong(value: number): void {
    this.reserve(8);
    // Floor division keeps the low word non-negative, which is two's complement for negatives too.
    const high = Math.floor(value / TWO_TO_32);
    this.putInt(this.position, high);
    this.putInt(this.position + 4, value - high * TWO_TO_32);
    this.position += 8;
  }

  /** null is length -1. */
  writeBuffer(value: Uint8Array | null): void {
    if (value === null) {
      this.writeInt(-1);
      return;
    }
    this.writeInt(value.length);
    this.writeRaw(value);
  }

  /** null is length -1. */
  writeString(value: string | null): void {
    if (value === null) {
      this.writeInt(-1);
      return;
    }
    this.reserve(4 + value.length * 3);
    const start = this.position + 4;
    const end = encodeUtf8(value, this.bytes, start);
    this.putInt(this.position, end - start);
    this.position = end;
  }

  writeStrings(values: readonly string[]): void {
    this.writeInt(values.length);
    for (const value of values) this.writeString(value);
  }

  /** Bytes as they are, without a length. */
  writeRaw(value: Uint8Array): void {
    this.reserve(value.length);
    this.bytes.set(value, this.position);
    this.position += value.length;
  }

  /** Leaves room for a frame's length; returns what `endFrame` needs. */
  beginFrame(): number {
    const start = this.position;
    this.writeInt(0);
    return start;
  }

  /** Fills in the length of the frame that was begun at `start`, and returns it. */
  endFrame(start: number): number {
    const length = this.position - start - 4;
    assert(length >= 0, 'a frame ends behind its beginning');
    this.putInt(start, length);
    return length;
  }

  /** Overwrites 4 bytes that were written before: a count that is known only afterwards. */
  setInt(position: number, value: number): void {
    assert(position >= 0 && position + 4 <= this.position, 'setInt stays in what was written');
    this.putInt(position, value);
  }

  private putInt(at: number, value: number): void {
    const bytes = this.bytes;
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
  }

  private reserve(length: number): void {
    if (this.position + length > this.bytes.length) this.grow(length);
  }

  private grow(length: number): void {
    const needed = this.position + length;
    if (needed > this.bytesMax) {
      const message = `${needed} bytes are more than ${this.bytesMax}`;
      throw new ProtocolError(ProtocolErrorCode.tooLong, message);
    }
    const grown = new Uint8Array(Math.min(Math.max(needed, this.bytes.length * 2), this.bytesMax));
    grown.set(this.bytes.subarray(0, this.position));
    this.bytes = grown;
  }
}
