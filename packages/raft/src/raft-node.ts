import { appendOwn } from './append.ts';
import { assert } from './assert.ts';
import { onOwnLogPersisted } from './commit.ts';
import { comesBefore, onLeaderMissed, recordVote } from './election.ts';
import { answerRefusedPreVote } from './handlers/request-pre-vote.ts';
import { checkConfig } from './limits.ts';
import { proposeChange } from './membership-change.ts';
import type { Message } from './messages.ts';
import { RaftState } from './raft-state.ts';
import { isLeaseValid, requestRead } from './read-index.ts';
import { buildReady, isReadyDue } from './ready-builder.ts';
import type { Ready } from './ready.ts';
import { becomeFollower, resetElectionTimeout } from './roles.ts';
import { statusOf } from './status.ts';
import { step } from './step.ts';
import { tick } from './tick.ts';
import { startTransfer } from './transfer.ts';
import type {
  EntryId,
  LogIndex,
  LogReader,
  Membership,
  MembershipChange,
  NodeId,
  ProposeResult,
  Random,
  RaftConfig,
  RaftStatus,
  ReadBasis,
  ReadyNumber,
  RequestId,
  Role,
  Term,
} from './types.ts';
import { NO_NODE } from './types.ts';

/**
 * One member of a Raft cluster: takes events, decides, and hands out the work that follows from it. It
 * does no I/O and knows no clock. After any call, `hasReady()` says whether there is work; `ready()`
 * takes it. Several batches of work may be under way at once.
 *
 * Sources: "In Search of an Understandable Consensus Algorithm" (section numbers), and Ongaro's
 * dissertation (where it says so).
 */
export class RaftNode {
  /** Everything inside. For this package's invariants and tests; the runtime leaves it alone. */
  readonly state: RaftState;

  /**
   * Starts as a follower of nobody, from what `log` says was durable.
   *
   * @throws AssertionFailure if `config` contradicts itself, or the log does.
   */
  constructor(config: RaftConfig, log: LogReader, random: Random) {
    checkConfig(config);
    this.state = new RaftState(config, log, random);
    resetElectionTimeout(this.state);
  }

  get role(): Role {
    return this.state.role;
  }

  get term(): Term {
    return this.state.term;
  }

  /** For whom this node voted in its term, or NO_NODE. */
  get vote(): NodeId {
    return this.state.vote;
  }

  /** NO_NODE while no leader is known or the known one is suspected. */
  get leaderId(): NodeId {
    return this.state.leaderId;
  }

  /** Who was appointed to lead this term and has not been heard in it yet, or NO_NODE. */
  get awaitedLeaderId(): NodeId {
    return this.state.awaitedLeaderId;
  }

  /** To whom this leader hands over, or NO_NODE. */
  get transferTarget(): NodeId {
    return this.state.transferTarget;
  }

  /** Whether a log that ends with `id` is at least as complete as this node's (Raft section 5.4.1). */
  isUpToDate(id: EntryId): boolean {
    return this.state.log.isUpToDate(id);
  }

  /** How many of `nodes` go first when all of them want to lead and their logs are the same. */
  rankAmong(nodes: readonly NodeId[]): number {
    return nodes.filter((node) => comesBefore(this.state, node, this.state.id)).length;
  }

  get commitIndex(): LogIndex {
    return this.state.log.commitIndex;
  }

  get appliedIndex(): LogIndex {
    return this.state.log.appliedIndex;
  }

  /** Includes entries that the next Ready will bring to the log. */
  get lastIndex(): LogIndex {
    return this.state.log.lastIndex;
  }

  /** While this node leads: the first entry of its term. */
  get termStartIndex(): LogIndex {
    return this.state.termStartIndex;
  }

  /** Entries up to here have been sent to every follower that keeps up, as far as this node leads any. */
  get sentIndex(): LogIndex {
    let sent = this.state.log.lastIndex;
    for (const peer of this.state.tracker.peers) {
      if (peer.state === 'replicate') sent = Math.min(sent, peer.next - 1);
    }
    return sent;
  }

  /** It could answer a read now without asking anybody: no other node may, at the same time. */
  get holdsLease(): boolean {
    const { state } = this;
    return state.role === 'leader' && state.hasCommittedInTerm && isLeaseValid(state);
  }

  /** The membership in force: the newest in the log, committed or not. */
  get membership(): Membership {
    return this.state.membership;
  }

  /** Index of the entry that brought `membership`; 0 or the snapshot's when none in the log did. */
  get membershipIndex(): LogIndex {
    return this.state.memberships.currentIndex;
  }

  /**
   * The membership after the entry at `index`: what a snapshot taken there must carry. `index` is not
   * before the log's newest snapshot.
   */
  membershipAt(index: LogIndex): Membership {
    return this.state.memberships.at(index);
  }

  /** One unit of logical time passed. */
  tick(): void {
    tick(this.state);
  }

  /** A peer's message arrived. Never throws on account of what it says. */
  step(message: Message): void {
    step(this.state, message);
  }

  /** Asks the cluster to order `data`, which is not copied and must not change any more. */
  propose(data: Uint8Array): ProposeResult {
    const { state } = this;
    if (!state.isLeader) return { outcome: 'notLeader', leaderId: state.leaderId };
    const held = state.uncommittedBytes;
    if (held > 0 && held + data.length > state.config.uncommittedBytesMax) {
      return { outcome: 'overloaded' };
    }
    const { term, index } = appendOwn(state, 'command', data);
    return { outcome: 'accepted', id: { term, index } };
  }

  /**
   * Asks for an index such that a read of the state machine, once that index is applied, is
   * linearizable. The answer comes in `readStates`, or never: the request is dropped when there is no
   * leader or it changes, and the caller asks again.
   */
  readIndex(requestId: RequestId, basis: ReadBasis = 'lease'): void {
    const { state } = this;
    if (state.isLeader) {
      requestRead(state, { requestId, from: state.id, basis });
    } else if (state.leaderId !== NO_NODE) {
      const { id: from, leaderId: to, term } = state;
      state.outbox.send({ type: 'ReadIndexRequest', from, to, term, requestId, basis });
    }
  }

  /**
   * Brings the cluster to another membership, by way of a joint configuration that is left as soon as
   * it is committed. `accepted` names the joint entry. A removed leader leads until the end of it.
   */
  changeMembership(change: MembershipChange): ProposeResult {
    return proposeChange(this.state, change);
  }

  /**
   * Hands leadership to `target` once the whole log is on its way to it: then this node leads no more, whether the
   * target takes it or not. Ignored unless this node leads and `target` is a voter that may lead.
   */
  transferLeadership(target: NodeId): void {
    startTransfer(this.state, target);
  }

  /**
   * The runtime doubts that the leader lives: vouch for it no longer. This node answers pre-votes as if
   * it had no leader, and follows it again as soon as it hears it. No-op unless it follows somebody.
   */
  doubtLeader(): void {
    const { state } = this;
    if (state.role !== 'follower') return;
    becomeFollower(state, state.term, NO_NODE);
    answerRefusedPreVote(state);
  }

  /**
   * The runtime has reason to think that the leader is gone: forget it, and ask the others at once.
   * Those who still hear it refuse, so that no term moves. Starts without delay on every node that may
   * lead, whatever its priority: the runtime spreads the calls. With leaseReads it waits until the
   * lease that was promised has run out. Who is campaigning already begins anew, as after a time-out:
   * what it sent may be lost. No-op on a leader.
   */
  suspectLeader(): void {
    const { state } = this;
    if (state.isLeader) return;
    if (!state.hasPromisedLease) return onLeaderMissed(state);
    becomeFollower(state, state.term, NO_NODE);
    state.electionTimeoutTicks = state.config.electionTicksMin - state.leaderSilenceTicks;
  }

  /**
   * This node is not fit to lead: until `standAgain()` it neither campaigns nor takes over from a leader
   * that hands over to it. It votes as before, and if it leads, it goes on.
   */
  holdBack(): void {
    this.state.isHeldBack = true;
  }

  /** Ends what `holdBack()` began. */
  standAgain(): void {
    this.state.isHeldBack = false;
  }

  /** What was sent to `peer` may be lost: go on from what it has acknowledged, one message at a time. */
  reportUnreachable(peer: NodeId): void {
    const progress = this.state.tracker.get(peer);
    if (progress?.state !== 'replicate' || peer === this.state.id) return;
    progress.doubt();
  }

  /** The streaming of a snapshot to `peer` has come to its end, one way or the other. */
  reportSnapshot(peer: NodeId, outcome: 'installed' | 'failed'): void {
    const progress = this.state.tracker.get(peer);
    if (progress?.state !== 'snapshot') return;
    const next = outcome === 'installed' ? progress.snapshotIndex + 1 : progress.match + 1;
    progress.becomeProbe(next);
    // Its acknowledgement or its next heartbeat response goes on; a failure is not repeated at once.
    progress.probeSent = true;
  }

  /** Whether `ready()` has work to hand out. */
  hasReady(): boolean {
    return isReadyDue(this.state);
  }

  /**
   * Takes all work there is. Its entries and snapshot must be in the log before this node is called
   * again; when they are durable does not matter (see `Ready` for the order of work).
   */
  ready(): Ready {
    return buildReady(this.state);
  }

  /**
   * Everything up to batch `number` is durable. Called in order; one call may cover several batches.
   *
   * @throws AssertionFailure on a number that was not handed out, or was reported before.
   */
  onPersisted(number: ReadyNumber): void {
    const { state } = this;
    const ownVoteTerm = state.log.onPersisted(number);
    if (state.role === 'candidate' && ownVoteTerm === state.term) {
      recordVote(state, state.id, 'granted');
    }
    if (state.isLeader) onOwnLogPersisted(state);
  }

  /** The state machine has applied everything up to `index`. */
  onApplied(index: LogIndex): void {
    assert(index >= 0, 'an index is not negative');
    this.state.log.onApplied(index);
  }

  /** A copy of what there is to know, for reports; too slow for the hot path. */
  status(): RaftStatus {
    return statusOf(this.state);
  }
}
