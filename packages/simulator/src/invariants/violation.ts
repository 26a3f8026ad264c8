import type { ClientPromise } from '../oracle/history.ts';

/** The names of what must always hold; those of clients' histories are the oracle's. */
export type InvariantName =
  | ClientPromise
  | 'electionSafety'
  | 'logMatching'
  | 'leaderCompleteness'
  | 'commitOfOwnTerm'
  | 'durableQuorum'
  | 'exactSnapshots'
  | 'jointChanges'
  | 'stableLeader'
  | 'sessionKept'
  | 'stateMachineSafety'
  | 'committedIsImmutable'
  | 'persistedBeforeSent'
  | 'monotonicTermAndCommit'
  | 'exactlyOnce'
  | 'linearizableReads'
  | 'timeNeverDecreases'
  | 'replicasAgree'
  | 'oneLeaseHolder'
  | 'convergence'
  /** Of a user's state machine: see machine/. */
  | `stateMachine.${string}`;

/** Something that must always hold does not. */
export class Violation extends Error {
  readonly invariant: InvariantName;

  constructor(invariant: InvariantName, what: string) {
    super(`${invariant}: ${what}`);
    this.name = 'Violation';
    this.invariant = invariant;
  }
}
