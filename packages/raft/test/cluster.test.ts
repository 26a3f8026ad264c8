import { describe, expect, it } from 'vitest';
import { RandomCluster } from './support/random-cluster.ts';
import type { RandomClusterOptions } from './support/random-cluster.ts';

const SEEDS = Number(process.env['RAFT_SEEDS'] ?? 25);
const FIRST_SEED = Number(process.env['RAFT_SEED'] ?? 1);
const STEPS = 3000;

/**
 * Runs many seeds; a failure names its seed, and RAFT_SEED=<seed> RAFT_SEEDS=1 runs that one alone. What
 * happened in all runs together is returned, so that a test can tell that it was not idle.
 */
function runSeeds(options: Omit<RandomClusterOptions, 'seed'>): {
  elections: number;
  reads: number;
} {
  let elections = 0;
  let reads = 0;
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
    const cluster = new RandomCluster({ ...options, seed });
    try {
      for (let i = 0; i < STEPS; i += 1) {
        cluster.step();
        if (i % 100 === 0) cluster.checkLogs();
      }
      expect(cluster.recovers(500), 'comes back to life').toBe(true);
      cluster.checkLogs();
    } catch (error) {
      throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
    }
    elections += cluster.checks.elections;
    reads += cluster.checks.readsAnswered;
  }
  return { elections, reads };
}

describe('whatever the network, the disks and the operators do', () => {
  it('three nodes stay safe, and come back to life', () => {
    const config = {};
    const seen = runSeeds({ voters: 3, config, clocks: 'independent', membershipChanges: 'no' });
    expect(seen.elections).toBeGreaterThan(SEEDS);
    expect(seen.reads).toBeGreaterThan(SEEDS);
  });

  it('five nodes stay safe with little room in messages and windows', () => {
    const config = { appendBytesMax: 4, inflightMessagesMax: 2, committedBytesMax: 8 };
    const seen = runSeeds({ voters: 5, config, clocks: 'independent', membershipChanges: 'no' });
    expect(seen.elections).toBeGreaterThan(SEEDS);
  });

  it('memberships change meanwhile', () => {
    const config = {};
    const seen = runSeeds({ voters: 3, config, clocks: 'independent', membershipChanges: 'yes' });
    expect(seen.elections).toBeGreaterThan(SEEDS);
  });

  it('lease reads are as good as any, while clocks run alike', () => {
    const config = { leaseReads: true };
    const seen = runSeeds({ voters: 3, config, clocks: 'alike', membershipChanges: 'no' });
    expect(seen.reads).toBeGreaterThan(SEEDS);
  });

  it('priorities are no matter of safety', () => {
    const config = {
      priorities: new Map([
        [1, 3],
        [2, 0],
      ]),
    };
    const seen = runSeeds({ voters: 3, config, clocks: 'independent', membershipChanges: 'no' });
    expect(seen.elections).toBeGreaterThan(SEEDS);
  });
});
