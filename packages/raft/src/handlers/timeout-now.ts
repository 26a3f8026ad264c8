import { startElection } from '../election.ts';
import type { TimeoutNow } from '../messages.ts';
import type { RaftState } from '../raft-state.ts';
import { NO_NODE } from '../types.ts';

/** The leader hands over: campaign at once, without asking first (dissertation 3.10). */
export function handleTimeoutNow(state: RaftState, message: TimeoutNow): void {
  if (state.isLeader || !state.isPromotable || state.isHeldBack) return;
  if (state.leaderId !== NO_NODE && state.leaderId !== message.from) return;
  if (state.log.lastIndex < message.lastIndex) return;
  startElection(state, 'transfer');
}
