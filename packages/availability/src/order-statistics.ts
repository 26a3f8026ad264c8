import { assert } from './assert.ts';

/** H(n) = 1 + 1/2 + ... + 1/n, and H(0) = 0. No unit. */
function harmonic(n: number): number {
  let sum = 0;
  for (let i = n; i >= 1; i--) sum += 1 / i;
  return sum;
}

/**
 * The mean of the k-th smallest of `count` numbers drawn uniformly from [0, width): width k / (count + 1).
 * In the unit of `width`. The smallest of many is small: this is why more followers notice a silence sooner.
 *
 * Source: David and Nagaraja, Order Statistics, 3rd edition, 3.1.
 */
export function meanOfUniformOrder(k: number, count: number, width: number): number {
  checkRank(k, count);
  return (width * k) / (count + 1);
}

/** Intervals of Simpson's rule on each smooth piece; its error falls with their fourth power. */
const SIMPSON_PARTS = 64;

/**
 * The mean of the smallest of `count` sums, each of a number from [0, a) and one from [0, b): the integral of
 * (1 - F(x))^count, where the density of F rises to the smaller width, is flat to the larger one, and falls.
 * By Simpson's rule on each of the three pieces, on which the integrand is a polynomial. In the unit of the
 * widths.
 */
export function meanOfFirstSum(count: number, a: number, b: number): number {
  assert(count >= 1, 'there is a sum');
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  if (small === 0) return meanOfUniformOrder(1, count, large);
  const area = small * large;
  /** 1 - F. */
  const above = (x: number): number => {
    if (x <= small) return 1 - (x * x) / (2 * area);
    if (x <= large) return 1 - (x - small / 2) / large;
    return (small + large - x) ** 2 / (2 * area);
  };
  const integrand = (x: number): number => above(x) ** count;
  const ends = [0, small, large, small + large] as const;
  return (
    simpson(integrand, ends[0], ends[1]) +
    simpson(integrand, ends[1], ends[2]) +
    simpson(integrand, ends[2], ends[3])
  );
}

function simpson(f: (x: number) => number, from: number, to: number): number {
  const width = (to - from) / SIMPSON_PARTS;
  let sum = f(from) + f(to);
  for (let i = 1; i < SIMPSON_PARTS; i++) sum += f(from + i * width) * (i % 2 === 1 ? 4 : 2);
  return (sum * width) / 3;
}

/**
 * The mean of the k-th smallest of `count` independent exponential times: mean (H(count) - H(count - k)).
 * In the unit of `mean`. A quorum's flush is one: the k-th fastest disk of those that are asked.
 *
 * Source: Renyi's representation; David and Nagaraja, 2.5.
 */
export function meanOfExponentialOrder(k: number, count: number, mean: number): number {
  checkRank(k, count);
  return mean * (harmonic(count) - harmonic(count - k));
}

/**
 * P(at least k of `count` independent events happen), each with probability p. All terms are positive, so
 * nothing cancels.
 */
export function binomialTail(k: number, count: number, p: number): number {
  let sum = 0;
  for (let i = count; i >= Math.max(k, 0); i--) sum += binomialMass(i, count, p);
  return Math.min(sum, 1);
}

/** P(exactly k of `count` independent events happen), each with probability p. */
export function binomialMass(k: number, count: number, p: number): number {
  let ways = 1;
  for (let i = 1; i <= k; i++) ways = (ways * (count - k + i)) / i;
  return ways * p ** k * (1 - p) ** (count - k);
}

function checkRank(k: number, count: number): void {
  assert(k >= 1, 'ranks begin with 1');
  assert(k <= count, 'a rank is at most the count');
}
