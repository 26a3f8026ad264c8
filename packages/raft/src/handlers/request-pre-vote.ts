import { yieldsTo } from '../election.ts';
import type { RequestPreVote } from '../messages.ts';
import type { RaftState } from '../raft-state.ts';
import { becomeFollower } from '../roles.ts';
import { isElectionTerm } from '../terms.ts';
import { NO_NODE } from '../types.ts';

/**
 * Would this node vote for the sender in `message.term`? Not while it hears a leader itself: then the
 * sender alone has lost it (dissertation 9.6, 6.2). The answer binds nobody and moves nothing.
 */
export function handleRequestPreVote(state: RaftState, message: RequestPreVote): void {
  state.refusedPreVote = undefined;
  const granted = wouldVote(state, message);
  answer(state, message, granted);
  if (granted) yieldTo(state, message);
  else if (state.hasLiveLeader) state.refusedPreVote = { request: message, tick: state.ticks };
}

/**
 * This node has lost the leader too: whoever asked a moment ago, and was refused because the leader was
 * still heard here, is told that it would be elected now.
 */
export function answerRefusedPreVote(state: RaftState): void {
  const refused = state.refusedPreVote;
  state.refusedPreVote = undefined;
  if (refused === undefined || state.ticks - refused.tick > state.config.heartbeatTicks) return;
  if (wouldVote(state, refused.request)) answer(state, refused.request, true);
}

function answer(state: RaftState, message: RequestPreVote, granted: boolean): void {
  state.outbox.send({
    type: 'RequestPreVoteResponse',
    from: state.id,
    to: message.from,
    term: granted ? message.term : state.term,
    granted,
  });
}

/** Two pre-candidates at once would split the vote: the lesser one lets the other go first. */
function yieldTo(state: RaftState, message: RequestPreVote): void {
  if (state.role !== 'preCandidate' || !yieldsTo(state, message)) return;
  becomeFollower(state, state.term, NO_NODE);
}

/**
 * A candidate that waits for votes does not let another in between that is no better: it may be elected
 * any moment. If it is not, it asks anew itself, and grants then what is asked of it.
 */
function hasBetterLog({ log }: RaftState, message: RequestPreVote): boolean {
  return message.lastTerm !== log.lastTerm || message.lastIndex !== log.lastIndex;
}

function wouldVote(state: RaftState, message: RequestPreVote): boolean {
  if (!isElectionTerm(message.term)) return false;
  if (state.hasLiveLeader || state.hasPromisedLease) return false;
  if (!state.log.isUpToDate({ index: message.lastIndex, term: message.lastTerm })) return false;
  if (message.term > state.term) return state.role !== 'candidate' || hasBetterLog(state, message);
  if (message.term < state.term) return false;
  return state.vote === message.from || (state.vote === NO_NODE && state.leaderId === NO_NODE);
}
