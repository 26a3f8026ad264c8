import { FrameReader } from '../../src/server/frame-reader.ts';
import { FuzzFailure } from './fuzz-failure.ts';
import type { Random } from './random.ts';

const FRAME_BYTES_MAX = 500;
const LENGTHS = [0, 1, 4, 7, 20, 100, FRAME_BYTES_MAX, FRAME_BYTES_MAX + 1, -1, 0x7fff_ffff];

/** What a stream consists of: frames, up to a length that is none. */
interface Split {
  readonly frames: readonly string[];
  readonly badLength: number | undefined;
}

/** A stream of frames and of lengths that lie. */
function streamOf(random: Random): Buffer {
  const parts: Uint8Array[] = [];
  for (let i = random.below(12); i >= 0; i--) {
    const length = random.oneIn(12) ? random.pick(LENGTHS) : random.below(60);
    const header = Buffer.alloc(4);
    header.writeInt32BE(length);
    parts.push(header, random.bytes(Math.min(Math.max(length, 0), 600)));
  }
  return Buffer.concat(parts);
}

/** The same in the simplest way there is. */
function splitSimply(stream: Buffer): Split {
  const frames: string[] = [];
  let at = 0;
  while (at + 4 <= stream.length) {
    const length = stream.readInt32BE(at);
    if (length < 0 || length > FRAME_BYTES_MAX) return { frames, badLength: length };
    if (at + 4 + length > stream.length) break;
    frames.push(stream.toString('hex', at + 4, at + 4 + length));
    at += 4 + length;
  }
  return { frames, badLength: undefined };
}

/** In chunks of any size, with a consumer that stops now and then. */
function splitInChunks(stream: Buffer, random: Random): Split {
  const frames: string[] = [];
  let badLength: number | undefined;
  const sink = {
    isHolding: false,
    onFrame(bytes: Buffer, start: number, end: number): void {
      frames.push(bytes.toString('hex', start, end));
      sink.isHolding = random.oneIn(4);
    },
    onBadLength(length: number): void {
      badLength = length;
    },
  };
  const reader = new FrameReader(FRAME_BYTES_MAX, sink);
  const resume = (): void => {
    sink.isHolding = false;
    reader.resume();
  };
  for (let at = 0; at < stream.length;) {
    const size = 1 + random.below(random.oneIn(2) ? 6 : 200);
    reader.feed(Buffer.from(stream.subarray(at, at + size)));
    at += size;
    if (random.oneIn(2)) resume();
  }
  while (sink.isHolding) resume();
  return { frames, badLength };
}

/** @throws FuzzFailure when the server's frame reader finds other frames than are there */
export function checkFraming(random: Random): void {
  const stream = streamOf(random);
  const simple = JSON.stringify(splitSimply(stream));
  const chunked = JSON.stringify(splitInChunks(stream, random));
  if (simple !== chunked) {
    throw new FuzzFailure(`frames are read as ${chunked}\n  instead of ${simple}`, stream);
  }
}
