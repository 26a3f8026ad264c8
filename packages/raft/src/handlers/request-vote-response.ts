import { recordVote } from '../election.ts';
import type { RequestVoteResponse } from '../messages.ts';
import type { RaftState } from '../raft-state.ts';

/** Counts while this node campaigns in that very term. */
export function handleRequestVoteResponse(state: RaftState, message: RequestVoteResponse): void {
  if (state.role !== 'candidate') return;
  recordVote(state, message.from, message.granted ? 'granted' : 'refused');
}
