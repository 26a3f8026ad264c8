import { ProtocolError } from './protocol-error.ts';
import { decodeUtf8 } from './utf8.ts';

const TWO_TO_32 = 0x1_0000_0000;
const NO_BYTES = new Uint8Array(0);

/**
 * Reads jute, ZooKeeper's serialisation, from a part of a byte array: big-endian, strings and
 * buffers with a length before them, -1 for null. Every read is checked against the limit and
 * throws ProtocolError rather than read beyond it; nothing is allocated by a length that has not
 * been checked. A reader can be pointed at other bytes and used again.
 */
export class JuteReader {
  private bytes: Uint8Array;
  private position: number;
  private end: number;

  /** Reads bytes[offset..limit). */
  constructor(bytes: Uint8Array = NO_BYTES, offset = 0, limit = bytes.length) {
    this.bytes = bytes;
    this.position = offset;
    this.end = limit;
    this.checkRange();
  }

  /** Points the reader at bytes[offset..limit) and returns it. */
  reset(bytes: Uint8Array, offset = 0, limit = bytes.length): this {
    this.bytes = bytes;
    this.position = offset;
    this.end = limit;
    this.checkRange();
    return this;
  }

  private checkRange(): void {
    const isInside = this.position >= 0 && this.position <= this.end;
    if (!isInside || this.end > this.bytes.length) throw new RangeError('reader out of its bytes');
  }

  /** Where the next read begins, in the underlying bytes. */
  get offset(): number {
    return this.position;
  }

  /** Bytes that are left. */
  get remaining(): number {
    return this.end - this.position;
  }

  readByte(): number {
    return this.bytes[this.take(1)]!;
  }

  /** As Java reads it: everything but 0 is true. */
  readBool(): boolean {
    return this.bytes[this.take(1)] !== 0;
  }

  /** Signed, 4 bytes. */
  readInt(): number {
    const at = this.take(4);
    const bytes = this.bytes;
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }

  /**
   * Signed, 8 bytes. Exact within +-2^53; a larger one (a session id that Apache ZooKeeper made)
   * becomes the nearest number, so read it with `readRaw(8)` where every bit counts.
   */
  readLong(): number {
    const high = this.readInt();
    const low = this.readInt() >>> 0;
    return high * TWO_TO_32 + low;
  }

  /** A view of the bytes, not a copy; null for length -1. */
  readBuffer(): Uint8Array | null {
    const length = this.readInt();
    if (length === -1) return null;
    const at = this.takeCounted(length);
    return this.bytes.subarray(at, at + length);
  }

  /** null for length -1. */
  readString(): string | null {
    const length = this.readInt();
    if (length === -1) return null;
    const at = this.takeCounted(length);
    return decodeUtf8(this.bytes, at, at + length);
  }

  /** A string that may not be null. */
  readPresentString(): string {
    const text = this.readString();
    if (text === null) throw new ProtocolError('missingString', 'a string is null');
    return text;
  }

  /** `length` bytes as they are, without a length before them; a view, not a copy. */
  readRaw(length: number): Uint8Array {
    const at = this.takeCounted(length);
    return this.bytes.subarray(at, at + length);
  }

  /**
   * The count of a vector, -1 for null. Each element takes at least `elementBytesMin` bytes, so
   * that a count which the rest cannot hold is refused here. Any other negative count is that of
   * an empty vector, as for ZooKeeper's own reader (BinaryInputArchive.BinaryIndex.done).
   */
  readVectorLength(elementBytesMin: number): number {
    const count = this.readInt();
    if (count * elementBytesMin > this.remaining) {
      throw new ProtocolError('badLength', `a vector of ${count} in ${this.remaining} bytes`);
    }
    return count < -1 ? 0 : count;
  }

  /** A vector of strings. ZooKeeper cannot do anything with null where one is expected. */
  readStrings(): string[] {
    const count = this.readVectorLength(4);
    if (count === -1) throw new ProtocolError('badLength', 'null in place of a vector');
    const strings: string[] = [];
    for (let i = 0; i < count; i++) strings.push(this.readPresentString());
    return strings;
  }

  /** Passes over `expected` when exactly these bytes come next. */
  skipIfNext(expected: Uint8Array): boolean {
    const length = expected.length;
    if (this.remaining < length) return false;
    for (let i = 0; i < length; i++) {
      if (this.bytes[this.position + i] !== expected[i]) return false;
    }
    this.position += length;
    return true;
  }

  /** Advances by `length`, a constant >= 0, and returns where it started. */
  private take(length: number): number {
    const at = this.position;
    if (at + length > this.end) {
      throw new ProtocolError('truncated', `${length} bytes wanted, ${this.end - at} left`);
    }
    this.position = at + length;
    return at;
  }

  /** The same for a length that came over the wire. */
  private takeCounted(length: number): number {
    if (length < 0 || length > this.end - this.position) {
      throw new ProtocolError('badLength', `length ${length} with ${this.remaining} bytes left`);
    }
    return this.take(length);
  }
}
