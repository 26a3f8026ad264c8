import { simulate } from '@bellwether/simulator';
import type { CommandContext } from 'bellwether';
import { describe, expect, it } from 'vitest';
import { Cache, type Command } from '../src/cache.ts';
import { encodeReply, RequestReader } from '../src/resp.ts';

const at = (timeMs: number): CommandContext => ({ index: 1, term: 1, origin: 1, timeMs });
const set = (key: string, ttlMs?: number): Command => ({
  ...{ kind: 'set', key, value: 'v' },
  ...(ttlMs !== undefined && { ttlMs }),
});

describe('the cache', () => {
  it('has keys expire by the time of commands, and of whoever reads', () => {
    const cache = new Cache();
    cache.apply(set('a', 10), at(100));
    expect(cache.query({ keys: ['a'], nowMs: 109 })).toMatchObject([{ key: 'a', value: 'v' }]);
    expect(cache.query({ keys: ['a'], nowMs: 110 })).toEqual([undefined]);
    expect(cache.apply({ ...set('a'), only: 'old' } as Command, at(110))).toBe(0);
    expect(cache.apply({ ...set('a'), only: 'new' } as Command, at(110))).toBe(1);
  });

  it('lets go of what has expired, and of the oldest when it is full', () => {
    const cache = new Cache(3);
    cache.apply(set('a', 10), at(100));
    cache.apply(set('b'), at(101));
    cache.apply(set('c'), at(200));
    expect(cache.size).toBe(2);
    for (const key of ['b', 'd', 'e']) cache.apply(set(key), at(201));
    const keys = cache.query({ nowMs: 300 }).map((entry) => entry?.key);
    expect(keys).toEqual(['b', 'd', 'e']);
  });

  it('is the same on all nodes, whatever happens to them', () => {
    const report = simulate({
      stateMachine: () => new Cache(5),
      workload: ({ random }) => {
        const key = random.pick(['a', 'b', 'c', 'd', 'e', 'f']);
        const amount = random.below(5);
        const command = random.pick<Command>([
          ...[set(key), set(key, random.between(1, 500)), { kind: 'add' as const, key, amount }],
          ...[
            { kind: 'delete' as const, keys: [key] },
            { kind: 'expire' as const, key, ttlMs: 100 },
          ],
        ]);
        return random.chance(0.2) ? { query: { nowMs: 0 } } : { command };
      },
      invariants: { 'it is not too large': (cache) => cache.size <= 5 },
      seeds: 3,
      safetyMs: 1_500,
    });
    expect(report.operations.done).toBeGreaterThan(200);
  });
});

describe('RESP', () => {
  it('is read however its bytes are cut', () => {
    const bytes = Buffer.from('*2\r\n$4\r\nECHO\r\n$4\r\n\r\n\0x\r\nPING  now\r\n', 'latin1');
    for (let size = 1; size <= bytes.length; size++) {
      const reader = new RequestReader();
      const requests: Buffer[][] = [];
      for (let from = 0; from < bytes.length; from += size) {
        requests.push(...reader.add(bytes.subarray(from, from + size)));
      }
      expect(requests.map((request) => request.map(String))).toEqual([
        ['ECHO', '\r\n\0x'],
        ['PING', 'now'],
      ]);
    }
  });

  it('is written for everything that a command answers', () => {
    expect(encodeReply(['a', 1, null, [Buffer.of(0)]]).toString('latin1')).toBe(
      '*4\r\n$1\r\na\r\n:1\r\n$-1\r\n*1\r\n$1\r\n\0\r\n',
    );
  });
});
