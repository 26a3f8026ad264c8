import { allVoters } from './membership.ts';
import type { Message, RequestPreVote } from './messages.ts';
import { voteResult } from './quorum.ts';
import type { VoteResult } from './quorum.ts';
import type { RaftState } from './raft-state.ts';
import { becomeCandidate, becomeFollower, becomeLeader, becomePreCandidate } from './roles.ts';
import { electionTermAfter } from './terms.ts';
import type { EntryId, NodeId } from './types.ts';
import { NO_NODE } from './types.ts';

/** Whether the leader asked for this election (dissertation 3.10) or this node won a pre-vote. */
export type CampaignReason = 'preVoteWon' | 'transfer';

/** Asks the voters whether they would elect this node. Its own answer needs no disk: it binds nobody. */
function startPreVote(state: RaftState): void {
  becomePreCandidate(state);
  const { index: lastIndex, term: lastTerm } = lastEntryId(state);
  const { id: from, term } = state;
  forEachOtherVoter(state, (to) => {
    const request: Message = {
      type: 'RequestPreVote',
      from,
      to,
      term: electionTermAfter(term),
      lastIndex,
      lastTerm,
    };
    state.outbox.send(request);
  });
  recordPreVote(state, from, 'granted');
}

/**
 * Campaigns in the next term. The requests leave at once: they promise nothing, and the others' disks
 * work beside this one's. What counts is that this node leads only once its term and its vote for
 * itself are durable, see `recordVote`.
 */
export function startElection(state: RaftState, reason: CampaignReason): void {
  becomeCandidate(state);
  const { index: lastIndex, term: lastTerm } = lastEntryId(state);
  const { id: from, term } = state;
  forEachOtherVoter(state, (to) => {
    const request: Message = {
      type: 'RequestVote',
      from,
      to,
      term,
      lastIndex,
      lastTerm,
      isTransfer: reason === 'transfer',
    };
    state.outbox.send(request);
  });
}

export type Ballot = 'granted' | 'refused';

/** An answer to this pre-candidate. A refused quorum sends it back to wait for another time-out. */
export function recordPreVote(state: RaftState, voter: NodeId, ballot: Ballot): void {
  // Who refused because it still heard the leader may have lost it since.
  if (ballot === 'granted') state.votes.delete(voter);
  const result = record(state, voter, ballot);
  if (result === 'won') startElection(state, 'preVoteWon');
  if (result === 'lost') becomeFollower(state, state.term, NO_NODE);
}

/**
 * A durable answer to this candidate, its own included. Without its own the votes of the others are not
 * enough: after a crash this node could campaign in the same term again, be elected by the same votes,
 * and put other entries where the first time it had put some.
 */
export function recordVote(state: RaftState, voter: NodeId, ballot: Ballot): void {
  const result = record(state, voter, ballot);
  if (result === 'won' && state.votes.has(state.id)) becomeLeader(state);
  if (result === 'lost') becomeFollower(state, state.term, NO_NODE);
}

/** The election time-out ran out, or the failure detector spoke. */
export function onLeaderMissed(state: RaftState): void {
  if (state.isPromotable && !state.isHeldBack) startPreVote(state);
  else becomeFollower(state, state.term, NO_NODE);
}

/**
 * Of two pre-candidates one goes first, so that they don't split the vote: the one with the more complete
 * log, then the higher priority, then the higher id. The other's log is at least as complete as this.
 */
export function yieldsTo(state: RaftState, other: RequestPreVote): boolean {
  const own = lastEntryId(state);
  if (other.lastTerm !== own.term || other.lastIndex !== own.index) return true;
  return comesBefore(state, other.from, state.id);
}

/** With equally complete logs, the higher priority goes first, then the higher id. */
export function comesBefore(state: RaftState, one: NodeId, other: NodeId): boolean {
  const priority = state.priorityOf(one) - state.priorityOf(other);
  return priority > 0 || (priority === 0 && one > other);
}

function record(state: RaftState, voter: NodeId, ballot: Ballot): VoteResult {
  if (!state.votes.has(voter)) state.votes.set(voter, ballot === 'granted');
  return voteResult(state.membership, state.votes);
}

function lastEntryId(state: RaftState): EntryId {
  return { index: state.log.lastIndex, term: state.log.lastTerm };
}

function forEachOtherVoter(state: RaftState, onVoter: (id: NodeId) => void): void {
  for (const id of allVoters(state.membership)) if (id !== state.id) onVoter(id);
}
