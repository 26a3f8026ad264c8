/** The names of what must always hold. */
export type InvariantName =
  | 'electionSafety'
  | 'logMatching'
  | 'leaderCompleteness'
  | 'stateMachineSafety'
  | 'committedIsImmutable'
  | 'persistedBeforeSent'
  | 'monotonicTermAndCommit'
  | 'exactlyOnce'
  | 'linearizableReads'
  | 'timeNeverDecreases'
  | 'convergence';

/** Something that must always hold does not. */
export class Violation extends Error {
  readonly invariant: InvariantName;

  constructor(invariant: InvariantName, what: string) {
    super(`${invariant}: ${what}`);
    this.name = 'Violation';
    this.invariant = invariant;
  }
}
