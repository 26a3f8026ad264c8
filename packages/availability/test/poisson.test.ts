import { describe, expect, it } from 'vitest';
import {
  downtimeMsPerYear,
  failureProbability,
  ninesOf,
  nodeUnavailability,
} from '../src/poisson.ts';
import { SECOND_MS, YEAR_MS } from '../src/time.ts';
import { exponentialFrom, randomFrom, sampled } from './support/random.ts';

describe('the probability of a failure', () => {
  it('is what a Poisson process does', () => {
    const random = randomFrom(11);
    for (const ratio of [0.1, 1, 3]) {
      const { mean, half } = sampled(200_000, () => (exponentialFrom(random, 1) <= ratio ? 1 : 0));
      expect(Math.abs(failureProbability(ratio, 1) - mean)).toBeLessThan(half);
    }
  });

  it('grows from 0 to 1, which the density does not', () => {
    expect(failureProbability(0, 5)).toBe(0);
    expect(failureProbability(5, 5)).toBeCloseTo(1 - Math.exp(-1), 15);
    expect(failureProbability(5_000, 5)).toBe(1);
  });

  it('keeps its digits when it is tiny', () => {
    const ratio = 1e-3 / (1_000 * YEAR_MS);
    expect(failureProbability(1e-3, 1_000 * YEAR_MS) / ratio).toBeCloseTo(1, 14);
  });

  it('refuses times that cannot be', () => {
    expect(() => failureProbability(-1, 1)).toThrow('a time is not negative');
    expect(() => failureProbability(1, 0)).toThrow('is positive');
  });
});

describe('the unavailability of a node', () => {
  it('is the part of a long simulation in which it is down, whatever the distribution of repairs', () => {
    const random = randomFrom(12);
    let up = 0;
    let down = 0;
    for (let i = 0; i < 200_000; i++) {
      up += exponentialFrom(random, 9);
      down += 2 * random();
    }
    expect(down / (up + down)).toBeCloseTo(nodeUnavailability(9, 1), 2.5);
  });

  it('has as many nines as it should', () => {
    expect(ninesOf(0.001)).toBeCloseTo(3, 12);
    expect(ninesOf(1)).toBe(0);
    expect(ninesOf(0)).toBe(Infinity);
    expect(ninesOf(1e-17)).toBeCloseTo(17, 12);
    expect(downtimeMsPerYear(1e-5)).toBeCloseTo(315.576 * SECOND_MS, 6);
  });
});
