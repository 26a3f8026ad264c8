import type {
  Entry,
  LogIndex,
  NodeId,
  ReadBasis,
  RequestId,
  SnapshotMetadata,
  Term,
} from './types.ts';

interface Envelope {
  readonly from: NodeId;
  readonly to: NodeId;
  /** The sender's term; in RequestPreVote and a granted response to it, the term it would campaign in. */
  readonly term: Term;
}

/** "Would you vote for me?" Nobody's term moves (dissertation 9.6). */
export interface RequestPreVote extends Envelope {
  readonly type: 'RequestPreVote';
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
}

export interface RequestPreVoteResponse extends Envelope {
  readonly type: 'RequestPreVoteResponse';
  readonly granted: boolean;
}

export interface RequestVote extends Envelope {
  readonly type: 'RequestVote';
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
  /** The leader itself asked for this election, so its lease does not stand against it (4.2.3). */
  readonly isTransfer: boolean;
}

export interface RequestVoteResponse extends Envelope {
  readonly type: 'RequestVoteResponse';
  readonly granted: boolean;
}

export interface AppendEntries extends Envelope {
  readonly type: 'AppendEntries';
  readonly prevIndex: LogIndex;
  readonly prevTerm: Term;
  /** Consecutive from prevIndex + 1; empty as a probe. */
  readonly entries: readonly Entry[];
  readonly commit: LogIndex;
}

export interface AppendEntriesResponse extends Envelope {
  readonly type: 'AppendEntriesResponse';
  readonly accepted: boolean;
  /**
   * Accepted: everything up to here is durable and matches. Refused: the prevIndex that did not match,
   * or 0, which always matches: the log ends at the hint, before what was acknowledged; the disk was
   * lost.
   */
  readonly index: LogIndex;
  /** Refused: the largest index at which the logs may still agree, and its term in the follower's log. */
  readonly hintIndex: LogIndex;
  readonly hintTerm: Term;
}

export interface Heartbeat extends Envelope {
  readonly type: 'Heartbeat';
  /** min(match of the receiver, commitIndex): never more than the receiver is known to hold. */
  readonly commit: LogIndex;
  /** Leader's serial number of this round; its answer confirms reads and the lease up to it. */
  readonly round: number;
}

export interface HeartbeatResponse extends Envelope {
  readonly type: 'HeartbeatResponse';
  readonly round: number;
}

/**
 * Only `commit` is news. It needs no answer: the next Heartbeat says the same again. A follower goes by
 * it as far as it has this leader's log.
 */
export interface CommitNotice extends Envelope {
  readonly type: 'CommitNotice';
  readonly commit: LogIndex;
}

/** Sent by the leader's core to say "stream it", and stepped at the receiver once it is durable there. */
export interface InstallSnapshot extends Envelope {
  readonly type: 'InstallSnapshot';
  readonly snapshot: SnapshotMetadata;
}

/**
 * A leader leaves. `term` is the one that it appoints `successor` to lead, or its own when votes have to decide:
 * then `successor` is to campaign at once (dissertation 3.10). Sent once to everybody; the others learn whom they will hear
 * next. It may only be delivered to the process that was running when it was sent: after a restart the
 * successor does not know what it has done in that term.
 */
export interface HandOver extends Envelope {
  readonly type: 'HandOver';
  readonly successor: NodeId;
  /** The end of the leader's log: without all of it the successor does nothing. */
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
}

/** A follower asks the leader for a read index. */
export interface ReadIndexRequest extends Envelope {
  readonly type: 'ReadIndexRequest';
  readonly requestId: RequestId;
  readonly basis: ReadBasis;
}

export interface ReadIndexResponse extends Envelope {
  readonly type: 'ReadIndexResponse';
  readonly requestId: RequestId;
  readonly index: LogIndex;
}

export type Message =
  | RequestPreVote
  | RequestPreVoteResponse
  | RequestVote
  | RequestVoteResponse
  | AppendEntries
  | AppendEntriesResponse
  | Heartbeat
  | HeartbeatResponse
  | CommitNotice
  | InstallSnapshot
  | HandOver
  | ReadIndexRequest
  | ReadIndexResponse;

export type MessageType = Message['type'];
