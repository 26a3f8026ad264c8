import type { Membership, NodeId } from '@bellwether/raft';
import type { Member } from './members.ts';

export interface MembershipStep {
  readonly voters: readonly NodeId[];
  readonly learners: readonly NodeId[];
}

/**
 * What the membership should be next, on the way to `target`:
 *
 * - Whoever joins to vote is a learner until `hasKeptUp` says that it has kept up with the leader: a new
 *   voter with an empty log would only make the quorum harder to reach.
 * - Voters that are to leave, or to be learners, stay until all who join can vote, so that a
 *   replacement never leaves the cluster with fewer voters that work.
 *
 * @returns the step; undefined while another is under way (joint), and when there is nothing to do
 */
export function nextStep(
  membership: Membership,
  target: readonly Member[],
  hasKeptUp: (id: NodeId) => boolean,
): MembershipStep | undefined {
  if (membership.votersOutgoing.length > 0) return undefined;
  const step = stepTo(membership, target, hasKeptUp);
  const isSame = sameIds(step.voters, membership.voters);
  return isSame && sameIds(step.learners, membership.learners) ? undefined : step;
}

/** Whether nothing is left to be done, nor to be waited for. */
export function isReached(membership: Membership, target: readonly Member[]): boolean {
  const isJoint = membership.votersOutgoing.length > 0;
  const votes = (id: NodeId): boolean => membership.voters.includes(id);
  const areVoting = target.every(({ id, role }) => role === 'learner' || votes(id));
  return !isJoint && areVoting && nextStep(membership, target, () => false) === undefined;
}

/** The same, also when it changes nothing; `membership` is not joint. */
export function stepTo(
  membership: Membership,
  target: readonly Member[],
  hasKeptUp: (id: NodeId) => boolean,
): MembershipStep {
  const wanted = target.filter(({ role }) => role === 'voter').map(({ id }) => id);
  const joining = wanted.filter((id) => !membership.voters.includes(id));
  const ready = joining.filter((id) => membership.learners.includes(id) && hasKeptUp(id));
  const isComplete = ready.length === joining.length;
  const voters = isComplete ? wanted : [...membership.voters, ...ready];
  const learners = target.map(({ id }) => id).filter((id) => !voters.includes(id));
  return { voters: ascending(voters), learners: ascending(learners) };
}

function ascending(ids: readonly NodeId[]): NodeId[] {
  return [...ids].sort((a, b) => a - b);
}

function sameIds(a: readonly NodeId[], b: readonly NodeId[]): boolean {
  return a.length === b.length && a.every((id, at) => id === b[at]);
}
