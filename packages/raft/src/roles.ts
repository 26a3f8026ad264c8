import { appendOwn } from './append.ts';
import { assert } from './assert.ts';
import { encodeMembership } from './membership-codec.ts';
import { allVoters } from './membership.ts';
import type { RaftState } from './raft-state.ts';
import { NO_LEASE } from './raft-state.ts';
import { electionTermAfter, isElectionTerm } from './terms.ts';
import type { NodeId, Term } from './types.ts';
import { NO_NODE } from './types.ts';

const NO_DATA = new Uint8Array(0);

/** Follows `leaderId` (NO_NODE: nobody known) in `term`, which is never an older one. */
export function becomeFollower(state: RaftState, term: Term, leaderId: NodeId): void {
  enterTerm(state, term);
  // Its own lease ends with its leadership, and it has promised none to others.
  if (state.isLeader) state.leaderSilenceTicks = state.config.electionTicksMin;
  leaveRole(state);
  state.role = 'follower';
  state.leaderId = leaderId;
}

/** Asks whether it would be elected; nobody's term moves (dissertation 9.6). */
export function becomePreCandidate(state: RaftState): void {
  assert(!state.isLeader, 'a leader does not campaign');
  leaveRole(state);
  state.role = 'preCandidate';
  state.leaderId = NO_NODE;
}

/** Votes for itself in the next term. That vote counts once it is durable. */
export function becomeCandidate(state: RaftState): void {
  assert(!state.isLeader, 'a leader does not campaign');
  enterTerm(state, electionTermAfter(state.term));
  leaveRole(state);
  state.role = 'candidate';
  state.leaderId = NO_NODE;
  state.vote = state.id;
  state.ownVoteTerm = state.term;
}

/** A majority has voted for it. */
export function becomeLeader(state: RaftState): void {
  assert(state.role === 'candidate', 'only an elected candidate leads');
  assert(state.vote === state.id, 'an elected leader voted for itself');
  lead(
    state,
    [...state.votes.keys()].filter((id) => state.votes.get(id) === true),
  );
}

/** The leader of the term before has appointed it. What that one had was sent to all who keep up. */
export function becomeAppointed(state: RaftState): void {
  assert(!isElectionTerm(state.term), 'nobody is appointed to a term with an election');
  assert(state.leaderId === NO_NODE, 'a term has one leader');
  lead(state, state.membership.voters);
}

/**
 * Opens the term with a no-op, so that entries of earlier terms can be committed (5.4.2, 8). The very
 * first entry of a cluster is its membership. `supporters` are taken to have the whole log, until they say otherwise.
 */
function lead(state: RaftState, supporters: readonly NodeId[]): void {
  leaveRole(state);
  state.role = 'leader';
  state.leaderId = state.id;
  state.termStartIndex = state.log.lastIndex + 1;
  state.tracker.follow(state.membership, state.termStartIndex, state.ticks);
  for (const id of supporters) state.tracker.get(id)?.assume();
  const self = state.tracker.self;
  if (self !== undefined) {
    self.match = state.log.persistedIndex;
    self.becomeReplicate();
  }
  // So far only the settings of its first members say who they are; a log says it to everybody.
  if (state.log.lastIndex === 0) {
    appendOwn(state, 'membership', encodeMembership(state.membership));
  }
  appendOwn(state, 'noop', NO_DATA);
}

/** Draws the time-out after which this node campaigns if it hears no leader (Raft section 5.2). */
export function resetElectionTimeout(state: RaftState): void {
  const { electionTicksMin, electionTicksSpread } = state.config;
  state.electionElapsed = 0;
  state.electionTimeoutTicks =
    electionTicksMin +
    Math.floor(state.random() * electionTicksSpread) +
    priorityRank(state) * Math.ceil(electionTicksSpread / 2);
}

/** How many voters come first. Each lets this node wait half a spread longer. */
function priorityRank(state: RaftState): number {
  const own = state.priorityOf(state.id);
  let rank = 0;
  for (const id of allVoters(state.membership)) if (state.priorityOf(id) > own) rank += 1;
  return rank;
}

function enterTerm(state: RaftState, term: Term): void {
  assert(term >= state.term, 'terms never decrease');
  if (term === state.term) return;
  state.term = term;
  state.vote = NO_NODE;
  state.matchedIndex = 0;
}

/** Forgets what belonged to the role and draws a new time-out. */
function leaveRole(state: RaftState): void {
  state.votes.clear();
  state.ownVoteTerm = 0;
  state.awaitedLeaderId = NO_NODE;
  state.tracker.clear();
  state.reads.clear();
  state.heartbeatElapsed = 0;
  state.uncommittedBytes = 0;
  state.transferTarget = NO_NODE;
  state.transferElapsed = 0;
  state.leaseStartTick = NO_LEASE;
  state.appendsDue = false;
  state.roundDue = false;
  state.resignationDue = false;
  resetElectionTimeout(state);
}
