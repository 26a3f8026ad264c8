/** Ends in an error when the program itself is wrong; never for what came from outside. */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${what}`);
}
