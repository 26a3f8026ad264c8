import { assert } from './assert.ts';
import { YEAR_MS } from './time.ts';

/**
 * P(at least one failure within `timeMs`) = 1 - exp(-timeMs / mtbfMs), when failures are a Poisson process:
 * they come one at a time, at a constant rate, and none makes the next likelier. Computed by `expm1`, so that
 * a second against a year keeps all its digits.
 *
 * The density (1 / mtbf) exp(-t / mtbf) is not this probability: it has the unit of a rate, and above all
 * it falls with time.
 *
 * Source: Ross, Introduction to Probability Models, 5.2 and 5.3.
 *
 * @param timeMs how long one looks, ms
 * @param mtbfMs mean time between failures, ms
 */
export function failureProbability(timeMs: number, mtbfMs: number): number {
  assert(timeMs >= 0, 'a time is not negative');
  assert(mtbfMs > 0, 'a mean time between failures is positive');
  return -Math.expm1(-timeMs / mtbfMs);
}

/**
 * The part of all time in which one node is down: MTTR / (MTBF + MTTR), whatever the distributions of the
 * two are, as long as their means exist. Given as such, not as 1 - availability, so that it keeps its
 * digits when it is tiny.
 *
 * Source: the renewal reward theorem; Ross, 7.4; Trivedi, Probability and Statistics with Reliability,
 * Queuing and Computer Science Applications, 6.6.
 *
 * @param mtbfMs mean time from a repair to the next failure, ms
 * @param mttrMs mean time from a failure to the end of its repair, ms
 */
export function nodeUnavailability(mtbfMs: number, mttrMs: number): number {
  assert(mtbfMs > 0, 'a mean time between failures is positive');
  assert(mttrMs >= 0, 'a mean time to repair is not negative');
  return mttrMs / (mtbfMs + mttrMs);
}

/** How many nines: -log10 of the unavailability; 0.001 gives 3. No unavailability at all: Infinity. */
export function ninesOf(unavailability: number): number {
  assert(unavailability >= 0, 'a part is not negative');
  assert(unavailability <= 1, 'a part is not above the whole');
  return Math.abs(Math.log10(unavailability));
}

/** Downtime in a year of 365.25 days, ms. */
export function downtimeMsPerYear(unavailability: number): number {
  return unavailability * YEAR_MS;
}
