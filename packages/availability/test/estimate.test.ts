import { describe, expect, it } from 'vitest';
import { meanEstimate, sampleQuantile, unavailabilityEstimate } from '../src/estimate.ts';
import { incompleteBeta, studentQuantile } from '../src/student.ts';
import { exponentialFrom, randomFrom } from './support/random.ts';

describe("Student's t", () => {
  it.each([
    [1, 12.7062],
    [2, 4.30265],
    [5, 2.57058],
    [10, 2.22814],
    [30, 2.04227],
    [99, 1.98422],
    [100_000, 1.95998],
  ])('with %d degrees of freedom has the value of the tables', (degrees, value) => {
    expect(studentQuantile(degrees)).toBeCloseTo(value, 4);
  });

  it('rests on an incomplete beta function that is the integral of its density', () => {
    // By Simpson's rule where it is smooth.
    for (const [a, b] of [
      [2, 3],
      [4, 2.5],
      [10, 7],
    ] as const) {
      const density = (t: number): number => t ** (a - 1) * (1 - t) ** (b - 1);
      for (const x of [0.1, 0.4, 0.8]) {
        expect(incompleteBeta(x, a, b)).toBeCloseTo(simpson(density, x) / simpson(density, 1), 6);
      }
    }
  });
});

describe('intervals', () => {
  it('of means cover the truth in 95 of 100 repetitions', () => {
    const random = randomFrom(21);
    let covered = 0;
    for (let run = 0; run < 2_000; run++) {
      const samples = Array.from({ length: 100 }, () => exponentialFrom(random, 5));
      const { low, high } = meanEstimate(samples);
      if (low <= 5 && high >= 5) covered += 1;
    }
    expect(covered / 2_000).toBeGreaterThan(0.92);
    expect(covered / 2_000).toBeLessThan(0.97);
  });

  it('of the unavailability do so for stretches of different lengths', () => {
    const random = randomFrom(22);
    let covered = 0;
    for (let run = 0; run < 2_000; run++) {
      const cycles = Array.from({ length: 100 }, () => {
        const downMs = 1 + 2 * random();
        return { downMs, totalMs: downMs + exponentialFrom(random, 98) };
      });
      const { low, high } = unavailabilityEstimate(cycles);
      if (low <= 0.02 && high >= 0.02) covered += 1;
    }
    expect(covered / 2_000).toBeGreaterThan(0.92);
    expect(covered / 2_000).toBeLessThan(0.97);
  });

  it('say something when nothing was down, and little when there is little', () => {
    const well = Array.from({ length: 100 }, () => ({ downMs: 0, totalMs: 10 }));
    expect(unavailabilityEstimate(well).high).toBeCloseTo(0.0295, 4);
    expect(meanEstimate([3])).toEqual({ value: 3, low: -Infinity, high: Infinity });
    expect(unavailabilityEstimate([{ downMs: 1, totalMs: 4 }])).toEqual({
      value: 0.25,
      low: 0,
      high: 1,
    });
  });
});

it('quantiles of samples are samples', () => {
  expect(sampleQuantile([5, 1, 3], 0.5)).toBe(3);
  expect(sampleQuantile([5, 1, 3], 0)).toBe(1);
  expect(sampleQuantile([5, 1, 3], 1)).toBe(5);
  expect(sampleQuantile([5, 1, 3, 2], 0.75)).toBe(3);
});

function simpson(f: (t: number) => number, end: number): number {
  const parts = 4_000;
  let sum = f(0) + f(end);
  for (let i = 1; i < parts; i++) sum += f((end * i) / parts) * (i % 2 === 1 ? 4 : 2);
  return (sum * end) / parts / 3;
}
