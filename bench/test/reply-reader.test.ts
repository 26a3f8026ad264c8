import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReplyReader } from '../src/reply-reader.ts';

interface Reply {
  readonly error: number;
  readonly bodyBytes: number;
}

const replies = fc.array(
  fc.record({
    error: fc.constantFrom(0, -101, -110),
    bodyBytes: fc.nat(200),
  }),
);

function encode({ error, bodyBytes }: Reply): Buffer {
  const frame = Buffer.alloc(20 + bodyBytes, 0xff);
  frame.writeInt32BE(16 + bodyBytes, 0);
  frame.writeInt32BE(error, 16);
  return frame;
}

/** Cuts `bytes` into pieces of the given sizes, used in turn. */
function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i += 1) {
    const size = sizes[i % sizes.length]!;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

describe('ReplyReader', () => {
  it('sees the same replies however the stream is cut into chunks', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 });
    fc.assert(
      fc.property(replies, sizes, (sent, chunkSizes) => {
        const seen: Reply[] = [];
        const reader = new ReplyReader((error, bytes) =>
          seen.push({ error, bodyBytes: bytes - 16 }),
        );
        cut(Buffer.concat(sent.map(encode)), chunkSizes).forEach((chunk) => reader.feed(chunk));
        expect(seen).toEqual(sent);
      }),
    );
  });

  it('says that a reply has come only when all of it has', () => {
    let seen = 0;
    const reader = new ReplyReader(() => (seen += 1));
    const frame = encode({ error: 0, bodyBytes: 10 });
    reader.feed(frame.subarray(0, frame.length - 1));
    expect(seen).toBe(0);
    reader.feed(frame.subarray(frame.length - 1));
    expect(seen).toBe(1);
  });
});
