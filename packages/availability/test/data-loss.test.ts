import { expect, it } from 'vitest';
import { meanTimesToDataLoss } from '../src/data-loss.ts';
import { type Scenario, SCENARIO_DEFAULT } from '../src/scenario.ts';
import { exponentialFrom, randomFrom, sampled } from './support/random.ts';

function withDisks(voters: number, mtbfMs: number, rebuildMs: number): Scenario {
  const members = { ...SCENARIO_DEFAULT.members, voters, electable: voters };
  return { ...SCENARIO_DEFAULT, members, disks: { mtbfMs, rebuildMs } };
}

it('is the closed form of 1, 2 and 3 disks', () => {
  const l = 1 / 1_000;
  const m = 1 / 7;
  expect(meanTimesToDataLoss(withDisks(1, 1_000, 7)).allMs).toBeCloseTo(1_000, 9);
  const two = meanTimesToDataLoss(withDisks(2, 1_000, 7));
  expect(two.allMs / ((3 * l + m) / (2 * l * l))).toBeCloseTo(1, 12);
  const three = meanTimesToDataLoss(withDisks(3, 1_000, 7));
  expect(three.newestMs / ((5 * l + m) / (6 * l * l))).toBeCloseTo(1, 12);
  expect(three.allMs / ((11 * l * l + 7 * l * m + 2 * m * m) / (6 * l ** 3))).toBeCloseTo(1, 12);
});

it('is the mean of disks that are played one by one', () => {
  const random = randomFrom(8);
  const play = (lostAtOnce: number): number => {
    const backAtMs = [0, 0, 0];
    const nextLossMs = backAtMs.map(() => exponentialFrom(random, 10));
    for (;;) {
      const disk = nextLossMs.indexOf(Math.min(...nextLossMs));
      const nowMs = nextLossMs[disk]!;
      backAtMs[disk] = nowMs + exponentialFrom(random, 4);
      nextLossMs[disk] = backAtMs[disk] + exponentialFrom(random, 10);
      if (backAtMs.filter((atMs) => atMs > nowMs).length >= lostAtOnce) return nowMs;
    }
  };
  const predicted = meanTimesToDataLoss(withDisks(3, 10, 4));
  const newest = sampled(10_000, () => play(2));
  expect(Math.abs(predicted.newestMs - newest.mean)).toBeLessThan(newest.half);
  const all = sampled(10_000, () => play(3));
  expect(Math.abs(predicted.allMs - all.mean)).toBeLessThan(all.half);
});
