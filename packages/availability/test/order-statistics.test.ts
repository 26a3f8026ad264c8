import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  binomialMass,
  binomialTail,
  meanOfExponentialOrder,
  meanOfFirstStaggered,
  meanOfUniformOrder,
} from '../src/order-statistics.ts';
import { exponentialFrom, kthSmallest, randomFrom, sampled } from './support/random.ts';

const CASES = [
  [1, 1],
  [1, 2],
  [1, 4],
  [2, 3],
  [4, 4],
  [3, 7],
] as const;

it.each(CASES)('the %d. of %d uniform numbers has the mean of a simulation', (k, count) => {
  const random = randomFrom(100 * k + count);
  const { mean, half } = sampled(40_000, () =>
    kthSmallest(
      Array.from({ length: count }, () => 5 * random()),
      k,
    ),
  );
  expect(Math.abs(meanOfUniformOrder(k, count, 5) - mean)).toBeLessThan(half);
});

it.each(CASES)('the %d. of %d exponential times has the mean of a simulation', (k, count) => {
  const random = randomFrom(900 * k + count);
  const { mean, half } = sampled(40_000, () =>
    kthSmallest(
      Array.from({ length: count }, () => exponentialFrom(random, 3)),
      k,
    ),
  );
  expect(Math.abs(meanOfExponentialOrder(k, count, 3) - mean)).toBeLessThan(half);
});

it('binomial probabilities are those of all outcomes written out', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 9 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (n, p) => {
        const exactly = new Array<number>(n + 1).fill(0);
        for (let outcome = 0; outcome < 2 ** n; outcome++) {
          const happened = outcome.toString(2).replaceAll('0', '').length;
          exactly[happened]! += p ** happened * (1 - p) ** (n - happened);
        }
        for (let k = 0; k <= n; k++) {
          expect(binomialMass(k, n, p)).toBeCloseTo(exactly[k]!, 12);
          const tail = exactly.slice(k).reduce((sum, mass) => sum + mass, 0);
          expect(binomialTail(k, n, p)).toBeCloseTo(tail, 12);
        }
      },
    ),
  );
});

it.each([
  [1, 10, 5],
  [2, 10, 5],
  [4, 10, 3],
  [6, 5, 5],
  [3, 7, 0],
  [3, 0, 2],
])(
  'the first of %d numbers below %d, each begun %d later, has the mean of a simulation',
  (count, width, step) => {
    const random = randomFrom(count + width);
    const draw = (_: unknown, i: number): number => i * step + width * random();
    const { mean, half } = sampled(60_000, () => Math.min(...Array.from({ length: count }, draw)));
    expect(Math.abs(meanOfFirstStaggered(count, width, step) - mean)).toBeLessThanOrEqual(half);
  },
);
