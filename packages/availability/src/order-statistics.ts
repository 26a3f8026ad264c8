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
 * The mean of the smallest of `count` numbers, the i-th of which is drawn uniformly from [i step, i step + width),
 * i >= 0: the integral of the product of all P(number > x), by Simpson's rule on each piece on which that
 * is a polynomial. In the unit of `width`.
 */
export function meanOfFirstStaggered(count: number, width: number, step: number): number {
  assert(count >= 1, 'there is a number');
  if (width === 0) return 0;
  if (step === 0) return meanOfUniformOrder(1, count, width);
  const above = (x: number): number => {
    let product = 1;
    for (let i = 0; i < count && i * step < x; i++)
      product *= 1 - Math.min(1, (x - i * step) / width);
    return product;
  };
  let sum = 0;
  for (let from = 0, i = 1; from < width; i++) {
    const to = i < count ? Math.min(i * step, width) : width;
    sum += simpson(above, from, to);
    from = to;
  }
  return sum;
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
