/** A small generator with a seed (mulberry32): the same numbers on every run. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An exponential time. */
export function exponentialFrom(random: () => number, mean: number): number {
  return -mean * Math.log(1 - random());
}

/** Mean and 99.99 % interval of independent draws: a right formula leaves it once in 10,000 seeds. */
export function sampled(
  count: number,
  draw: () => number,
): { readonly mean: number; readonly half: number } {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const value = draw();
    sum += value;
    squares += value * value;
  }
  const mean = sum / count;
  const deviation = Math.sqrt(Math.max(0, squares / count - mean * mean));
  return { mean, half: (3.9 * deviation) / Math.sqrt(count) };
}

/** The k-th smallest. */
export function kthSmallest(values: number[], k: number): number {
  return values.sort((a, b) => a - b)[k - 1]!;
}
