import type { RequestVote } from '../messages.ts';
import type { RaftState } from '../raft-state.ts';
import { becomeFollower } from '../roles.ts';
import { isElectionTerm } from '../terms.ts';
import { NO_NODE } from '../types.ts';

/**
 * Votes at most once in a term, and only for a log at least as complete as its own (Raft sections 5.2
 * and 5.4.1). The vote leaves once it is durable. A learner votes too when it is asked: whoever asks
 * counts it as a voter, and this node may merely not have received the entry that made it one.
 */
export function handleRequestVote(state: RaftState, message: RequestVote): void {
  const granted = mayVote(state, message);
  if (granted) {
    if (state.role !== 'follower') becomeFollower(state, state.term, NO_NODE);
    state.vote = message.from;
    state.electionElapsed = 0;
  }
  const response = {
    type: 'RequestVoteResponse',
    from: state.id,
    to: message.from,
    term: state.term,
    granted,
  } as const;
  if (granted) state.outbox.sendAfterPersist(response);
  else state.outbox.send(response);
}

function mayVote(state: RaftState, message: RequestVote): boolean {
  if (!isElectionTerm(message.term)) return false;
  if (state.hasPromisedLease && !message.isTransfer) return false;
  if (!state.log.isUpToDate({ index: message.lastIndex, term: message.lastTerm })) return false;
  return state.vote === message.from || (state.vote === NO_NODE && state.leaderId === NO_NODE);
}
