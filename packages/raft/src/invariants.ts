import { assert } from './assert.ts';
import { isJoint } from './membership.ts';
import type { Progress } from './progress.ts';
import { majorityValue } from './quorum.ts';
import type { RaftNode } from './raft-node.ts';
import type { RaftState } from './raft-state.ts';
import { isElectionTerm } from './terms.ts';
import type { LogIndex, NodeId, Role, Term } from './types.ts';
import { NO_NODE } from './types.ts';

/** What the next check compares with. */
export interface InvariantSnapshot {
  readonly term: Term;
  readonly vote: NodeId;
  readonly role: Role;
  readonly leaderId: NodeId;
  readonly lastIndex: LogIndex;
  readonly commitIndex: LogIndex;
  readonly appliedIndex: LogIndex;
  readonly lastRound: number;
}

/**
 * Checks everything that must hold of one node at any moment, and, given what the last check of the same
 * process returned, of its steps. Cheap: independent of the log's length.
 *
 * @throws AssertionFailure naming the invariant that does not hold.
 */
export function checkNodeInvariants(
  node: RaftNode,
  previous?: InvariantSnapshot,
): InvariantSnapshot {
  const { state } = node;
  checkLog(state);
  checkRole(state);
  if (state.isLeader) checkLeader(state);
  const now = snapshotOf(state);
  if (previous !== undefined) checkStep(previous, now);
  return now;
}

function snapshotOf(state: RaftState): InvariantSnapshot {
  const { term, vote, role, leaderId, log, reads } = state;
  const { lastIndex, commitIndex, appliedIndex } = log;
  const { lastRound } = reads;
  return { term, vote, role, leaderId, lastIndex, commitIndex, appliedIndex, lastRound };
}

function checkLog(state: RaftState): void {
  const { log, memberships } = state;
  assert(log.appliedIndex <= log.deliveredIndex, 'applied <= delivered');
  assert(log.deliveredIndex <= log.commitIndex, 'delivered <= commit');
  assert(log.deliveredIndex <= log.persistedIndex, 'delivered <= persisted');
  assert(log.commitIndex <= log.lastIndex, 'commit <= last');
  assert(log.persistedIndex <= log.lastIndex, 'persisted <= last');
  assert(state.matchedIndex <= log.lastIndex, 'matched <= last');
  assert(log.firstIndex <= log.deliveredIndex + 1, 'nothing undelivered was dropped');
  assert(memberships.currentIndex <= log.lastIndex, 'the membership comes from the log');
  assert(log.lastTerm <= state.term, 'no entry is of a later term than the node');
  assert(state.hardStateSaid.commit <= log.commitIndex, 'the hard state says no more than is so');
  assert(state.hardStateSaid.term <= state.term, 'the hard state is not ahead of the node');
}

function checkRole(state: RaftState): void {
  const { role, vote, id, leaderId } = state;
  assert((role === 'leader') === (leaderId === id), 'who leads follows itself, nobody else does');
  const isElected = role === 'leader' && isElectionTerm(state.term);
  if (role === 'candidate' || isElected) assert(vote === id, 'votes for itself');
  if (!isElectionTerm(state.term)) assert(vote === NO_NODE, 'no votes where nobody is elected');
  if (role === 'candidate' || role === 'preCandidate') {
    assert(leaderId === NO_NODE, 'who campaigns follows nobody');
    assert(state.isPromotable, 'only who may lead campaigns');
  } else {
    assert(state.votes.size === 0, 'votes are counted by campaigners only');
  }
  if (role !== 'leader') assert(state.tracker.peers.length === 0, 'only a leader tracks progress');
  if (role !== 'leader') assert(!state.reads.hasWaiting, 'only a leader holds reads');
}

function checkLeader(state: RaftState): void {
  const { log, tracker, membership } = state;
  assert(log.lastIndex >= state.termStartIndex, 'a leader has opened its term');
  assert(log.lastTerm === state.term, 'a leader appends in its own term only');
  const opening = { index: state.termStartIndex, term: state.term };
  const isDropped = opening.index < log.firstIndex - 1;
  assert(isDropped || log.has(opening), 'the term is opened by its leader');
  assert(state.uncommittedBytes >= 0, 'uncommitted bytes are counted once');
  for (const peer of tracker.peers) checkProgress(state, peer);
  const self = tracker.self;
  if (self !== undefined) assert(self.match === log.persistedIndex, 'own match = own disk');
  const members = [...membership.voters, ...membership.votersOutgoing, ...membership.learners];
  for (const id of members) assert(tracker.get(id) !== undefined, 'every member is tracked');
  if (log.commitIndex >= state.termStartIndex) checkCommitQuorum(state);
}

function checkProgress(state: RaftState, peer: Progress): void {
  const { log } = state;
  assert(peer.match < peer.next, 'match < next');
  assert(peer.next <= log.lastIndex + 1, 'next <= last + 1');
  assert(peer.match <= log.lastIndex, 'match <= last');
  assert(peer.ackedRound <= state.reads.lastRound, 'only rounds that began are answered');
  if (peer.state !== 'replicate') assert(peer.inflights.count === 0, 'in flight: replicate only');
  assert((peer.state === 'snapshot') === peer.snapshotIndex > 0, 'snapshot state has its index');
}

/**
 * What a leader commits by counting is durable on a majority of its voters. Checked unless the membership
 * has changed in this term: then the majority that counted was another. A voter that lost its disk
 * while it was needed shows here, and rightly so.
 */
function checkCommitQuorum(state: RaftState): void {
  const { membership, tracker, log } = state;
  if (isJoint(membership) || state.memberships.currentIndex > log.commitIndex) return;
  if (state.memberships.currentIndex > state.termStartIndex) return;
  const matches = membership.voters.map((id) => (tracker.get(id) as Progress).match);
  assert(majorityValue(matches) >= log.commitIndex, 'commit is on a majority');
}

function checkStep(before: InvariantSnapshot, now: InvariantSnapshot): void {
  assert(now.term >= before.term, 'terms never decrease');
  assert(now.commitIndex >= before.commitIndex, 'commit never decreases');
  assert(now.appliedIndex >= before.appliedIndex, 'applied never decreases');
  assert(now.lastRound >= before.lastRound, 'round numbers never decrease');
  if (now.term > before.term) return;
  if (before.vote !== NO_NODE) assert(now.vote === before.vote, 'one vote in a term');
  if (before.role === 'leader' && now.role === 'leader') {
    assert(now.lastIndex >= before.lastIndex, 'a leader only appends (5.3)');
  }
  if (before.role === 'leader') assert(now.role === 'leader' || now.role === 'follower', 'demoted');
  if (before.leaderId !== NO_NODE && now.leaderId !== NO_NODE) {
    assert(now.leaderId === before.leaderId, 'one leader in a term (5.2)');
  }
}
