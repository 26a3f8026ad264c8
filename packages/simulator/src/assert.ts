/** A defect of the simulator itself, as opposed to a violation, which is a defect of what it runs. */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`simulator: assertion failed: ${what}`);
}
