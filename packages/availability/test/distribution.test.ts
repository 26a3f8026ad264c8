import { describe, expect, it } from 'vitest';
import { Distribution } from '../src/distribution.ts';
import { constant, distributionOf, meanMsOf, type Term } from '../src/terms.ts';
import { exponentialFrom, kthSmallest, randomFrom, sampled } from './support/random.ts';

const STEP_MS = 0.02;

describe('distributions on a grid', () => {
  it('keep the means exactly, of numbers that are not on the grid too', () => {
    expect(Distribution.constant(1.2345, STEP_MS).meanMs).toBeCloseTo(1.2345, 12);
    expect(Distribution.uniform(7.777, STEP_MS).meanMs).toBeCloseTo(7.777 / 2, 10);
    expect(Distribution.exponential(1.3, STEP_MS).meanMs).toBeCloseTo(1.3, 10);
  });

  it('hold all the probability', () => {
    const sum = Distribution.uniform(3, STEP_MS)
      .plus(Distribution.exponential(1, STEP_MS))
      .plus(Distribution.constant(2, STEP_MS).orderStatistic(2, 3));
    expect(sum.masses.reduce((total, mass) => total + mass, 0)).toBeCloseTo(1, 9);
    expect(sum.probabilityWithin(1e9)).toBeCloseTo(1, 9);
  });

  it('have the quantiles of closed forms', () => {
    const exponential = Distribution.exponential(2, STEP_MS);
    const uniform = Distribution.uniform(10, STEP_MS);
    for (const p of [0.1, 0.5, 0.9, 0.99]) {
      expect(Math.abs(exponential.quantileMs(p) - -2 * Math.log(1 - p))).toBeLessThan(2 * STEP_MS);
      expect(Math.abs(uniform.quantileMs(p) - 10 * p)).toBeLessThan(2 * STEP_MS);
    }
  });

  it('agree with a simulation of the same sum, in means, quantiles and closed forms', () => {
    const terms: readonly Term[] = [
      constant(4.321),
      { kind: 'uniform', widthMs: 8, k: 1, count: 2 },
      { kind: 'exponential', meanMs: 1.5, k: 2, count: 3 },
      { kind: 'firstStaggered', widthMs: 6, stepMs: 2, count: 3 },
      { kind: 'sometimes', probability: 0.3, terms: [constant(5)] },
    ];
    const random = randomFrom(77);
    const draw = (): number =>
      4.321 +
      8 * Math.min(random(), random()) +
      Math.min(6 * random(), 2 + 6 * random(), 4 + 6 * random()) +
      kthSmallest(
        [1, 2, 3].map(() => exponentialFrom(random, 1.5)),
        2,
      ) +
      (random() < 0.3 ? 5 : 0);
    const distribution = distributionOf(terms, STEP_MS);
    const { mean, half } = sampled(60_000, draw);
    expect(Math.abs(meanMsOf(terms) - mean)).toBeLessThan(half);
    expect(Math.abs(distribution.meanMs - meanMsOf(terms))).toBeLessThan(STEP_MS);
    for (const p of [0.05, 0.5, 0.95]) {
      const atMs = distribution.quantileMs(p);
      const within = sampled(60_000, () => (draw() <= atMs ? 1 : 0));
      expect(Math.abs(distribution.probabilityWithin(atMs) - within.mean)).toBeLessThan(
        within.half + 0.003,
      );
    }
  });

  it('are not mixed over different grids', () => {
    const other = Distribution.constant(1, 2 * STEP_MS);
    expect(() => other.plus(Distribution.constant(1, STEP_MS))).toThrow('share a grid');
  });
});
