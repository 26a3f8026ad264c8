import { simulate } from '@bellwether/simulator';
import { expect, it } from 'vitest';
import { Pool, type Command } from '../src/pool.ts';

const KINDS = ['beat', 'beat', 'assign', 'assign', 'release', 'recall', 'expire'] as const;

it('gives no shard to two workers, whatever happens to its nodes', () => {
  const report = simulate({
    stateMachine: () => new Pool(),
    workload: ({ random }) => {
      if (random.chance(0.2)) return { query: undefined };
      const worker = random.pick(['a', 'b', 'c']);
      const kind = random.pick(KINDS);
      const command = { kind, worker, shard: random.below(4), beat: random.below(50) } as Command;
      return { command };
    },
    invariants: {
      'owners are alive': (pool) => {
        const { workers, shards } = pool.query();
        const alive = new Set(workers.map(([worker]) => worker));
        return shards.every(({ worker }) => alive.has(worker));
      },
    },
    seeds: 3,
    safetyMs: 1_500,
  });
  expect(report.operations.done).toBeGreaterThan(200);
  expect(report.operations.failed).toBeGreaterThan(20);
});
