import type { RaftState } from '../raft-state.ts';
import { becomeFollower } from '../roles.ts';
import type { NodeId } from '../types.ts';
import { NO_NODE } from '../types.ts';

/**
 * The leader of the current term was heard: follow it, also after it was suspected. Returns false for
 * what cannot be, a second leader in one term; such a message is not acted upon (Raft section 5.2).
 */
export function acceptLeader(state: RaftState, from: NodeId): boolean {
  if (state.isLeader) return false;
  if (state.leaderId !== from) {
    if (state.role === 'follower' && state.leaderId !== NO_NODE) return false;
    becomeFollower(state, state.term, from);
  }
  state.electionElapsed = 0;
  state.leaderSilenceTicks = 0;
  return true;
}
