import { assert } from './assert.ts';
import { REPLY_HEADER_BYTES } from './wire.ts';

/** Called once all of a reply is there: its error code, and its length without the length field. */
export type OnReply = (error: number, bytes: number) => void;

const LENGTH_BYTES = 4;
const ERROR_OFFSET = 16;

/**
 * Cuts what a server sends into replies and looks at nothing but their headers: the body is counted
 * and passed over, never copied. The answer to a connect request, which has no header, counts as a
 * reply too: its first 20 bytes end with the low half of the session id, 0 when it was refused.
 */
export class ReplyReader {
  readonly #onReply: OnReply;
  readonly #header = Buffer.alloc(REPLY_HEADER_BYTES);
  #headerBytes = 0;
  #bodyBytesLeft = 0;

  constructor(onReply: OnReply) {
    this.#onReply = onReply;
  }

  feed(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      at = this.#isBetweenReplies() ? this.#takeWhole(chunk, at) : this.#takePart(chunk, at);
    }
  }

  #isBetweenReplies(): boolean {
    return this.#headerBytes === 0;
  }

  /** The usual case: replies that lie in one chunk from end to end. */
  #takeWhole(chunk: Buffer, start: number): number {
    let at = start;
    while (chunk.length - at >= REPLY_HEADER_BYTES) {
      const end = at + LENGTH_BYTES + chunk.readInt32BE(at);
      assert(end >= at + REPLY_HEADER_BYTES, 'a reply is at least as long as its header');
      if (end > chunk.length) break;
      this.#onReply(chunk.readInt32BE(at + ERROR_OFFSET), end - at - LENGTH_BYTES);
      at = end;
    }
    return at < chunk.length ? this.#takePart(chunk, at) : at;
  }

  #takePart(chunk: Buffer, start: number): number {
    const end = this.#headerBytes < REPLY_HEADER_BYTES ? this.#takeHeader(chunk, start) : start;
    if (this.#headerBytes < REPLY_HEADER_BYTES) return end;
    const bodyBytes = Math.min(this.#bodyBytesLeft, chunk.length - end);
    this.#bodyBytesLeft -= bodyBytes;
    if (this.#bodyBytesLeft === 0) this.#finish();
    return end + bodyBytes;
  }

  #takeHeader(chunk: Buffer, start: number): number {
    const wanted = Math.min(REPLY_HEADER_BYTES - this.#headerBytes, chunk.length - start);
    chunk.copy(this.#header, this.#headerBytes, start, start + wanted);
    this.#headerBytes += wanted;
    if (this.#headerBytes === REPLY_HEADER_BYTES) {
      this.#bodyBytesLeft = this.#header.readInt32BE(0) + LENGTH_BYTES - REPLY_HEADER_BYTES;
      assert(this.#bodyBytesLeft >= 0, 'a reply is at least as long as its header');
    }
    return start + wanted;
  }

  #finish(): void {
    this.#headerBytes = 0;
    this.#onReply(this.#header.readInt32BE(ERROR_OFFSET), this.#header.readInt32BE(0));
  }
}
