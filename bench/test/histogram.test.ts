import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from '../src/histogram.ts';

function naivePercentile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(fraction * sorted.length)) - 1]!;
}

const latencies = fc.array(fc.integer({ min: 0, max: 60_000_000 }), { minLength: 1 });
const fractions = fc.double({ min: 0, max: 1, noNaN: true });

function histogramOf(values: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  values.forEach((value) => histogram.record(value));
  return histogram;
}

describe('LatencyHistogram', () => {
  it('gives percentiles that are those of the sorted values to within 1 %', () => {
    fc.assert(
      fc.property(latencies, fractions, (values, fraction) => {
        const expected = naivePercentile(values, fraction);
        const actual = histogramOf(values).percentileUs(fraction);
        expect(actual).toBeGreaterThanOrEqual(expected);
        expect(actual).toBeLessThanOrEqual(expected * 1.01);
      }),
    );
  });

  it('is the same when its values were counted by two processes and added up', () => {
    fc.assert(
      fc.property(latencies, latencies, (one, two) => {
        const sum = histogramOf(one);
        sum.add(histogramOf(two).toData());
        expect(sum.toData()).toEqual(histogramOf([...one, ...two]).toData());
        expect(sum.count).toBe(one.length + two.length);
      }),
    );
  });

  it('keeps the longest latency exactly, beyond its last bucket too', () => {
    const histogram = histogramOf([1, 2.5e9]);
    expect(histogram.maxUs).toBe(2.5e9);
    expect(histogram.percentileUs(0.5)).toBe(1);
  });

  it('says 0 when nothing was recorded', () => {
    expect(new LatencyHistogram().percentileUs(0.99)).toBe(0);
  });
});
