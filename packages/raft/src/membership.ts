import { assert } from './assert.ts';
import { MEMBERSHIP_CONTEXT_BYTES_MAX, MEMBERS_MAX, isNodeId } from './limits.ts';
import type { LogIndex, Membership, MembershipChange, NodeId } from './types.ts';

/** Whether the configuration is joint: two majorities decide (Raft section 6). */
export function isJoint(membership: Membership): boolean {
  return membership.votersOutgoing.length > 0;
}

/** Whether `id` counts in elections and commits, in either half of a joint configuration. */
function isVoter(membership: Membership, id: NodeId): boolean {
  return membership.voters.includes(id) || membership.votersOutgoing.includes(id);
}

/** Receives the log and counts nowhere. A voter on its way to learner still counts while joint. */
export function isLearner(membership: Membership, id: NodeId): boolean {
  return membership.learners.includes(id) && !isVoter(membership, id);
}

/** Everybody who votes, once each. */
export function allVoters(membership: Membership): readonly NodeId[] {
  if (!isJoint(membership)) return membership.voters;
  return canonicalIds([...membership.voters, ...membership.votersOutgoing]);
}

/** First half of a change: old and new majority decide together. */
export function enterJoint(current: Membership, change: MembershipChange): Membership {
  return canonicalMembership({
    voters: change.voters,
    votersOutgoing: current.voters,
    learners: change.learners,
    ...contextOf(change.context === undefined ? current : change),
  });
}

/** Second half of a change: the new majority decides alone. */
export function leaveJoint(joint: Membership): Membership {
  const { voters, learners } = joint;
  return { voters, votersOutgoing: [], learners, ...contextOf(joint) };
}

/** Ids ascending, each once; asserts that they are node ids within the limits. */
export function canonicalMembership(membership: Membership): Membership {
  const voters = canonicalIds(membership.voters);
  const votersOutgoing = canonicalIds(membership.votersOutgoing);
  const learners = canonicalIds(membership.learners);
  const count = voters.length + votersOutgoing.length + learners.length;
  assert(count <= MEMBERS_MAX, 'a membership names at most MEMBERS_MAX nodes');
  assert(isContextSize(membership.context), 'a context is not empty, and within its limit');
  return { voters, votersOutgoing, learners, ...contextOf(membership) };
}

/** Whether there is no context or one of a size that is taken. */
export function isContextSize(context: Uint8Array | undefined): boolean {
  if (context === undefined) return true;
  return context.length > 0 && context.length <= MEMBERSHIP_CONTEXT_BYTES_MAX;
}

function contextOf({ context }: { readonly context?: Uint8Array }): { context?: Uint8Array } {
  return context === undefined ? {} : { context };
}

/**
 * Whether a peer's membership can be one: ids ascending, at least one voter, no voter also a learner,
 * not too many, a context of a possible size. That is also what its codec insists on.
 */
export function isWellFormed(membership: Membership): boolean {
  const { voters, votersOutgoing, learners } = membership;
  const count = voters.length + votersOutgoing.length + learners.length;
  if (voters.length === 0 || count > MEMBERS_MAX) return false;
  if (!isContextSize(membership.context)) return false;
  if (![voters, votersOutgoing, learners].every(isAscendingIds)) return false;
  return !learners.some((id) => voters.includes(id));
}

function isAscendingIds(ids: readonly NodeId[]): boolean {
  return ids.every((id, at) => isNodeId(id) && (at === 0 || id > (ids[at - 1] as NodeId)));
}

function canonicalIds(ids: readonly NodeId[]): readonly NodeId[] {
  assert(ids.every(isNodeId), 'members are node ids');
  return [...new Set(ids)].sort((a, b) => a - b);
}

interface MembershipAt {
  readonly index: LogIndex;
  readonly membership: Membership;
}

/**
 * The memberships along the log. The newest one is in force from the moment it is appended, committed
 * or not (Raft section 6), and is rolled back with its entry. Invariant: never empty; indexes ascend;
 * the first is the membership at the start of the log.
 */
export class MembershipHistory {
  #history: MembershipAt[];

  constructor(index: LogIndex, membership: Membership) {
    this.#history = [{ index, membership }];
  }

  get current(): Membership {
    return this.#newest.membership;
  }

  /** Index of the entry that made the current membership; the snapshot's or 0 if none did. */
  get currentIndex(): LogIndex {
    return this.#newest.index;
  }

  /** The membership in force after the entry at `index`, which the log still reaches back to. */
  at(index: LogIndex): Membership {
    const found = this.#history.findLast((item) => item.index <= index);
    assert(found !== undefined, 'the history reaches back to where the log begins');
    return found.membership;
  }

  /** Whether `id` is a voter in the membership at `index` or in any that follows it in the log. */
  isVoterSince(index: LogIndex, id: NodeId): boolean {
    const from = this.#history.findLastIndex((item) => item.index <= index);
    return this.#history.some((item, at) => at >= from && isVoter(item.membership, id));
  }

  append(index: LogIndex, membership: Membership): void {
    assert(index > this.currentIndex, 'memberships are appended in log order');
    this.#history.push({ index, membership });
  }

  /** Forgets what entries from `from` on had made. Returns whether anything was forgotten. */
  truncateSuffix(from: LogIndex): boolean {
    const before = this.#history.length;
    while (this.#history.length > 1 && this.currentIndex >= from) this.#history.pop();
    return this.#history.length < before;
  }

  /** Forgets what no snapshot from `index` on can need. */
  truncatePrefix(index: LogIndex): void {
    const base = this.#history.findLastIndex((item) => item.index <= index);
    if (base > 0) this.#history = this.#history.slice(base);
  }

  restart(index: LogIndex, membership: Membership): void {
    this.#history = [{ index, membership }];
  }

  get #newest(): MembershipAt {
    return this.#history[this.#history.length - 1] as MembershipAt;
  }
}
