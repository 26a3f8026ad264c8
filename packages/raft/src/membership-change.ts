import { appendOwn } from './append.ts';
import { encodeMembership } from './membership-codec.ts';
import { enterJoint, isJoint, leaveJoint } from './membership.ts';
import type { RaftState } from './raft-state.ts';
import type { MembershipChange, MembershipRefusal, ProposeResult } from './types.ts';
import { NO_NODE } from './types.ts';

/** Begins a change by way of a joint configuration, if nothing stands against it. */
export function proposeChange(state: RaftState, change: MembershipChange): ProposeResult {
  if (!state.isLeader) return { outcome: 'notLeader', leaderId: state.leaderId };
  const reason = refusal(state, change);
  if (reason !== undefined) return { outcome: 'refused', reason };
  const joint = enterJoint(state.membership, change);
  const entry = appendOwn(state, 'membership', encodeMembership(joint));
  return { outcome: 'accepted', id: { term: entry.term, index: entry.index } };
}

/**
 * The newest membership is committed. A joint one is left at once; a leader that is no longer a voter
 * has managed the change to its end and goes (Raft section 6).
 */
export function onMembershipCommitted(state: RaftState): void {
  if (!isMembershipCommitted(state)) return;
  const { membership } = state;
  if (isJoint(membership)) {
    appendOwn(state, 'membership', encodeMembership(leaveJoint(membership)));
  } else if (!membership.voters.includes(state.id)) {
    state.resignationDue = true;
  }
}

function refusal(state: RaftState, change: MembershipChange): MembershipRefusal | undefined {
  // Who is to resign leads no change any more: another will, in a moment.
  if (state.transferTarget !== NO_NODE || state.resignationDue) return 'leadershipTransferring';
  if (!state.hasCommittedInTerm) return 'noCommittedEntryOfTerm';
  if (!isMembershipCommitted(state) || isJoint(state.membership)) return 'changePending';
  if (change.voters.length === 0) return 'noVoters';
  if (change.learners.some((id) => change.voters.includes(id))) return 'voterIsLearner';
  return undefined;
}

function isMembershipCommitted(state: RaftState): boolean {
  return state.memberships.currentIndex <= state.log.commitIndex;
}
