import type { LogIndex, Membership, NodeId } from '@bellwether/raft';

/** A member of the cluster, as every node knows it. */
export interface Member {
  readonly id: NodeId;
  /** Where it listens for its peers. */
  readonly host: string;
  readonly port: number;
  /**
   * A learner receives the log and never votes. One that joins to vote begins as a learner too, and
   * votes once it has kept up for a while.
   */
  readonly role: 'voter' | 'learner';
  /** Higher campaigns earlier; 0 never leads of its own accord. */
  readonly priority: number;
  /** What its service wants the others to know, for instance where clients reach it. */
  readonly note: string;
}

/**
 * Who the members are to be. It is decided by one entry of the log; the leader goes from there, step by
 * step, until the membership of the core is what it says.
 */
export interface Members {
  /** Index of the entry that decided it; 0: those with which the cluster was founded. */
  readonly version: LogIndex;
  /** When it was decided, by the leader's wall clock, ms since 1970; 0 at the founding. */
  readonly timeMs: number;
  /** Names the request for it, so that one that is repeated is done once. */
  readonly changeId: string;
  /** Ascending by id. */
  readonly members: readonly Member[];
  /** Those who may still take part until the last step is done. Disjoint from `members`. */
  readonly leaving: readonly Member[];
}

/** A wish for other members. */
export interface MembersChange {
  /** The version that the wish is based on: with another one in force it is refused. */
  readonly ifVersion: LogIndex;
  readonly members: readonly Member[];
}

/**
 * - versionMismatch: the members were changed since; by this very wish, if its answer was lost and
 *   others followed it.
 * - noQuorum: too few of those who would vote are alive.
 * - badMembers: `message` says what is wrong with them.
 */
export type MembersRefusal = 'versionMismatch' | 'noQuorum' | 'badMembers';

/** What became of a wish. */
export type MembersOutcome =
  | { readonly outcome: 'changed'; readonly members: Members }
  | {
      readonly outcome: 'refused';
      readonly reason: MembersRefusal;
      readonly message: string;
      /** Those that are in force instead. */
      readonly members: Members;
    };

/** Everybody who takes part in `membership`, once each. */
export function participants(membership: Membership): ReadonlySet<NodeId> {
  const { voters, votersOutgoing, learners } = membership;
  return new Set([...voters, ...votersOutgoing, ...learners]);
}

/** The member with this id, leaving or not. */
export function findMember(members: Members, id: NodeId): Member | undefined {
  const { members: staying, leaving } = members;
  return staying.find((member) => member.id === id) ?? leaving.find((member) => member.id === id);
}
