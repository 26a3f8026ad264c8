import type { Entry } from '@bellwether/raft';
import { describe, expect, it } from 'vitest';
import { TailCache } from '../src/tail-cache.ts';
import { TermRuns } from '../src/term-runs.ts';

function views(buffer: Uint8Array, from: number, count: number, length: number): Entry[] {
  return Array.from({ length: count }, (_, at) => ({
    index: from + at,
    term: 1,
    kind: 'command',
    data: buffer.subarray(at * length, (at + 1) * length),
  }));
}

const limits = (
  cacheBytesMax: number,
  cacheEntriesMax: number,
  cacheBytesKept = cacheBytesMax,
) => ({
  cacheBytesMax,
  cacheEntriesMax,
  cacheBytesKept,
});

describe('the tail cache', () => {
  it('keeps views that make up most of their buffer, and copies those that don’t', () => {
    const cache = new TailCache(1, limits(1e6, 1000));
    const full = new Uint8Array(10_000).fill(1);
    const sparse = new Uint8Array(100_000).fill(2);
    cache.add([...views(full, 1, 10, 1000), ...views(sparse, 11, 3, 1000)]);
    expect(cache.get(4).data.buffer).toBe(full.buffer);
    expect(cache.get(12).data.buffer).not.toBe(sparse.buffer);
    expect(cache.get(12).data.buffer.byteLength).toBe(3000);
    expect(cache.get(13).data.buffer).toBe(cache.get(11).data.buffer);
    expect(cache.get(12).data).toEqual(new Uint8Array(1000).fill(2));
    expect(cache.get(12).index).toBe(12);
  });

  it('evicts the oldest beyond bytes and count, but nothing that is not durable', () => {
    const cache = new TailCache(1, limits(5000, 4));
    cache.add(views(new Uint8Array(10_000), 1, 10, 1000));
    cache.evict(0);
    expect([cache.firstIndex, cache.count, cache.bytes]).toEqual([1, 10, 10_000]);
    cache.evict(3);
    expect([cache.firstIndex, cache.count]).toEqual([4, 7]);
    cache.evict(10);
    expect([cache.firstIndex, cache.count, cache.bytes]).toEqual([7, 4, 4000]);
    expect(cache.get(7).index).toBe(7);
    expect(() => cache.get(6)).toThrow(/in the cache/);
  });

  it('keeps fewer of those that were released, and none of them away from the disk', () => {
    const cache = new TailCache(1, limits(1e6, 1000, 2000));
    cache.add(views(new Uint8Array(10_000), 1, 10, 1000));
    cache.evict(10);
    expect(cache.firstIndex).toBe(1);
    cache.release(5);
    cache.evict(3);
    expect(cache.firstIndex).toBe(4);
    cache.evict(10);
    expect(cache.firstIndex).toBe(6);
    cache.release(10);
    cache.evict(10);
    expect([cache.firstIndex, cache.bytes]).toEqual([9, 2000]);
  });

  it('goes on after everything was replaced or evicted', () => {
    const cache = new TailCache(1, limits(1e6, 1));
    cache.add(views(new Uint8Array(3000), 1, 3, 1000));
    cache.removeFrom(2);
    expect([cache.firstIndex, cache.count, cache.bytes]).toEqual([1, 1, 1000]);
    cache.removeFrom(1);
    cache.add(views(new Uint8Array(4000), 1, 4, 1000));
    cache.evict(4);
    cache.removeFrom(2);
    expect([cache.firstIndex, cache.count]).toEqual([2, 0]);
    cache.add(views(new Uint8Array(1000), 2, 1, 1000));
    expect(cache.get(2).index).toBe(2);
  });

  it('stays small however many entries pass through', () => {
    const cache = new TailCache(1, limits(1e6, 10));
    for (let index = 1; index <= 5000; index += 1) {
      cache.add(views(new Uint8Array(10), index, 1, 10));
      cache.evict(index);
    }
    expect([cache.firstIndex, cache.count, cache.bytes]).toEqual([4991, 10, 100]);
    expect(cache.get(4991).index).toBe(4991);
  });
});

describe('the runs of terms', () => {
  it('agree with a plain array after any additions and removals', () => {
    const runs = new TermRuns();
    const plain = new Map<number, number>();
    let next = 1;
    let below = 1;
    for (let step = 1; step < 400; step += 1) {
      const term = 1 + Math.floor(step / 7);
      for (let count = 0; count < step % 5; count += 1) {
        runs.add(next, term);
        plain.set(next, term);
        next += 1;
      }
      if (step % 6 === 0) {
        next = Math.max(below, next - (step % 11));
        runs.removeFrom(next);
        for (const index of plain.keys()) if (index >= next) plain.delete(index);
      }
      if (step % 29 === 0) {
        below = Math.min(next, below + 13);
        runs.removeBelow(below);
        for (const index of plain.keys()) if (index < below) plain.delete(index);
      }
      const wrong = [...plain].find(([index, expected]) => runs.at(index) !== expected);
      expect(wrong).toBeUndefined();
    }
  });
});
