import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader, type FrameSink } from '../../src/server/frame-reader.ts';

class Collector implements FrameSink {
  readonly frames: string[] = [];
  readonly badLengths: number[] = [];
  isHolding = false;
  /** Holds after every frame. */
  holdsEach = false;

  onFrame(bytes: Buffer, start: number, end: number): void {
    this.frames.push(bytes.toString('latin1', start, end));
    if (this.holdsEach) this.isHolding = true;
  }
  onBadLength(length: number): void {
    this.badLengths.push(length);
  }
}

function stream(contents: readonly string[]): Buffer {
  const parts = contents.map((content) => {
    const frame = Buffer.alloc(4 + content.length);
    frame.writeInt32BE(content.length);
    frame.write(content, 4, 'latin1');
    return frame;
  });
  return Buffer.concat(parts);
}

function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [
    0,
    ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b),
    bytes.length,
  ];
  return at.slice(1).map((end, i) => Buffer.from(bytes.subarray(at[i], end)));
}

describe('FrameReader', () => {
  it('finds the same frames however the stream is cut into chunks', () => {
    const contents = fc.array(fc.string({ unit: 'binary-ascii', maxLength: 40 }), { maxLength: 8 });
    fc.assert(
      fc.property(contents, fc.array(fc.nat()), (frames, cuts) => {
        const sink = new Collector();
        const reader = new FrameReader(100, sink);
        for (const chunk of split(stream(frames), cuts)) reader.feed(chunk);
        expect(sink.frames).toEqual(frames);
        expect(sink.badLengths).toEqual([]);
      }),
    );
  });

  it('keeps frames back while the sink holds, and loses none', () => {
    const contents = fc.array(fc.string({ unit: 'binary-ascii', maxLength: 40 }), { maxLength: 8 });
    fc.assert(
      fc.property(contents, fc.array(fc.nat()), (frames, cuts) => {
        const sink = new Collector();
        sink.holdsEach = true;
        const reader = new FrameReader(100, sink);
        for (const chunk of split(stream(frames), cuts)) reader.feed(chunk);
        expect(sink.frames).toEqual(frames.slice(0, 1));
        for (let i = 1; i < frames.length; i++) {
          sink.isHolding = false;
          reader.resume();
          expect(sink.frames).toEqual(frames.slice(0, i + 1));
        }
      }),
    );
  });

  it('reads nothing behind a length that is out of range', () => {
    const sink = new Collector();
    const reader = new FrameReader(10, sink);
    reader.feed(stream(['ok', 'much too long', 'never seen']));
    reader.feed(stream(['nor this']));
    expect(sink.frames).toEqual(['ok']);
    expect(sink.badLengths).toEqual([13]);
  });

  it('refuses a negative length', () => {
    const sink = new Collector();
    new FrameReader(10, sink).feed(Buffer.from([0xff, 0xff, 0xff, 0xfe, 0]));
    expect(sink.badLengths).toEqual([-2]);
  });

  it('reports the four letters of a word that comes letter by letter', () => {
    const sink = new Collector();
    const reader = new FrameReader(10, sink);
    for (const letter of 'ruok') reader.feed(Buffer.from(letter));
    expect(sink.badLengths).toEqual([Buffer.from('ruok').readInt32BE()]);
  });

  it('takes a frame of exactly the longest length', () => {
    const sink = new Collector();
    new FrameReader(10, sink).feed(stream(['0123456789']));
    expect(sink.frames).toEqual(['0123456789']);
  });
});
