/** A broken invariant: a programmer's error, never an operating one. */
class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Holds in production too. `what` says what must be true. */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new AssertionError(`storage: ${what}`);
}
