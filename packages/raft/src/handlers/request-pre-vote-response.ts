import { recordPreVote } from '../election.ts';
import type { RequestPreVoteResponse } from '../messages.ts';
import type { RaftState } from '../raft-state.ts';
import { electionTermAfter } from '../terms.ts';

/** Counts while the pre-vote lasts; a grant only for the term that this node would campaign in. */
export function handleRequestPreVoteResponse(
  state: RaftState,
  message: RequestPreVoteResponse,
): void {
  if (state.role !== 'preCandidate') return;
  if (message.granted && message.term !== electionTermAfter(state.term)) return;
  recordPreVote(state, message.from, message.granted ? 'granted' : 'refused');
}
