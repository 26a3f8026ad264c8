import { expect, it } from 'vitest';
import { stallCost } from '../src/stalls.ts';
import { exponentialFrom, randomFrom, sampled } from './support/random.ts';

it.each([
  [50, 400, 20],
  [500, 400, 20],
  [300, 100, 900],
])(
  'stalls of %d ms, noticed after %d ms, an election of %d ms: as played',
  (lasts, detect, elect) => {
    const random = randomFrom(lasts + detect);
    const draw = (): number => {
      const stallMs = exponentialFrom(random, lasts);
      return stallMs <= detect ? stallMs : detect + elect;
    };
    const { mean, half } = sampled(100_000, draw);
    const cost = stallCost(lasts, detect, elect);
    expect(Math.abs(cost.meanMs - mean)).toBeLessThan(half);
    const taken = sampled(100_000, () => (exponentialFrom(random, lasts) > detect ? 1 : 0));
    expect(Math.abs(cost.failoverProbability - taken.mean)).toBeLessThan(taken.half + 1e-3);
  },
);

it('is the whole stall where nobody can take over', () => {
  expect(stallCost(50, Infinity, 1)).toEqual({ meanMs: 50, failoverProbability: 0 });
});
