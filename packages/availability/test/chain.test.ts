import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Chain, exploreChain, meanTimesTo, stationaryDistribution } from '../src/chain.ts';
import { exponentialFrom, randomFrom, sampled } from './support/random.ts';

/** n nodes with k repair crews; the state is how many are down. */
function repairChain(n: number, crews: number, failure: number, repair: number): Chain<number> {
  return exploreChain<number>(
    0,
    (down) => [
      ...(down < n ? [{ to: down + 1, ratePerMs: (n - down) * failure }] : []),
      ...(down > 0 ? [{ to: down - 1, ratePerMs: Math.min(crews, down) * repair }] : []),
    ],
    String,
  );
}

const relative = (value: number, expected: number): number => Math.abs(value / expected - 1);

describe('the stationary distribution', () => {
  const l = 1 / 700;
  const m = 1 / 3;

  it('has the closed form of 1, 2 and 3 nodes with a crew for each', () => {
    const u = l / (l + m);
    const a = m / (l + m);
    const closed = [
      [a, u],
      [a * a, 2 * a * u, u * u],
      [a ** 3, 3 * a * a * u, 3 * a * u * u, u ** 3],
    ];
    for (const [i, expected] of closed.entries()) {
      const found = stationaryDistribution(repairChain(i + 1, Infinity, l, m));
      for (const [k, p] of expected.entries()) expect(relative(found[k]!, p)).toBeLessThan(1e-13);
    }
  });

  it('has the closed form of 2 and 3 nodes with one crew', () => {
    const r = l / m;
    const two = 1 + 2 * r + 2 * r * r;
    const three = 1 + 3 * r + 6 * r * r + 6 * r ** 3;
    const found2 = stationaryDistribution(repairChain(2, 1, l, m));
    const found3 = stationaryDistribution(repairChain(3, 1, l, m));
    for (const [k, w] of [1, 2 * r, 2 * r * r].entries()) {
      expect(relative(found2[k]!, w / two)).toBeLessThan(1e-13);
    }
    for (const [k, w] of [1, 3 * r, 6 * r * r, 6 * r ** 3].entries()) {
      expect(relative(found3[k]!, w / three)).toBeLessThan(1e-13);
    }
  });

  it('keeps the digits of probabilities far below those of a double beside 1', () => {
    const found = stationaryDistribution(repairChain(7, Infinity, 1e-9, 1));
    const expected = (1e-9 / (1 + 1e-9)) ** 7;
    expect(expected).toBeLessThan(1e-62);
    expect(relative(found[7]!, expected)).toBeLessThan(1e-13);
  });

  it('balances the flow of every state of a random chain', () => {
    fc.assert(
      fc.property(randomRates(6), (rates) => {
        const chain = chainOf(rates);
        const p = stationaryDistribution(chain);
        expect(p.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 12);
        for (let s = 0; s < 6; s++) {
          let into = 0;
          let out = 0;
          for (let t = 0; t < 6; t++) {
            if (t === s) continue;
            into += p[t]! * rates[t]![s]!;
            out += p[s]! * rates[s]![t]!;
          }
          expect(relative(into, out)).toBeLessThan(1e-9);
        }
      }),
    );
  });
});

describe('the mean time to a state', () => {
  const l = 1 / 50;
  const m = 1 / 2;

  it('has the closed form of 1, 2 and 3 nodes', () => {
    // A majority of 3 is lost with the second failure: (5 l + m) / (6 l^2).
    const toTwo = meanTimesTo(repairChain(3, Infinity, l, m), (down) => down >= 2)[0]!;
    expect(relative(toTwo, (5 * l + m) / (6 * l * l))).toBeLessThan(1e-13);
    const toOne = meanTimesTo(repairChain(1, 1, l, m), (down) => down >= 1)[0]!;
    expect(relative(toOne, 1 / l)).toBeLessThan(1e-13);
    // Both of 2: (3 l + m) / (2 l^2).
    const both = meanTimesTo(repairChain(2, 2, l, m), (down) => down >= 2)[0]!;
    expect(relative(both, (3 * l + m) / (2 * l * l))).toBeLessThan(1e-13);
  });

  it('has the closed form of a birth-death chain, far beyond the life of the universe', () => {
    // Sum over i of (1 / up_i) prod (down_j / up_j): all terms positive.
    const n = 7;
    const failure = 1e-9;
    let expected = 0;
    for (let target = 0; target < n; target++) {
      for (let i = 0; i <= target; i++) {
        let term = 1 / ((n - i) * failure);
        for (let j = i + 1; j <= target; j++) term *= j / ((n - j) * failure);
        expected += term;
      }
    }
    const found = meanTimesTo(repairChain(n, Infinity, failure, 1), (down) => down === n)[0]!;
    expect(relative(found, expected)).toBeLessThan(1e-12);
  });

  it('is the mean of a simulation', () => {
    const random = randomFrom(5);
    const chain = repairChain(3, 1, 0.2, 1);
    const run = (): number => {
      let state = 0;
      let time = 0;
      while (state < 2) {
        const arcs = chain.arcs[state]!;
        const total = arcs.reduce((sum, { ratePerMs }) => sum + ratePerMs, 0);
        time += exponentialFrom(random, 1 / total);
        let pick = random() * total;
        state = arcs.find(({ ratePerMs }) => (pick -= ratePerMs) <= 0)!.to;
      }
      return time;
    };
    const { mean, half } = sampled(20_000, run);
    expect(Math.abs(meanTimesTo(chain, (down) => down >= 2)[0]! - mean)).toBeLessThan(half);
  });

  it('satisfies its own equations on random chains', () => {
    fc.assert(
      fc.property(randomRates(6), (rates) => {
        const h = meanTimesTo(chainOf(rates), (state) => state >= 4);
        for (let s = 0; s < 4; s++) {
          let drift = 1;
          for (let t = 0; t < 6; t++) if (t !== s) drift += rates[s]![t]! * (h[t]! - h[s]!);
          expect(Math.abs(drift)).toBeLessThan(1e-6 * Math.max(1, h[s]!));
        }
        expect([h[4], h[5]]).toEqual([0, 0]);
      }),
    );
  });

  it('refuses targets that nothing leads to', () => {
    expect(() => meanTimesTo(repairChain(2, 1, 1, 1), () => false)).toThrow('a state to get to');
  });
});

function randomRates(size: number): fc.Arbitrary<number[][]> {
  const rate = fc.double({ min: 0.01, max: 10, noNaN: true });
  const row = fc.array(rate, { minLength: size, maxLength: size });
  return fc.array(row, { minLength: size, maxLength: size });
}

function chainOf(rates: readonly (readonly number[])[]): Chain<number> {
  return {
    states: rates.map((_, state) => state),
    arcs: rates.map((row, from) =>
      row.flatMap((ratePerMs, to) => (to === from ? [] : [{ to, ratePerMs }])),
    ),
  };
}
