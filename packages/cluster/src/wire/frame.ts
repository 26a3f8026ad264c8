/*
 * A frame between peers:  length u32 | crc32 u32 | body
 *
 * The length is that of the body; the checksum is over the body. A frame whose checksum is wrong
 * ends the connection: TCP's own checksum is too weak to be the only guard of a replicated log.
 */
import { crc32 } from 'node:zlib';
import { readUint32 } from '../command.ts';
import { ClusterError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { ByteWriter } from './bytes.ts';

export const FRAME_HEADER_BYTES = 8;

/** Appends a frame whose body is what `writeBody` writes. */
export function writeFrame(
  writer: ByteWriter,
  writeBody: (writer: ByteWriter) => void,
  isChecked = true,
): void {
  const frame = beginFrame(writer);
  writeBody(writer);
  endFrame(writer, frame, isChecked);
}

/** Begins a frame: its body is written next. Returns what `endFrame` has to be told. */
export function beginFrame(writer: ByteWriter): number {
  const lengthAt = writer.skipU32();
  writer.skipU32();
  return lengthAt;
}

/**
 * The body is written: what could not be known before is filled in.
 *
 * @param isChecked whether the frame has a checksum, which one that leaves the machine must have
 */
export function endFrame(writer: ByteWriter, lengthAt: number, isChecked = true): void {
  const bodyAt = lengthAt + FRAME_HEADER_BYTES;
  writer.setU32(lengthAt, writer.length - bodyAt);
  if (isChecked) writer.setU32(lengthAt + 4, crc32(writer.view(bodyAt)));
}

/**
 * Cuts a byte stream into frames. A frame that lies within one chunk is not copied; one that is spread
 * over several is put together once, in a buffer of its own.
 */
export class FrameSplitter {
  readonly #onBody: (body: Uint8Array) => void;
  /** A frame, or only its header, of which the first #partialBytes have come. */
  #partial: Uint8Array | undefined;
  #partialBytes = 0;
  /** Of the body of a frame; a stranger is allowed less. */
  bytesMax: number = LIMITS.peerFrameBytesMax;
  /** Frames have checksums. */
  isChecked = true;

  constructor(onBody: (body: Uint8Array) => void) {
    this.#onBody = onBody;
  }

  /** @throws ClusterError PEER_PROTOCOL for a frame that is too long or whose checksum is wrong. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (this.#partial !== undefined && at < chunk.length) at = this.#complete(chunk, at);
    if (this.#partial === undefined) this.#split(chunk, at);
  }

  #split(chunk: Uint8Array, from: number): void {
    let at = from;
    while (chunk.length - at >= FRAME_HEADER_BYTES) {
      const size = this.#sizeAt(chunk, at);
      if (size > chunk.length - at) return this.#begin(chunk, at, size);
      this.#take(chunk.subarray(at, at + size));
      at += size;
    }
    if (at < chunk.length) this.#begin(chunk, at, FRAME_HEADER_BYTES);
  }

  #begin(chunk: Uint8Array, at: number, size: number): void {
    this.#partial = Buffer.allocUnsafeSlow(size);
    this.#partial.set(chunk.subarray(at));
    this.#partialBytes = chunk.length - at;
  }

  /** Takes what belongs to the frame whose beginning is here; returns where that ends. */
  #complete(chunk: Uint8Array, from: number): number {
    const partial = this.#partial as Uint8Array;
    const end = Math.min(chunk.length, from + partial.length - this.#partialBytes);
    partial.set(chunk.subarray(from, end), this.#partialBytes);
    this.#partialBytes += end - from;
    if (this.#partialBytes < partial.length) return end;
    const size = this.#sizeAt(partial, 0);
    this.#partial = undefined;
    if (size === partial.length) this.#take(partial);
    else this.#begin(partial, 0, size);
    return end;
  }

  #sizeAt(bytes: Uint8Array, at: number): number {
    const length = readUint32(bytes, at);
    if (length <= this.bytesMax) return FRAME_HEADER_BYTES + length;
    throw new ClusterError('PEER_PROTOCOL', `a frame of ${length} bytes is too long`);
  }

  #take(frame: Uint8Array): void {
    const body = frame.subarray(FRAME_HEADER_BYTES);
    if (this.isChecked && crc32(body) !== readUint32(frame, 4)) {
      throw new ClusterError('PEER_PROTOCOL', 'the checksum of a frame is wrong');
    }
    this.#onBody(body);
  }
}
