import { readFloat64, readUint32, writeFloat64, writeUint32 } from '../command.ts';
import { ClusterError } from '../errors.ts';

const INITIAL_BYTES = 64 * 1024;
const decoder = new TextDecoder('utf-8', { fatal: false });
const encoder = new TextEncoder();

/** Appends big-endian values to a buffer that grows and is used again. */
export class ByteWriter {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Bytes that it holds without growing. */
  get capacity(): number {
    return this.#bytes.length;
  }

  reset(): void {
    this.#length = 0;
  }

  /** What was written, as a view that the next reset invalidates. */
  view(from = 0): Uint8Array {
    return this.#bytes.subarray(from, this.#length);
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  u32(value: number): void {
    this.#reserve(4);
    writeUint32(this.#bytes, this.#length, value);
    this.#length += 4;
  }

  f64(value: number): void {
    this.#reserve(8);
    writeFloat64(this.#bytes, this.#length, value);
    this.#length += 8;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  bytes(bytes: Uint8Array): void {
    this.u32(bytes.length);
    this.raw(bytes);
  }

  text(text: string): void {
    this.bytes(encoder.encode(text));
  }

  /** Leaves room for a u32 that is known later; returns where. */
  skipU32(): number {
    this.#reserve(4);
    this.#length += 4;
    return this.#length - 4;
  }

  setU32(at: number, value: number): void {
    writeUint32(this.#bytes, at, value);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/**
 * Reads what ByteWriter wrote. Reading past the end throws a ClusterError with code PEER_PROTOCOL:
 * what a peer sends is never trusted.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#bytes[this.#take(1)] ?? 0;
  }

  u32(): number {
    return readUint32(this.#bytes, this.#take(4));
  }

  /** A whole number that can be a term or an index. */
  count(): number {
    const value = this.f64();
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw new ClusterError('PEER_PROTOCOL', `a frame holds ${value} where a count belongs`);
  }

  f64(): number {
    return readFloat64(this.#bytes, this.#take(8));
  }

  /** A view into the frame. */
  bytes(): Uint8Array {
    return this.raw(this.u32());
  }

  raw(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  text(): string {
    return decoder.decode(this.bytes());
  }

  #take(count: number): number {
    const at = this.#at;
    if (at + count > this.#bytes.length) {
      throw new ClusterError('PEER_PROTOCOL', `a frame ends ${count} bytes too early`);
    }
    this.#at = at + count;
    return at;
  }
}
