import { yieldsTo } from '../election.ts';
import type { RequestPreVote } from '../messages.ts';
import type { RaftState } from '../raft-state.ts';
import { becomeFollower } from '../roles.ts';
import { NO_NODE } from '../types.ts';

/**
 * Would this node vote for the sender in `message.term`? Not while it hears a leader itself: then the
 * sender alone has lost it (dissertation 9.6, 6.2). The answer binds nobody and moves nothing.
 */
export function handleRequestPreVote(state: RaftState, message: RequestPreVote): void {
  const granted = wouldVote(state, message);
  state.outbox.send({
    type: 'RequestPreVoteResponse',
    from: state.id,
    to: message.from,
    term: granted ? message.term : state.term,
    granted,
  });
  // Two pre-candidates at once would split the vote: the lesser one lets the other go first.
  if (granted && state.role === 'preCandidate' && yieldsTo(state, message)) {
    becomeFollower(state, state.term, NO_NODE);
  }
}

/**
 * A candidate that waits for votes does not let another in between that is no better: it may be elected
 * any moment. If it is not, it asks anew itself, and grants then what is asked of it.
 */
function hasBetterLog({ log }: RaftState, message: RequestPreVote): boolean {
  return message.lastTerm !== log.lastTerm || message.lastIndex !== log.lastIndex;
}

function wouldVote(state: RaftState, message: RequestPreVote): boolean {
  if (state.hasLiveLeader || state.hasPromisedLease) return false;
  if (!state.log.isUpToDate({ index: message.lastIndex, term: message.lastTerm })) return false;
  if (message.term > state.term) return state.role !== 'candidate' || hasBetterLog(state, message);
  if (message.term < state.term) return false;
  return state.vote === message.from || (state.vote === NO_NODE && state.leaderId === NO_NODE);
}
