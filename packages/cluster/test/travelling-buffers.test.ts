import { describe, expect, it } from 'vitest';
import { LIMITS } from '../src/limits.ts';
import { isTravelling, TravellingBuffers } from '../src/thread/travelling-buffers.ts';

const { travellingBytesMin, travellingBytesKept } = LIMITS;

describe('buffers between the threads', () => {
  it('uses a buffer that has come back again, for anything that fits it', () => {
    const buffers = new TravellingBuffers();
    const first = buffers.take(travellingBytesMin + 1);
    expect(isTravelling(first.buffer)).toBe(true);
    buffers.giveBack([first.buffer as ArrayBuffer]);
    const second = buffers.take(2 * travellingBytesMin);
    expect(second.buffer).toBe(first.buffer);
    expect(second.length).toBe(2 * travellingBytesMin);
    expect(buffers.take(2 * travellingBytesMin).buffer).not.toBe(first.buffer);
  });

  it('gives a small batch a buffer of its own, which stays where it goes', () => {
    const { buffer } = new TravellingBuffers().take(travellingBytesMin);
    expect(buffer.byteLength).toBe(travellingBytesMin);
    expect(isTravelling(buffer)).toBe(false);
  });

  it('never gives out one that is too short, whatever has come back', () => {
    const buffers = new TravellingBuffers();
    buffers.giveBack([new ArrayBuffer(travellingBytesMin + 1000)]);
    expect(buffers.take(travellingBytesMin + 2000).length).toBe(travellingBytesMin + 2000);
  });

  it('keeps no more than a limit', () => {
    const buffers = new TravellingBuffers();
    const size = 2 ** 20;
    for (let i = 0; i <= travellingBytesKept / size; i += 1) {
      buffers.giveBack([new ArrayBuffer(size)]);
    }
    expect(buffers.keptBytes).toBe(travellingBytesKept);
  });
});
