import type { RandomSource } from '../random.ts';

/** What a node has of its own: its clock and its chance. */
export interface NodeGlobals {
  /** Since 1970, as this machine's clock has it. */
  readonly wallMs: () => number;
  readonly random: RandomSource;
}

const RealDate = Date;

/**
 * Runs a state machine's code with the clock and the chance of its node: what it should not look at is
 * different on every node, as it would be in earnest, and the same again when a seed is replayed.
 */
export function withGlobalsOf<T>({ wallMs, random }: NodeGlobals, work: () => T): T {
  const { performance, Date: date } = globalThis;
  const realRandom = Math.random;
  globalThis.Date = dateOf(wallMs);
  globalThis.performance = Object.create(performance, {
    now: { value: wallMs },
  }) as typeof performance;
  Math.random = () => random.next();
  try {
    return work();
  } finally {
    globalThis.Date = date;
    globalThis.performance = performance;
    Math.random = realRandom;
  }
}

function dateOf(wallMs: () => number): DateConstructor {
  return new Proxy(RealDate, {
    construct: (target, args: readonly unknown[]) =>
      args.length === 0 ? new target(wallMs()) : (Reflect.construct(target, args) as Date),
    apply: () => new RealDate(wallMs()).toString(),
    get: (target, key) => (key === 'now' ? wallMs : (Reflect.get(target, key) as unknown)),
  });
}
