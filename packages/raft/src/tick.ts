import { onLeaderMissed } from './election.ts';
import type { RaftState } from './raft-state.ts';
import { becomeFollower } from './roles.ts';
import { tickTransfer } from './transfer.ts';
import { NO_NODE } from './types.ts';

/** Logical time passes. */
export function tick(state: RaftState): void {
  state.ticks += 1;
  if (state.isLeader) tickLeader(state);
  else tickOthers(state);
}

/** Heartbeats, check-quorum, and the end of a transfer that does not come about. */
function tickLeader(state: RaftState): void {
  if (!hasQuorum(state)) {
    becomeFollower(state, state.term, NO_NODE);
    return;
  }
  tickTransfer(state);
  state.heartbeatElapsed += 1;
  if (state.heartbeatElapsed >= state.config.heartbeatTicks) state.roundDue = true;
}

/** A leader that has not heard a quorum for a whole time-out may have been replaced (6.2). */
function hasQuorum(state: RaftState): boolean {
  const { self } = state.tracker;
  if (self !== undefined) self.heardTick = state.ticks;
  return state.ticks - state.tracker.quorumHeardTick() < state.config.electionTicksMin;
}

function tickOthers(state: RaftState): void {
  state.electionElapsed += 1;
  state.leaderSilenceTicks += 1;
  if (state.electionElapsed < state.electionTimeoutTicks || state.hasPromisedLease) return;
  onLeaderMissed(state);
}
