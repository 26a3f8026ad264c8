import { Distribution } from './distribution.ts';
import {
  meanOfExponentialOrder,
  meanOfFirstStaggered,
  meanOfUniformOrder,
} from './order-statistics.ts';

/** A part of a time that is added up from independent parts. All widths and means in ms. */
export type Term =
  | { readonly kind: 'constant'; readonly ms: number }
  /** The k-th smallest of `count` draws from [0, widthMs). */
  | {
      readonly kind: 'uniform';
      readonly widthMs: number;
      readonly k: number;
      readonly count: number;
    }
  /** The smallest of `count` draws from [0, widthMs), the i-th of which is begun i steps later, i >= 0. */
  | {
      readonly kind: 'firstStaggered';
      readonly widthMs: number;
      readonly stepMs: number;
      readonly count: number;
    }
  /** The k-th smallest of `count` exponential times. */
  | {
      readonly kind: 'exponential';
      readonly meanMs: number;
      readonly k: number;
      readonly count: number;
    }
  /** Only with this probability; otherwise nothing. */
  | { readonly kind: 'sometimes'; readonly probability: number; readonly terms: readonly Term[] };

export function constant(ms: number): Term {
  return { kind: 'constant', ms };
}

/** Closed form of the mean, ms: means add up, whatever the distributions are. */
export function meanMsOf(terms: readonly Term[]): number {
  let sum = 0;
  for (const term of terms) sum += meanMsOfOne(term);
  return sum;
}

function meanMsOfOne(term: Term): number {
  switch (term.kind) {
    case 'constant':
      return term.ms;
    case 'uniform':
      return meanOfUniformOrder(term.k, term.count, term.widthMs);
    case 'firstStaggered':
      return meanOfFirstStaggered(term.count, term.widthMs, term.stepMs);
    case 'exponential':
      return meanOfExponentialOrder(term.k, term.count, term.meanMs);
    case 'sometimes':
      return term.probability * meanMsOf(term.terms);
    default:
      return term satisfies never;
  }
}

/** The whole distribution, on a grid of `stepMs`. */
export function distributionOf(terms: readonly Term[], stepMs: number): Distribution {
  // Constants are added as one, so that the grid splits only one mass.
  const constants = terms.filter((term) => term.kind === 'constant');
  let sum = Distribution.constant(meanMsOf(constants), stepMs);
  for (const term of terms) {
    if (term.kind !== 'constant') sum = sum.plus(distributionOfOne(term, stepMs));
  }
  return sum;
}

function distributionOfOne(
  term: Exclude<Term, { kind: 'constant' }>,
  stepMs: number,
): Distribution {
  switch (term.kind) {
    case 'uniform':
      return Distribution.uniform(term.widthMs, stepMs).orderStatistic(term.k, term.count);
    case 'firstStaggered':
      return firstStaggered(term.count, term.widthMs, term.stepMs, stepMs);
    case 'exponential':
      return Distribution.exponential(term.meanMs, stepMs).orderStatistic(term.k, term.count);
    case 'sometimes':
      return Distribution.mixture([
        [term.probability, distributionOf(term.terms, stepMs)],
        [1 - term.probability, Distribution.constant(0, stepMs)],
      ]);
    default:
      return term satisfies never;
  }
}

function firstStaggered(
  count: number,
  widthMs: number,
  delayMs: number,
  stepMs: number,
): Distribution {
  const draw = Distribution.uniform(widthMs, stepMs);
  let first = draw;
  for (let i = 1; i < count && i * delayMs < widthMs; i++) {
    first = first.orEarlier(draw.plus(Distribution.constant(i * delayMs, stepMs)));
  }
  return first;
}
