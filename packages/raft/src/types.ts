/** Identifies a node of the cluster: a whole number from 1 to 2^32 - 1, the same for its lifetime. */
export type NodeId = number;
/** Logical epoch; grows for ever. 0 before the first election. */
export type Term = number;
/** Position in the log; the first entry is 1. 0 means "before the log". */
export type LogIndex = number;
/** Numbers the batches of work that `RaftNode.ready()` hands out, from 1. */
export type ReadyNumber = number;
/** Chosen by whoever asks for a read index, returned with the answer; unique per node. */
export type RequestId = number;

/** No node: nobody voted for, no leader known. */
export const NO_NODE: NodeId = 0;

/** A log position together with the term in which its entry was made: names one entry for ever. */
export interface EntryId {
  readonly term: Term;
  readonly index: LogIndex;
}

export type EntryKind = 'command' | 'noop' | 'membership';

/** One entry of the log. Its data is never changed after it was made. */
export interface Entry {
  readonly index: LogIndex;
  readonly term: Term;
  readonly kind: EntryKind;
  readonly data: Uint8Array;
}

/** Must be durable before anything that depends on it leaves the node (Raft section 5, figure 2). */
export interface HardState {
  readonly term: Term;
  /** For whom this node voted in `term`, or NO_NODE. */
  readonly vote: NodeId;
  /** commit <= last durable index. Only a hint after a restart: everything above it is decided anew. */
  readonly commit: LogIndex;
}

export type Role = 'follower' | 'preCandidate' | 'candidate' | 'leader';

/** Volatile: need not survive a restart. */
export interface SoftState {
  readonly leaderId: NodeId;
  readonly role: Role;
}

/**
 * Who takes part. While `votersOutgoing` is not empty the configuration is joint (Raft section 6):
 * every decision needs a majority of `voters` and a majority of `votersOutgoing`.
 */
export interface Membership {
  readonly voters: readonly NodeId[];
  readonly votersOutgoing: readonly NodeId[];
  /**
   * Receive the log and count nowhere. Disjoint from `voters`; one that is also in `votersOutgoing`
   * is a voter until the joint configuration is left.
   */
  readonly learners: readonly NodeId[];
  /**
   * What the runtime keeps beside who takes part, for instance how the members are reached: travels and
   * is rolled back with the rest, and means nothing to the core. Absent, not empty, when there is none.
   */
  readonly context?: Uint8Array;
}

/** The membership that the cluster is to reach; the core goes there by way of a joint configuration. */
export interface MembershipChange {
  readonly voters: readonly NodeId[];
  readonly learners: readonly NodeId[];
  /** At most MEMBERSHIP_CONTEXT_BYTES_MAX; the former one stays when this is absent. */
  readonly context?: Uint8Array;
}

/** What a snapshot stands for: the state after applying `index`, and who were members then. */
export interface SnapshotMetadata {
  readonly index: LogIndex;
  readonly term: Term;
  readonly membership: Membership;
}

/**
 * The log as the core reads it. The core never writes: entries of a `Ready` are appended by the
 * runtime, at once and before it calls into the core again, so that they are readable here even
 * before they are durable.
 */
export interface LogReader {
  /** Index of the oldest entry that is still there; lastIndex() + 1 when there is none. */
  firstIndex(): LogIndex;
  /** Index of the newest entry; the snapshot's index when there is none. */
  lastIndex(): LogIndex;
  /** Term of the entry at `index`; firstIndex() - 1 <= index <= lastIndex(). */
  term(index: LogIndex): Term;
  /**
   * Entries `from`..`to`, both inclusive, as many as fit into `bytesMax` bytes of data, but never
   * fewer than one. firstIndex() <= from <= to <= lastIndex().
   */
  entries(from: LogIndex, to: LogIndex, bytesMax: number): readonly Entry[];
  /** The newest durable snapshot; index 0 and term 0 when there is none. */
  snapshot(): SnapshotMetadata;
  /** What was durable when the log was opened. */
  hardState(): HardState;
}

/** Uniform in [0, 1); the core's only source of randomness. */
export type Random = () => number;

export interface RaftConfig {
  readonly id: NodeId;
  /**
   * Members of a cluster that has never run: its first leader writes them into the first entry. Ignored
   * once the log or a snapshot says who they are. Empty on a node that is to join.
   */
  readonly initialMembership: Membership;
  /** Shortest time without a leader before an election, in ticks; > heartbeatTicks. */
  readonly electionTicksMin: number;
  /**
   * Each timeout is drawn from [electionTicksMin, electionTicksMin + electionTicksSpread), and half a
   * spread is added for every voter with a higher priority.
   */
  readonly electionTicksSpread: number;
  readonly heartbeatTicks: number;
  /** Bytes of entry data in one AppendEntries; one entry always goes, however large. */
  readonly appendBytesMax: number;
  /** AppendEntries in flight to one follower in state replicate. */
  readonly inflightMessagesMax: number;
  /** Bytes of entry data in flight to one follower in state replicate. */
  readonly inflightBytesMax: number;
  /** Bytes of entry data that the leader holds uncommitted before propose() says overloaded. */
  readonly uncommittedBytesMax: number;
  /** Bytes of committed entries handed out in one Ready; one entry always goes. */
  readonly committedBytesMax: number;
  /**
   * Allows lease reads. A node that has promised a lease grants no vote before it has run out, even
   * when it suspects the leader, so failover waits for the lease; nor does it after a restart, when it
   * can't know what it had promised. Must be the same on all nodes. The lease is as good as the ticks:
   * they follow a monotonic clock, and those that fell behind are made up before anything is read.
   */
  readonly leaseReads: boolean;
  /**
   * Election priority per node, 1 when absent. Higher campaigns earlier, by waiting less (see
   * electionTicksSpread) and by going first when two ask at once; 0 never campaigns, not even when
   * leadership is transferred to it.
   */
  readonly priorities: ReadonlyMap<NodeId, number>;
}

/**
 * - accepted: in the leader's log at this position. It may still be replaced by another leader's: only a
 *   committed entry with the same index and term is this one.
 * - notLeader: ask `leaderId`. NO_NODE: nobody known; wait for the next.
 * - overloaded: too much is uncommitted; ask again once something was committed.
 * - refused: a membership change that can't be made, or not now.
 */
export type ProposeResult =
  | { readonly outcome: 'accepted'; readonly id: EntryId }
  | { readonly outcome: 'notLeader'; readonly leaderId: NodeId }
  | { readonly outcome: 'overloaded' }
  | { readonly outcome: 'refused'; readonly reason: MembershipRefusal };

export type MembershipRefusal =
  | 'changePending'
  | 'noCommittedEntryOfTerm'
  | 'noVoters'
  | 'voterIsLearner'
  | 'leadershipTransferring';

/**
 * What a read index rests on. quorum: a majority answered the leader after it was asked. lease: the
 * leader's lease will do, where there are leases; otherwise the same as quorum.
 */
export type ReadBasis = 'quorum' | 'lease';

/** A read index is confirmed: once `index` is applied, the read may be served (dissertation 6.4). */
export interface ReadState {
  readonly requestId: RequestId;
  readonly index: LogIndex;
}

export type ProgressState = 'probe' | 'replicate' | 'snapshot';

/** The leader's view of one follower, copied for reports. */
export interface ProgressStatus {
  readonly nodeId: NodeId;
  /** Highest index known to be durable there; goes back only if its disk was lost. match < next. */
  readonly match: LogIndex;
  readonly next: LogIndex;
  readonly state: ProgressState;
  readonly recentlyActive: boolean;
  readonly isLearner: boolean;
}

/** An immutable copy of the core's state. */
export interface RaftStatus {
  readonly id: NodeId;
  readonly role: Role;
  readonly term: Term;
  readonly leaderId: NodeId;
  readonly vote: NodeId;
  readonly firstIndex: LogIndex;
  readonly lastIndex: LogIndex;
  readonly persistedIndex: LogIndex;
  readonly commitIndex: LogIndex;
  readonly appliedIndex: LogIndex;
  readonly membership: Membership;
  readonly transferTarget: NodeId;
  readonly progress: readonly ProgressStatus[];
}
