import { setImmediate as settle } from 'node:timers/promises';
import { ClusterError, CommandRejected } from 'bellwether';
import { describe, expect, it } from 'vitest';
import type { Command, PoolCluster, Result, Shard } from '../src/pool.ts';
import { Worker, type Work } from '../src/worker.ts';

const STOPPED = new ClusterError('STOPPED', 'the node was stopped');

/** Runs a worker until its node stops, which it does after the last answer. */
async function run(answers: readonly (() => Result | Promise<Result>)[], work: Work) {
  const said: Command['kind'][] = [];
  const left = [...answers];
  const propose = async ({ kind }: Command): Promise<Result> => {
    said.push(kind);
    const answer = left.shift();
    if (answer === undefined) throw STOPPED;
    return answer();
  };
  const timing = { beatMs: 1, lifeMs: 60_000 };
  const worker = new Worker({ propose } as unknown as PoolCluster, 'a', timing, work);
  await expect(worker.run()).rejects.toBe(STOPPED);
  return said;
}

const owned = (epoch: number, isRecalled = false): readonly Shard[] => [
  { shard: 0, worker: 'a', epoch, isRecalled },
];

function refuse(error: Error): () => never {
  return () => {
    throw error;
  };
}

describe('a worker', () => {
  it('goes on when nobody has heard it, and when what it releases is not its own any more', async () => {
    const answers = [
      () => owned(1, true),
      refuse(new CommandRejected("0 is not a's")),
      refuse(new ClusterError('OUTCOME_UNKNOWN', 'a snapshot came', { indeterminate: true })),
      refuse(new ClusterError('OVERLOADED', 'too much is under way')),
      () => [],
    ];
    const said = await run(answers, () => Promise.resolve());
    expect(said).toEqual(['beat', 'release', 'beat', 'beat', 'beat', 'beat']);
  });

  it('does not begin a second time when an earlier task of the same shard ends late', async () => {
    const begun: number[] = [];
    let endFirst = (): void => undefined;
    const work: Work = (_shard, epoch) => {
      begun.push(epoch);
      return new Promise((_resolve, reject) => {
        if (epoch === 1) endFirst = () => reject(new Error('it was aborted'));
      });
    };
    const answers = [
      () => owned(1),
      () => owned(2),
      async () => {
        endFirst();
        await settle();
        return owned(2);
      },
    ];
    await run(answers, work);
    expect(begun).toEqual([1, 2]);
  });
});
