import { onMembershipCommitted } from './membership-change.ts';
import type { RaftState } from './raft-state.ts';
import { startRoundIfAwaited } from './read-index.ts';

/**
 * The leader commits what a quorum holds durably, if it is an entry of its own term: an older one that
 * is on a majority can still be replaced (Raft section 5.4.2, figure 8). Older entries are committed
 * along with it.
 */
export function advanceCommit(state: RaftState): void {
  const index = state.tracker.quorumMatch();
  if (index < state.termStartIndex || !state.log.commitTo(index)) return;
  state.appendsDue = true;
  startRoundIfAwaited(state);
  onMembershipCommitted(state);
}

/** This node's own disk counts like any other. */
export function onOwnLogPersisted(state: RaftState): void {
  const { self } = state.tracker;
  if (self?.accept(state.log.persistedIndex) === true) advanceCommit(state);
}
