import { readUint32 } from '../command.ts';
import { LIMITS } from '../limits.ts';
import { FRAME_HEADER_BYTES } from '../wire/frame.ts';

/**
 * Cuts what comes over a socket into frames right where the kernel put it: one buffer, used again and again.
 * With a new one for every read, the service's whole heap was collected several times a second under load,
 * since memory outside the heap counts.
 */
export class ReusedInput {
  readonly #onBody: (body: Uint8Array) => void;
  #buffer = Buffer.allocUnsafeSlow(LIMITS.channelReadBytes);
  /** What has come and is no whole frame yet: [#start, #end). */
  #start = 0;
  #end = 0;

  /** @param onBody is handed the body of a frame, which is there only until it returns */
  constructor(onBody: (body: Uint8Array) => void) {
    this.#onBody = onBody;
  }

  /** Where the next bytes go: right behind what is there, with room for the rest of the frame. */
  room(): Uint8Array {
    const size = Math.max(this.#frameBytes(), LIMITS.channelReadBytes);
    const isEmpty = this.#start === this.#end;
    if (isEmpty) this.#start = this.#end = 0;
    if (isEmpty && this.#buffer.length > LIMITS.channelKeptBytesMax) this.#moveTo(size);
    else if (this.#buffer.length - this.#start < size) this.#moveTo(size);
    return this.#buffer.subarray(this.#end);
  }

  /** So many bytes have come where `room` said. */
  onRead(bytes: number): void {
    this.#end += bytes;
    for (let size = this.#frameBytes(); size > 0; size = this.#frameBytes()) {
      if (this.#end - this.#start < size) return;
      const from = this.#start;
      this.#start += size;
      this.#onBody(this.#buffer.subarray(from + FRAME_HEADER_BYTES, from + size));
    }
  }

  /** Of the first frame; 0 while not even its header is there. */
  #frameBytes(): number {
    if (this.#end - this.#start < FRAME_HEADER_BYTES) return 0;
    return FRAME_HEADER_BYTES + readUint32(this.#buffer, this.#start);
  }

  /** To the beginning of the buffer, or of one of `size` bytes if that is too small, or much too large. */
  #moveTo(size: number): void {
    const rest = this.#buffer.subarray(this.#start, this.#end);
    const fits = this.#buffer.length >= size && this.#buffer.length <= LIMITS.channelKeptBytesMax;
    const target = fits ? this.#buffer : Buffer.allocUnsafeSlow(size + LIMITS.channelReadBytes);
    target.set(rest);
    this.#buffer = target;
    this.#start = 0;
    this.#end = rest.length;
  }
}
