import { assert } from './assert.ts';
import { SCAN_BYTES_MAX } from './limits.ts';
import { decodeMembership } from './membership-codec.ts';
import { MembershipHistory, canonicalMembership } from './membership.ts';
import type { RequestPreVote } from './messages.ts';
import { Outbox } from './outbox.ts';
import { ProgressTracker } from './progress-tracker.ts';
import { RaftLog } from './raft-log.ts';
import { ReadQueue } from './read-queue.ts';
import type {
  HardState,
  LogIndex,
  LogReader,
  Membership,
  NodeId,
  Random,
  RaftConfig,
  ReadyNumber,
  Role,
  SoftState,
  Term,
} from './types.ts';
import { NO_NODE } from './types.ts';

/** A lease that began so long ago has run out. */
export const NO_LEASE = Number.NEGATIVE_INFINITY;

/**
 * Everything a node knows, as plain fields: the handlers and the other files of this package are
 * functions over it. Not for the runtime.
 */
export class RaftState {
  readonly id: NodeId;
  readonly config: RaftConfig;
  readonly random: Random;
  readonly log: RaftLog;
  readonly memberships: MembershipHistory;
  readonly outbox = new Outbox();

  /** Never decreases. */
  term: Term;
  /** Changes at most once in a term, from NO_NODE. */
  vote: NodeId;
  role: Role = 'follower';
  /** At most one in a term; NO_NODE also when the leader is suspected. On the leader: itself. */
  leaderId: NodeId = NO_NODE;
  /** Was appointed to lead this term and has not been heard in it yet; NO_NODE: nobody was. */
  awaitedLeaderId: NodeId = NO_NODE;

  // Elections.
  /** Answers to this node's pre-vote or vote. Empty on other roles. */
  readonly votes = new Map<NodeId, boolean>();
  /** Ticks since the leader was heard, a vote was granted, or a campaign began. */
  electionElapsed = 0;
  /** At this many ticks the node campaigns; drawn anew whenever its role or term changes. */
  electionTimeoutTicks = 0;
  /** Ticks since the leader of the current term was heard, whatever else happened since. */
  leaderSilenceTicks: number;
  /** The runtime found this node unfit to lead: it does not campaign. */
  isHeldBack = false;
  /** The newest request for a pre-vote, if it was refused because the leader was heard; and when. */
  refusedPreVote: { readonly request: RequestPreVote; readonly tick: number } | undefined;
  /** The term of a vote for itself that the next Ready carries, or 0. */
  ownVoteTerm: Term = 0;

  // Leadership. Meaningful on a leader only.
  readonly tracker: ProgressTracker;
  readonly reads = new ReadQueue();
  /** Ticks of this node since it started; the clock of leases and of check-quorum. */
  ticks = 0;
  heartbeatElapsed = 0;
  /** Up to here this node's log is known to be that of the current term's leader. <= lastIndex. */
  matchedIndex: LogIndex = 0;
  /** Index of the first entry of the leader's own term. */
  termStartIndex: LogIndex = 0;
  /** Data of own-term entries that were not handed out as committed yet. */
  uncommittedBytes = 0;
  /** To whom leadership is being handed, or NO_NODE. */
  transferTarget: NodeId = NO_NODE;
  transferElapsed = 0;
  /** Tick at which the newest round that a quorum answered was sent; NO_LEASE before the first. */
  leaseStartTick = NO_LEASE;
  /** There may be something to send to a follower; looked at when the next Ready is made. */
  appendsDue = false;
  /** A heartbeat round is to start with the next Ready. */
  roundDue = false;
  /** The committed membership no longer has this leader: it steps down once all were told. */
  resignationDue = false;

  // What the last Ready said.
  readyNumber: ReadyNumber = 0;
  hardStateSaid: HardState;
  /** The newest term that went, or goes, to the disk with a flush. */
  flushedTerm: Term;
  softStateSaid: SoftState = { leaderId: NO_NODE, role: 'follower' };

  constructor(config: RaftConfig, reader: LogReader, random: Random) {
    const hardState = reader.hardState();
    this.id = config.id;
    this.config = config;
    this.random = random;
    this.log = new RaftLog(reader);
    this.memberships = recoverMemberships(config, reader);
    this.tracker = new ProgressTracker(config);
    // A snapshot may have become durable before the term in which it came did. Nothing has been promised
    // to anybody in that term, because a promise waits for the hard state.
    const isAhead = this.log.lastTerm > hardState.term;
    this.term = isAhead ? this.log.lastTerm : hardState.term;
    this.vote = isAhead ? NO_NODE : hardState.vote;
    this.flushedTerm = hardState.term;
    this.hardStateSaid = { ...hardState, commit: this.log.deliverableIndex };
    // Before the restart a lease may have been promised that has not run out yet.
    const mayHavePromised = config.leaseReads && this.term > 0;
    this.leaderSilenceTicks = mayHavePromised ? 0 : config.electionTicksMin;
  }

  /** In force: the newest in the log, committed or not (Raft section 6). */
  get membership(): Membership {
    return this.memberships.current;
  }

  get isLeader(): boolean {
    return this.role === 'leader';
  }

  /** An entry of the leader's own term is committed: it knows what is committed (6.4). */
  get hasCommittedInTerm(): boolean {
    return this.log.commitIndex >= this.termStartIndex;
  }

  /** The leader was heard lately and not suspected since: votes are not for the asking (4.2.3). */
  get hasLiveLeader(): boolean {
    if (this.isLeader) return true;
    return this.leaderId !== NO_NODE && this.leaderSilenceTicks < this.config.electionTicksMin;
  }

  /** A lease may rest on this node's silence: no vote, suspicion or not. */
  get hasPromisedLease(): boolean {
    return this.config.leaseReads && this.leaderSilenceTicks < this.config.electionTicksMin;
  }

  priorityOf(id: NodeId): number {
    return this.config.priorities.get(id) ?? 1;
  }

  /**
   * Whether this node may become leader: it is a voter, and its priority is not 0. One that is about to
   * be removed counts as a voter for this purpose until it knows its removal committed: it may be the
   * only one whose log can win (dissertation 4.2.2). Its own vote does not count then.
   */
  get isPromotable(): boolean {
    const { memberships, log, id } = this;
    return memberships.isVoterSince(log.commitIndex, id) && this.priorityOf(id) > 0;
  }
}

function recoverMemberships(config: RaftConfig, reader: LogReader): MembershipHistory {
  const snapshot = reader.snapshot();
  const initial = snapshot.index > 0 ? snapshot.membership : config.initialMembership;
  const history = new MembershipHistory(snapshot.index, canonicalMembership(initial));
  const last = reader.lastIndex();
  let next = Math.max(reader.firstIndex(), snapshot.index + 1);
  while (next <= last) {
    const entries = reader.entries(next, last, SCAN_BYTES_MAX);
    assert(entries.length > 0, 'the log has what it said it had');
    for (const entry of entries) {
      if (entry.kind !== 'membership') continue;
      const decoding = decodeMembership(entry.data);
      assert(decoding.outcome === 'decoded', 'a membership entry in the own log is readable');
      history.append(entry.index, decoding.membership);
    }
    next += entries.length;
  }
  return history;
}
