import { assert } from './assert.ts';
import { binomialTail } from './order-statistics.ts';

/** What lies further out than this probability is counted at the end of the grid. */
const TAIL = 1e-7;
const NEGLIGIBLE = 1e-15;

/**
 * The distribution of a time, on a grid: `masses[i]` is the probability of i steps. Independent times are
 * added and the k-th fastest is taken without any sampling; the only error is the grid's. A mass between two
 * points is split so that the mean stays exact.
 */
export class Distribution {
  readonly stepMs: number;
  readonly masses: Float64Array;

  private constructor(stepMs: number, masses: Float64Array) {
    this.stepMs = stepMs;
    this.masses = masses;
  }

  /** Always `timeMs`. */
  static constant(timeMs: number, stepMs: number): Distribution {
    const grid = new Grid(stepMs, timeMs);
    grid.add(1, timeMs);
    return new Distribution(stepMs, grid.masses);
  }

  /** Anything from 0 to `widthMs`, equally likely. */
  static uniform(widthMs: number, stepMs: number): Distribution {
    if (widthMs === 0) return Distribution.constant(0, stepMs);
    const grid = new Grid(stepMs, widthMs);
    for (let fromMs = 0; fromMs < widthMs; fromMs += stepMs) {
      const toMs = Math.min(fromMs + stepMs, widthMs);
      grid.add((toMs - fromMs) / widthMs, (fromMs + toMs) / 2);
    }
    return new Distribution(stepMs, grid.masses);
  }

  /** Exponential with mean `meanMs`. */
  static exponential(meanMs: number, stepMs: number): Distribution {
    if (meanMs === 0) return Distribution.constant(0, stepMs);
    const spanMs = -meanMs * Math.log(TAIL);
    const grid = new Grid(stepMs, spanMs + meanMs);
    const within = -Math.expm1(-stepMs / meanMs);
    // The mean of an exponential time that is known to be below one step.
    const offsetMs = meanMs - stepMs / Math.expm1(stepMs / meanMs);
    let fromMs = 0;
    for (; fromMs < spanMs; fromMs += stepMs) {
      grid.add(Math.exp(-fromMs / meanMs) * within, fromMs + offsetMs);
    }
    grid.add(Math.exp(-fromMs / meanMs), fromMs + meanMs);
    return new Distribution(stepMs, grid.masses);
  }

  /** One of several, each with its probability; those add up to 1. */
  static mixture(
    parts: readonly (readonly [probability: number, of: Distribution])[],
  ): Distribution {
    const stepMs = parts[0]![1].stepMs;
    const masses = new Float64Array(Math.max(...parts.map(([, { masses }]) => masses.length)));
    for (const [probability, part] of parts) {
      assert(part.stepMs === stepMs, 'distributions share a grid');
      for (const [i, mass] of part.masses.entries()) masses[i]! += probability * mass;
    }
    return new Distribution(stepMs, masses);
  }

  /** The sum of two independent times. */
  plus(other: Distribution): Distribution {
    assert(other.stepMs === this.stepMs, 'distributions share a grid');
    const [short, long] = this.masses.length < other.masses.length ? [this, other] : [other, this];
    const masses = new Float64Array(short.masses.length + long.masses.length - 1);
    for (const [i, mass] of short.masses.entries()) {
      if (mass < NEGLIGIBLE) continue;
      for (let j = 0; j < long.masses.length; j++) masses[i + j]! += mass * long.masses[j]!;
    }
    return new Distribution(this.stepMs, trimmed(masses));
  }

  /** The k-th smallest of `count` independent draws. */
  orderStatistic(k: number, count: number): Distribution {
    assert(k >= 1, 'ranks begin with 1');
    assert(k <= count, 'a rank is at most the count');
    const masses = new Float64Array(this.masses.length);
    let below = 0;
    let before = 0;
    for (const [i, mass] of this.masses.entries()) {
      below = Math.min(1, below + mass);
      const upTo = binomialTail(k, count, below);
      masses[i] = Math.max(0, upTo - before);
      before = upTo;
    }
    return new Distribution(this.stepMs, masses);
  }

  /** The smaller of two independent times. */
  orEarlier(other: Distribution): Distribution {
    assert(other.stepMs === this.stepMs, 'distributions share a grid');
    const masses = new Float64Array(Math.max(this.masses.length, other.masses.length));
    let [own, others, before] = [1, 1, 1];
    for (let i = 0; i < masses.length; i++) {
      own = Math.max(0, own - (this.masses[i] ?? 0));
      others = Math.max(0, others - (other.masses[i] ?? 0));
      masses[i] = Math.max(0, before - own * others);
      before = own * others;
    }
    return new Distribution(this.stepMs, trimmed(masses));
  }

  /** ms. */
  get meanMs(): number {
    let sum = 0;
    for (const [i, mass] of this.masses.entries()) sum += i * mass;
    return sum * this.stepMs;
  }

  /** The time that is not exceeded with probability `p`, ms, to the next point of the grid. */
  quantileMs(p: number): number {
    let below = 0;
    for (const [i, mass] of this.masses.entries()) {
      below += mass;
      if (below >= p) return i * this.stepMs;
    }
    return (this.masses.length - 1) * this.stepMs;
  }

  /** P(time <= `timeMs`). */
  probabilityWithin(timeMs: number): number {
    let below = 0;
    const last = Math.min(this.masses.length - 1, Math.floor(timeMs / this.stepMs + 1e-9));
    for (let i = 0; i <= last; i++) below += this.masses[i]!;
    return Math.min(1, below);
  }
}

/** The points of a distribution while it is made. */
class Grid {
  readonly masses: Float64Array;
  readonly #stepMs: number;

  constructor(stepMs: number, spanMs: number) {
    assert(stepMs > 0, 'a grid has a step');
    assert(spanMs >= 0, 'a time is not negative');
    this.#stepMs = stepMs;
    this.masses = new Float64Array(Math.floor(spanMs / stepMs) + 3);
  }

  /** Puts `mass` on the two points around `meanMs`. */
  add(mass: number, meanMs: number): void {
    const at = meanMs / this.#stepMs;
    const below = Math.floor(at);
    this.masses[below]! += mass * (1 - (at - below));
    this.masses[below + 1]! += mass * (at - below);
  }
}

function trimmed(masses: Float64Array): Float64Array {
  let length = masses.length;
  while (length > 1 && masses[length - 1]! < NEGLIGIBLE) length -= 1;
  return masses.slice(0, length);
}
