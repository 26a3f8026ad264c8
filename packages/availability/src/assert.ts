/** The program itself is wrong, or its own disk is: nothing sensible can follow. Never peer input. */
class AssertionFailure extends Error {
  override readonly name = 'AssertionFailure';
}

/** Stays on in production. `what` names the property that should have held. */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new AssertionFailure(what);
}
