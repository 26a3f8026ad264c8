import { assert } from './assert.ts';

/**
 * The value that Student's t with `degrees` degrees of freedom exceeds in neither direction with probability
 * `confidence`: 12.706 for 1 and 0.95, towards 1.960 for many. By bisection on the distribution function,
 * which is written with the regularised incomplete beta function.
 *
 * Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.1 and 26.5.8.
 */
export function studentQuantile(degrees: number, confidence = 0.95): number {
  assert(degrees >= 1, 'there is a degree of freedom');
  assert(confidence > 0 && confidence < 1, 'a confidence is between 0 and 1');
  let low = 0;
  let high = 1;
  while (withinProbability(high, degrees) < confidence) high *= 2;
  for (let i = 0; i < 100 && high - low > 1e-12 * high; i++) {
    const middle = (low + high) / 2;
    if (withinProbability(middle, degrees) < confidence) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(-t <= T <= t) = 1 - I_x(degrees / 2, 1/2) with x = degrees / (degrees + t^2). */
function withinProbability(t: number, degrees: number): number {
  return 1 - incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
}

/** I_x(a, b), the regularised incomplete beta function. */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The continued fraction converges fast on this side; the other follows by symmetry.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b);
  return (Math.exp(front) / a) * betaFraction(x, a, b);
}

/** By Lentz's method. Source: Lentz, Applied Optics 15(3), 1976, 668-671. */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / orTiny(1 - ((a + b) * x) / (a + 1), tiny);
  let value = d;
  for (let m = 1; m < 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / orTiny(1 + even * d, tiny);
    c = orTiny(1 + even / c, tiny);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / orTiny(1 + odd * d, tiny);
    c = orTiny(1 + odd / c, tiny);
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return value;
}

function orTiny(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}

/** ln Gamma(x) for x > 0: Stirling's series, after the argument is raised. Source: A&S 6.1.41 and 6.1.15. */
function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  for (; z < 12; z += 1) shift += Math.log(z);
  const series = 1 / (12 * z) - 1 / (360 * z ** 3) + 1 / (1260 * z ** 5) - 1 / (1680 * z ** 7);
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
