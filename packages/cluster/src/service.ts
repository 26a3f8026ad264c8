import type {
  EntryKind,
  LogIndex,
  NodeId,
  RaftStatus,
  ReadBasis,
  RequestId,
  Role,
  Term,
} from '@bellwether/raft';
import type { FailoverReport } from './failover/failover-history.ts';
import type { Members, MembersChange, MembersOutcome } from './membership/members.ts';
import type { PeerVitals, Vitals } from './detection/vitals.ts';

/** Who leads, as this node sees it. */
export interface Leadership {
  readonly role: Role;
  readonly term: Term;
  /** NO_NODE while no leader is known. */
  readonly leaderId: NodeId;
  /**
   * The leader's first entry of this term is applied here: every write of earlier terms that will
   * ever be in the log has been seen.
   */
  readonly isServing: boolean;
}

/**
 * A cursor over committed entries, so that a batch costs no object per entry. The fields describe
 * the entry that the last `next()` moved to. Entries of kind noop and membership are in it too (every
 * index is); the payload of a membership is the entry's data, see `membersInEntry`.
 */
export interface CommittedBatch {
  /** Moves to the next entry; false when there is none. */
  next(): boolean;
  readonly index: LogIndex;
  readonly term: Term;
  readonly kind: EntryKind;
  /** Proposed through this node since it started: whoever waits for `sequence` waits here. */
  readonly isOwn: boolean;
  /** Node through which it was proposed. */
  readonly origin: NodeId;
  /** What `propose` returned there. Own entries appear in the order of their sequences, each once. */
  readonly sequence: number;
  /** The leader's wall clock when it ordered the entry, ms since 1970; never decreases along the log. */
  readonly timeMs: number;
  /** A view into the batch, which is used again after the call: copy what is to be kept. */
  readonly payload: Uint8Array;
}

/**
 * The replicated state machine and what surrounds it, called on the service thread. Calls never
 * overlap; each runs to completion.
 */
export interface Service {
  /** Committed entries, in log order, without a gap, each index once. */
  onCommitted(batch: CommittedBatch): void;
  /** Of a change that is quick it is told once (see `LeadershipWatch.tell`). */
  onLeadership(leadership: Leadership): void;
  /** The answer to `readIndex`: it may be served as soon as `index` is applied. */
  onReadIndex(requestId: RequestId, index: LogIndex): void;
  /** The answer to `changeMembers`. */
  onMembersOutcome(requestId: RequestId, outcome: MembersOutcome): void;
  /** From the service of another node (or of this one); best effort, in order while connected. */
  onMessage(from: NodeId, bytes: Uint8Array): void;
  /**
   * Begins a snapshot of the state exactly as it is now. Each `next()` yields a chunk of at most
   * SNAPSHOT_CHUNK_BYTES_MAX; entries are applied between the calls and must not show in it.
   */
  beginSnapshot(): Iterator<Uint8Array>;
  /**
   * Proposals through this node up to `sequence` that have not come back may have been executed: the
   * state was replaced by a peer's snapshot, which may contain them. They may still come back.
   */
  onOutcomesUnknown(sequence: number): void;
  /** The state is thrown away; chunks of another node's or an earlier snapshot follow, as they were yielded. */
  onRestoreBegin(): void;
  onRestoreChunk(chunk: Uint8Array): void;
  /** The state is that of `appliedIndex`; entries follow from there. */
  onRestoreEnd(appliedIndex: LogIndex): void;
  /** The node can't go on (a failed flush, a corrupt log): say so and end the process. */
  onFatal(error: Error): void;
}

/** What the service thread asks of the consensus thread. */
export interface Consensus {
  readonly nodeId: NodeId;
  /**
   * Asks the cluster to order `payload` (copied). It comes back in `onCommitted` with `isOwn` and the
   * returned sequence, exactly once, unless this node stops first or `onOutcomesUnknown` names it:
   * while there is no leader it is held, and it is resent to the next one if it was lost with the
   * old one.
   */
  propose(payload: Uint8Array): number;
  /** Bytes proposed through this node and not yet applied here; stop reading clients above a limit. */
  readonly pendingBytes: number;
  /** Asks for a linearizable read index; held while there is no leader. 'lease' when absent. */
  readIndex(basis?: ReadBasis): RequestId;
  /** Best effort: to the service of the current leader, dropped when there is none. */
  sendToLeader(bytes: Uint8Array): void;
  /** Best effort: to the services of all other members. */
  sendToPeers(bytes: Uint8Array): void;
  /** Best effort: to the service of one node, which may be this one. */
  sendTo(node: NodeId, bytes: Uint8Array): void;
  transferLeadership(target: NodeId): void;
  /**
   * Asks for other members, whoever leads; held while there is no leader. Answered by
   * `onMembersOutcome`, once it is decided for good; joining and leaving then go on by themselves.
   */
  changeMembers(change: MembersChange): RequestId;
  /** The newest report of the consensus thread, at most `STATUS_INTERVAL_MS` old. */
  readonly status: NodeStatus;
  /** Every change of leadership that this node has seen since it started. */
  readonly failovers: FailoverReport;
  /** Stops both threads' work, flushes, and closes the data directory. */
  stop(): Promise<void>;
}

/** What a node knows of a peer. */
export interface PeerStatus {
  readonly nodeId: NodeId;
  readonly address: string;
  readonly connected: boolean;
  /** What it said of itself lately; undefined when it has said nothing. */
  readonly vitals: PeerVitals | undefined;
}

/** A report of a node on itself, for its users, its metrics and its operators. */
export interface NodeStatus {
  /** Undefined while this node knows of no members: it has yet to join. */
  readonly members: Members | undefined;
  /** Whether this node takes part, as far as it knows. */
  readonly isMember: boolean;
  readonly raft: RaftStatus;
  readonly leadership: Leadership;
  readonly peers: readonly PeerStatus[];
  readonly logBytes: number;
  readonly flushes: number;
  readonly flushMsMean: number;
  readonly flushMsMax: number;
  readonly elections: number;
  /** Of this node itself. */
  readonly vitals: Vitals;
  /**
   * How long the leader has been silent, and how long it may be before it is suspected, in ms; undefined
   * without a leader, and on it.
   */
  readonly leaderSilence: { readonly silenceMs: number; readonly boundMs: number } | undefined;
}
