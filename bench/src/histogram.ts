import { assert } from './assert.ts';

/** Buckets per power of two: a value is known to within 1/128 of itself. */
const SUB_BUCKETS = 128;
const SUB_BUCKET_BITS = 7;
/** About 67 s; longer latencies are counted as this long, but `maxUs` stays exact. */
const VALUE_US_MAX = 2 ** 26 - 1;
const BUCKETS = bucketOf(VALUE_US_MAX) + 1;

/** What one process sends to another: pairs of bucket and count, empty buckets left out. */
export interface HistogramData {
  readonly pairs: readonly number[];
  readonly maxUs: number;
}

function bucketOf(valueUs: number): number {
  const shift = Math.max(0, 31 - Math.clz32(valueUs) - SUB_BUCKET_BITS);
  return shift * SUB_BUCKETS + (valueUs >>> shift);
}

/** The largest value that falls into the bucket. */
function upperBoundUs(bucket: number): number {
  if (bucket < 2 * SUB_BUCKETS) return bucket;
  const shift = Math.floor(bucket / SUB_BUCKETS) - 1;
  const mantissa = bucket - shift * SUB_BUCKETS;
  return (mantissa + 1) * 2 ** shift - 1;
}

/**
 * Latencies in microseconds, in buckets whose width grows with the value, so that recording costs
 * no memory, histograms of several processes add up, and percentiles are exact to under 1 %.
 */
export class LatencyHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #maxUs = 0;

  get count(): number {
    return this.#count;
  }

  /** The longest latency, exact. */
  get maxUs(): number {
    return this.#maxUs;
  }

  record(latencyUs: number): void {
    const valueUs = Math.min(VALUE_US_MAX, Math.max(0, Math.round(latencyUs)));
    const bucket = bucketOf(valueUs);
    this.#counts[bucket] = this.#counts[bucket]! + 1;
    this.#count += 1;
    if (latencyUs > this.#maxUs) this.#maxUs = latencyUs;
  }

  /**
   * The latency that `fraction` (0..1) of all operations did not exceed; 0 when there are none.
   */
  percentileUs(fraction: number): number {
    assert(fraction >= 0, 'a percentile is a fraction');
    assert(fraction <= 1, 'a percentile is a fraction');
    const rank = Math.max(1, Math.ceil(fraction * this.#count));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      seen += this.#counts[bucket]!;
      if (seen >= rank) return Math.min(upperBoundUs(bucket), this.#maxUs);
    }
    return this.#maxUs;
  }

  /** Adds what another process has counted. */
  add(data: HistogramData): void {
    assert(data.pairs.length % 2 === 0, 'a histogram is made of pairs');
    for (let at = 0; at < data.pairs.length; at += 2) {
      const bucket = data.pairs[at]!;
      const count = data.pairs[at + 1]!;
      this.#counts[bucket] = this.#counts[bucket]! + count;
      this.#count += count;
    }
    this.#maxUs = Math.max(this.#maxUs, data.maxUs);
  }

  toData(): HistogramData {
    const pairs: number[] = [];
    this.#counts.forEach((count, bucket) => {
      if (count > 0) pairs.push(bucket, count);
    });
    return { pairs, maxUs: this.#maxUs };
  }
}
