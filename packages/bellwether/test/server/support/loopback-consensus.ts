import { FailoverHistory } from '@bellwether/cluster';
import type {
  Consensus,
  FailoverReport,
  Leadership,
  Member,
  Members,
  MembersChange,
  MembersOutcome,
  NodeStatus,
  Service,
} from '@bellwether/cluster';
import { encodeMembers } from '@bellwether/cluster/testing';
import { encodeMembership } from '@bellwether/raft';
import { JuteReader, JuteWriter } from '@bellwether/protocol';
import { assert } from '../../../src/server/assert.ts';
import type { LogIndex, NodeId, RaftStatus, RequestId, Term } from '@bellwether/raft';
import { CommittedList, type ListedEntry } from './committed-list.ts';

const NO_BYTES = new Uint8Array(0);

/** What a leader says to who asks whether it is heard; undefined to anything else. */
function contactAnswer(bytes: Uint8Array): Uint8Array | undefined {
  const reader = new JuteReader(bytes);
  if (reader.readInt() !== -2) return undefined;
  const writer = new JuteWriter();
  writer.writeInt(-3);
  writer.writeLong(reader.readLong());
  return writer.copy();
}

/**
 * A consensus of one, in this process: what is proposed in one turn of the event loop is committed
 * in the next, as one batch. `hold` keeps it all back, as a cluster without a leader does.
 */
export class LoopbackConsensus implements Consensus {
  readonly nodeId: NodeId = 1;
  pendingBytes = 0;
  appliedIndex: LogIndex = 0;
  /** Wall clock for the entries; tests move it. */
  timeMs = 1_700_000_000_000;
  /** What its reports say differently, as if there were others. */
  raft: Partial<RaftStatus> = {};
  /** As decided last; undefined until `found`. */
  members: Members | undefined;
  readonly toLeader: Uint8Array[] = [];
  /** Whether another node that leads hears this one, and is heard. */
  reachesLeader = true;
  readonly toPeers: Uint8Array[] = [];
  readonly proposed: Uint8Array[] = [];
  readonly history = new FailoverHistory();
  readonly #service: Service;
  #term: Term = 0;
  #leadership: Leadership = { role: 'follower', term: 0, leaderId: 0, isServing: false };
  #sequence = 0;
  #requestId = 0;
  #isHolding = false;
  #isScheduled = false;
  #isStopped = false;
  #waiting: ListedEntry[] = [];
  #reads: RequestId[] = [];

  constructor(service: Service) {
    this.#service = service;
  }

  propose(payload: Uint8Array): number {
    this.#sequence++;
    const copy = payload.slice();
    this.proposed.push(copy);
    this.#enqueue(copy, this.nodeId, this.#sequence);
    return this.#sequence;
  }

  readIndex(): RequestId {
    this.#requestId++;
    this.#reads.push(this.#requestId);
    this.#schedule();
    return this.#requestId;
  }

  get failovers(): FailoverReport {
    return this.history.report();
  }

  sendToLeader(bytes: Uint8Array): void {
    this.toLeader.push(bytes);
    const { leaderId } = this.#leadership;
    if (leaderId === this.nodeId) return this.#service.onMessage(this.nodeId, bytes);
    const answer = leaderId !== 0 && this.reachesLeader ? contactAnswer(bytes) : undefined;
    if (answer !== undefined) this.#service.onMessage(leaderId, answer);
  }

  sendToPeers(bytes: Uint8Array): void {
    this.toPeers.push(bytes);
  }

  sendTo(node: NodeId, bytes: Uint8Array): void {
    if (node === this.nodeId) this.#service.onMessage(this.nodeId, bytes);
  }

  transferLeadership(): void {
    throw new Error('there is nobody to transfer leadership to');
  }

  /** Decides at once, as a leader would that finds nothing wrong with it. */
  changeMembers({ ifVersion, members }: MembersChange): RequestId {
    this.#requestId++;
    const requestId = this.#requestId;
    setImmediate(() => {
      const before = this.members;
      assert(before !== undefined, 'the cluster was founded');
      if (ifVersion === before.version) this.#decide(members);
      this.#service.onMembersOutcome(requestId, this.#outcome(ifVersion, before));
    });
    return requestId;
  }

  /** The first entry of the log, with the members that the cluster begins with. */
  found(members: readonly Member[]): void {
    this.members = { version: 0, timeMs: 0, changeId: '', members, leaving: [] };
    this.#commitMembers(this.members);
  }

  /** Others decide on other members. */
  #decide(members: readonly Member[]): void {
    const version = this.appliedIndex + this.#waiting.length + 1;
    this.members = { version, timeMs: this.timeMs, changeId: `${version}`, members, leaving: [] };
    this.#commitMembers(this.members);
  }

  #outcome(ifVersion: LogIndex, before: Members): MembersOutcome {
    const members = this.members ?? before;
    if (ifVersion === before.version) return { outcome: 'changed', members };
    return { outcome: 'refused', reason: 'versionMismatch', message: 'too late', members };
  }

  #commitMembers(members: Members): void {
    const voters = members.members.map(({ id }) => id);
    const context = encodeMembers(members);
    const data = encodeMembership({ voters, votersOutgoing: [], learners: [], context });
    this.#waiting.push(this.#entry('membership', data, 0, 0));
    this.#schedule();
  }

  /** This node leads in a new term. */
  lead(): void {
    this.#term++;
    this.#announce({ role: 'leader', term: this.#term, leaderId: this.nodeId, isServing: false });
    this.#waiting.push(this.#entry('noop', NO_BYTES, this.nodeId, 0));
    this.flush();
    this.#announce({ role: 'leader', term: this.#term, leaderId: this.nodeId, isServing: true });
  }

  /** Another node leads, or nobody (`leaderId` 0). */
  follow(leaderId: NodeId): void {
    this.#term++;
    this.#announce({
      role: 'follower',
      term: this.#term,
      leaderId,
      isServing: leaderId !== 0,
    });
  }

  /** An entry that another node proposed. */
  commitForeign(payload: Uint8Array, origin: NodeId): void {
    this.#enqueue(payload, origin, 1);
  }

  /** Nothing is committed and no read confirmed until `release`. */
  hold(): void {
    this.#isHolding = true;
  }

  release(): void {
    this.#isHolding = false;
    this.#schedule();
  }

  /** What is waiting never comes: it is in a snapshot that this node gets instead. */
  forget(): void {
    this.#waiting = [];
    this.pendingBytes = 0;
  }

  /** Commits all that is waiting, at once and as one batch. */
  flush(): void {
    const entries = this.#waiting;
    const reads = this.#reads;
    this.#waiting = [];
    this.#reads = [];
    this.pendingBytes = 0;
    const last = entries[entries.length - 1];
    if (last !== undefined) {
      this.appliedIndex = last.index;
      this.#service.onCommitted(new CommittedList(entries));
    }
    for (const requestId of reads) this.#service.onReadIndex(requestId, this.appliedIndex);
  }

  get status(): NodeStatus {
    return {
      members: this.members,
      isMember: true,
      raft: this.#raftStatus(),
      leadership: this.#leadership,
      peers: [],
      logBytes: 0,
      flushes: 0,
      flushMsMean: 0,
      flushMsMax: 0,
      elections: this.#term,
      vitals: {
        role: 'leader',
        term: this.#term,
        commit: this.appliedIndex,
        loadBytes: 0,
        loopDelayMs: 0,
        flushAgeMs: 0,
        flushPendingMs: 0,
        serviceAgeMs: 0,
        servicePendingMs: 0,
      },
      leaderSilence: undefined,
    };
  }

  stop(): Promise<void> {
    this.#isStopped = true;
    return Promise.resolve();
  }

  #announce(leadership: Leadership): void {
    this.#leadership = leadership;
    this.#service.onLeadership(leadership);
  }

  #enqueue(payload: Uint8Array, origin: NodeId, sequence: number): void {
    this.#waiting.push(this.#entry('command', payload, origin, sequence));
    if (origin === this.nodeId) this.pendingBytes += payload.length;
    this.#schedule();
  }

  #entry(
    kind: ListedEntry['kind'],
    payload: Uint8Array,
    origin: NodeId,
    sequence: number,
  ): ListedEntry {
    return {
      index: this.appliedIndex + this.#waiting.length + 1,
      term: this.#term,
      kind,
      isOwn: origin === this.nodeId && sequence > 0,
      origin,
      sequence,
      timeMs: this.timeMs,
      payload,
    };
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isHolding || this.#isStopped) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (!this.#isHolding && !this.#isStopped) this.flush();
    });
  }

  #raftStatus(): RaftStatus {
    return {
      id: this.nodeId,
      role: this.#leadership.role,
      term: this.#term,
      leaderId: this.#leadership.leaderId,
      vote: 0,
      firstIndex: 1,
      lastIndex: this.appliedIndex + this.#waiting.length,
      persistedIndex: this.appliedIndex,
      commitIndex: this.appliedIndex,
      appliedIndex: this.appliedIndex,
      membership: { voters: [this.nodeId], votersOutgoing: [], learners: [] },
      transferTarget: 0,
      progress: [],
      ...this.raft,
    };
  }
}
