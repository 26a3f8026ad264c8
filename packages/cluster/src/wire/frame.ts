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

const FRAME_HEADER_BYTES = 8;

/** Appends a frame whose body is what `writeBody` writes. */
export function writeFrame(writer: ByteWriter, writeBody: (writer: ByteWriter) => void): void {
  const lengthAt = writer.skipU32();
  const crcAt = writer.skipU32();
  const bodyAt = writer.length;
  writeBody(writer);
  writer.setU32(lengthAt, writer.length - bodyAt);
  writer.setU32(crcAt, crc32(writer.view(bodyAt)));
}

/** Cuts a byte stream into frames. A frame that lies within one chunk is not copied. */
export class FrameSplitter {
  readonly #onBody: (body: Uint8Array) => void;
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #neededBytes = FRAME_HEADER_BYTES;
  /** Of the body of a frame; a stranger is allowed less. */
  bytesMax: number = LIMITS.peerFrameBytesMax;

  constructor(onBody: (body: Uint8Array) => void) {
    this.#onBody = onBody;
  }

  /** @throws ClusterError PEER_PROTOCOL for a frame that is too long or whose checksum is wrong. */
  push(chunk: Uint8Array): void {
    this.#parts.push(chunk);
    this.#partBytes += chunk.length;
    if (this.#partBytes < this.#neededBytes) return;
    const bytes = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts, this.#partBytes);
    const used = this.#split(bytes);
    this.#parts = used < bytes.length ? [bytes.subarray(used)] : [];
    this.#partBytes = bytes.length - used;
  }

  #split(bytes: Uint8Array): number {
    let at = 0;
    while (bytes.length - at >= FRAME_HEADER_BYTES) {
      const length = readUint32(bytes, at);
      if (length > this.bytesMax) {
        throw new ClusterError('PEER_PROTOCOL', `a frame of ${length} bytes is too long`);
      }
      const end = at + FRAME_HEADER_BYTES + length;
      if (end > bytes.length) {
        this.#neededBytes = end - at;
        return at;
      }
      const body = bytes.subarray(at + FRAME_HEADER_BYTES, end);
      if (crc32(body) !== readUint32(bytes, at + 4)) {
        throw new ClusterError('PEER_PROTOCOL', 'the checksum of a frame is wrong');
      }
      this.#onBody(body);
      at = end;
    }
    this.#neededBytes = FRAME_HEADER_BYTES;
    return at;
  }
}
