import { assert } from './assert.ts';
import { studentQuantile } from './student.ts';

/** An estimate, and the interval that covers the truth in 95 of 100 repetitions. In the unit of the samples. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The mean of independent samples with Student's interval: mean +- t s / sqrt(n).
 *
 * Source: Law, Simulation Modeling and Analysis, 4.5. It holds for any distribution when there are many
 * samples, and for few only when they are not too skewed.
 *
 * @param samples at least one; with one alone the interval is from -Infinity to Infinity
 */
export function meanEstimate(samples: readonly number[]): Estimate {
  const count = samples.length;
  assert(count >= 1, 'there is a sample');
  const value = samples.reduce((sum, sample) => sum + sample, 0) / count;
  if (count === 1) return { value, low: -Infinity, high: Infinity };
  const squares = samples.reduce((sum, sample) => sum + (sample - value) ** 2, 0);
  const half = studentQuantile(count - 1) * Math.sqrt(squares / (count - 1) / count);
  return { value, low: value - half, high: value + half };
}

/** A stretch of a measurement, from one kill to the next or of a fixed length. ms. */
export interface Cycle {
  readonly downMs: number;
  readonly totalMs: number;
}

/**
 * The unavailability, sum of down times / sum of times, over independent stretches, as the ratio of two means
 * that vary together. Probes within one outage fail together, so an interval that took each for a trial of
 * its own would be far too narrow; stretches are independent.
 *
 * When nothing was down at all, the upper end is that of the rule of three: with n stretches, one in which
 * something happens is rarer than 1 - 0.05^(1/n).
 *
 * Source: the regenerative method; Crane and Iglehart, Operations Research 23(1), 1975, 33-45; Law, 9.5.
 * Hanley and Lippman-Hand, JAMA 249(13), 1983, 1743-1745, for the rule of three.
 */
export function unavailabilityEstimate(cycles: readonly Cycle[]): Estimate {
  const count = cycles.length;
  assert(count >= 1, 'there is a cycle');
  const total = cycles.reduce((sum, { totalMs }) => sum + totalMs, 0);
  const down = cycles.reduce((sum, { downMs }) => sum + downMs, 0);
  assert(total > 0, 'some time has passed');
  if (down === 0) return { value: 0, low: 0, high: 1 - 0.05 ** (1 / count) };
  const value = down / total;
  if (count === 1) return { value, low: 0, high: 1 };
  const squares = cycles.reduce((sum, { downMs, totalMs }) => {
    return sum + (downMs - value * totalMs) ** 2;
  }, 0);
  const deviation = Math.sqrt(squares / (count - 1) / count) / (total / count);
  const half = studentQuantile(count - 1) * deviation;
  return { value, low: Math.max(0, value - half), high: Math.min(1, value + half) };
}

/** The value that the part `p` of the samples does not exceed; the samples need not be sorted. */
export function sampleQuantile(samples: readonly number[], p: number): number {
  assert(samples.length >= 1, 'there is a sample');
  const sorted = [...samples].sort((a, b) => a - b);
  const rank = Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1));
  return sorted[rank]!;
}
