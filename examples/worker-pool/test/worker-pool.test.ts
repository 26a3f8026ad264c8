import { fencedLog, launch, type FencedLine } from 'example-support';
import { describe, expect, it, onTestFinished } from 'vitest';
import { nextSteps } from '../src/assigner.ts';
import type { Shard } from '../src/pool.ts';

const program = new URL('../dist/main.js', import.meta.url).href;
const SHARDS = 6;

const workerOf = ({ line }: FencedLine): number => Number(/worker (\d)$/.exec(line)?.[1]);

/** Who wrote last for each shard. */
function owners(lines: readonly FencedLine[]): readonly number[] {
  const newest = new Map(lines.map((line) => [line.resource, workerOf(line)]));
  return [...newest.values()].sort((a, b) => a - b);
}

it(
  'has every shard worked on by somebody, one at a time, whoever dies or freezes',
  { timeout: 60_000 },
  async () => {
    const log = await fencedLog();
    onTestFinished(log.stop);
    const more = { log: log.url, shards: `${SHARDS}`, beatMs: '40', lifeMs: '500' };
    const { nodes, stop } = await launch(program, { more });
    onTestFinished(stop);
    const { lines } = log;
    const untilOwned = (by: readonly number[]): Promise<void> =>
      log.until(() => JSON.stringify(owners(lines)) === JSON.stringify(by));

    await untilOwned([1, 1, 2, 2, 3, 3]);
    await nodes[0]!.kill();
    await untilOwned([2, 2, 2, 3, 3, 3]);
    await nodes[0]!.start();
    await untilOwned([1, 1, 2, 2, 3, 3]);
    nodes[1]!.signal('SIGSTOP');
    await untilOwned([1, 1, 1, 3, 3, 3]);
    nodes[1]!.signal('SIGCONT');
    await untilOwned([1, 1, 2, 2, 3, 3]);

    for (let shard = 0; shard < SHARDS; shard++) {
      const tokens = lines.filter(({ resource }) => resource === `shard ${shard}`);
      const owned = tokens.map(({ token, line }) => `${token} ${line.slice(-1)}`);
      // One owner for each token, and never back to an earlier one.
      const periods = owned.filter((owner, i) => owner !== owned[i - 1]);
      expect(new Set(periods).size).toBe(periods.length);
      expect(new Set(periods.map((owner) => owner.split(' ')[0])).size).toBe(periods.length);
    }
  },
);

describe('the leader', () => {
  const workers = (...names: string[]) => names.map((name) => [name, 1] as const);
  const shard = (number: number, worker: string, isRecalled = false): Shard => ({
    ...{ shard: number, worker, epoch: 1, isRecalled },
  });

  it('gives shards without an owner to whoever has least', () => {
    const state = { workers: workers('a', 'b'), shards: [shard(0, 'a')] };
    expect(nextSteps(state, 3)).toEqual([
      { kind: 'assign', worker: 'b', shard: 1 },
      { kind: 'assign', worker: 'a', shard: 2 },
    ]);
  });

  it('recalls one at a time from whoever has too many', () => {
    const shards = [shard(0, 'a'), shard(1, 'a'), shard(2, 'a')];
    const state = { workers: workers('a', 'b'), shards };
    expect(nextSteps(state, 3)).toEqual([{ kind: 'recall', worker: 'a', shard: 0 }]);
    const recalled = { ...state, shards: [shard(0, 'a', true), ...shards.slice(1)] };
    expect(nextSteps(recalled, 3)).toEqual([]);
  });

  it('decides nothing without workers', () => {
    expect(nextSteps({ workers: [], shards: [] }, 3)).toEqual([]);
  });
});
