/** Throws when a programmer's assumption does not hold. On in every run. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${what}`);
}
