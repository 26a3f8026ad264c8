import type { ConsensusDriver, PeerMessage } from '@bellwether/cluster';
import type {
  Entry,
  InvariantSnapshot,
  LogIndex,
  Membership,
  NodeId,
  RaftNode,
  RequestId,
} from '@bellwether/raft';
import { checkNodeInvariants, isElectionTerm, NO_NODE } from '@bellwether/raft';
import type { LogStore } from '@bellwether/storage';
import type { SimulatedService } from '../application.ts';
import { assert } from '../assert.ts';
import type { AppliedEntry, Observer, ProcessId } from '../node/observer.ts';
import { hashBytes, hashText } from '../random.ts';
import { CommitOfOwnTerm } from './commit-of-own-term.ts';
import { CommittedLog } from './committed-log.ts';
import { DurableQuorum, type DurableState } from './durable-quorum.ts';
import { ElectionSafety } from './election-safety.ts';
import { ExactSnapshots } from './exact-snapshots.ts';
import { ExactlyOnce } from './exactly-once.ts';
import { checkMembershipStep } from './joint-changes.ts';
import { LeaderCompleteness } from './leader-completeness.ts';
import { LinearizableReads } from './linearizable-reads.ts';
import { LogMatching } from './log-matching.ts';
import { LogMirror, type MirroredEntry } from './log-mirror.ts';
import { MonotonicTermAndCommit } from './monotonic-term-and-commit.ts';
import { OneLeaseHolder } from './one-lease-holder.ts';
import { PersistedBeforeSent } from './persisted-before-sent.ts';
import { ReplicasAgree } from './replicas-agree.ts';
import { StableLeader, type Wellness } from './stable-leader.ts';
import { StateMachineSafety } from './state-machine-safety.ts';
import { TimeNeverDecreases } from './time-never-decreases.ts';

/** What is known of the run of a node that is under way. */
interface Watched {
  readonly process: ProcessId;
  readonly log: LogStore;
  readonly mirror: LogMirror;
  readonly monotonic: MonotonicTermAndCommit;
  readonly commits: CommitOfOwnTerm;
  readonly reads: LinearizableReads;
  ownState: InvariantSnapshot | undefined;
  /** The term in which it was last seen to lead, and how far it had committed then. */
  ledTerm: number;
  ledCommit: LogIndex;
  /** The term in which it was last seen to campaign. */
  campaignTerm: number;
  /** In force when it was looked at last. */
  membership: Membership | undefined;
  /** Of its newest snapshot. */
  snapshotIndex: LogIndex;
  /** Committed entries up to here have been compared. */
  comparedIndex: LogIndex;
}

/** Judges everything that the nodes do, as they do it. Throws a Violation. */
export class Invariants implements Observer {
  readonly elections = new ElectionSafety();
  readonly commands = new ExactlyOnce();
  readonly committed = new CommittedLog();
  readonly #logs = new LogMatching();
  readonly #leaders = new LeaderCompleteness(this.committed);
  readonly #applied = new StateMachineSafety();
  readonly #promises = new PersistedBeforeSent();
  readonly #leases = new OneLeaseHolder();
  readonly #replicas = new ReplicasAgree();
  readonly #time = new TimeNeverDecreases();
  readonly #quorums = new DurableQuorum();
  readonly #snapshots = new ExactSnapshots();
  readonly #reign: StableLeader;
  readonly #watched = new Map<NodeId, Watched>();
  #readsDone = 0;

  /** @param wellness what the world knows of how its nodes fare */
  constructor(wellness: Wellness) {
    this.#reign = new StableLeader(wellness);
  }

  /** Read indexes that were answered. */
  get readsDone(): number {
    return this.#readsDone;
  }

  onStarted(process: ProcessId, log: LogStore): void {
    const { nodeId, incarnation } = process;
    const recovered = { hardState: log.hardState(), lastIndex: log.lastIndex() };
    this.#promises.onRecovered(nodeId, recovered);
    this.#applied.onStarted(nodeId);
    this.commands.onStarted(nodeId, incarnation);
    const mirror = new LogMirror();
    this.#quorums.onStarted(nodeId, diskUnder(log));
    this.#watched.set(nodeId, {
      process,
      log,
      mirror,
      monotonic: new MonotonicTermAndCommit(nodeId),
      commits: new CommitOfOwnTerm(nodeId),
      reads: new LinearizableReads(nodeId),
      ownState: undefined,
      ledTerm: 0,
      ledCommit: 0,
      campaignTerm: 0,
      membership: undefined,
      snapshotIndex: 0,
      comparedIndex: 0,
    });
  }

  onEnded({ nodeId, incarnation }: ProcessId): void {
    const { log, mirror } = this.#of(nodeId);
    const isUnseen = log.lastIndex() > 0 && !mirror.hasLooked;
    this.#quorums.onEnded(nodeId, isUnseen ? undefined : diskLeftBy(log, mirror));
    this.#watched.delete(nodeId);
    this.#leases.onEnded(nodeId);
    this.#reign.onLeadsNoMore(nodeId);
    this.commands.onEnded(nodeId, incarnation);
  }

  onEvent({ nodeId }: ProcessId, driver: ConsensusDriver): void {
    const watched = this.#of(nodeId);
    const { core } = driver;
    watched.ownState = checkNodeInvariants(core, watched.ownState);
    watched.monotonic.observe(core.term, core.commitIndex);
    this.#leases.onState(nodeId, core.term, core.holdsLease);
    this.#watchReign(watched, core);
    // Between an input and the work that follows from it the log may lag behind the core.
    if (core.hasReady()) return;
    if (!watched.mirror.isCurrent(watched.log)) {
      watched.mirror.update(watched.log, (entry, seen) => this.#onEntry(watched, entry, seen));
    }
    const { log } = watched;
    assert(core.state.log.persistedIndex <= log.persistedIndex, 'the core trusts only its disk');
    this.#promises.onLog(nodeId, core.term, log.lastIndex());
    this.#compareCommitted(watched, core.commitIndex);
    this.#compareSnapshot(watched);
    if (core.role === 'leader') {
      this.#onLeader(watched, core);
      watched.commits.onLeader(core.term, core.commitIndex, (index) => log.term(index));
    } else if (core.leaderId !== NO_NODE) {
      this.elections.onFollows(nodeId, core.term, core.leaderId);
    }
    watched.membership = core.membership;
  }

  /** Somebody asks for another leader, or for other members. */
  onWished(): void {
    this.#reign.onWished();
  }

  onSend({ nodeId }: ProcessId, driver: ConsensusDriver, message: PeerMessage): void {
    if (message.type === 'RequestVoteResponse' && message.granted) {
      const { persistedHardState } = this.#of(nodeId).log;
      this.#promises.onVoteLeaving(nodeId, message.term, message.to, persistedHardState);
      this.#promises.onVote(nodeId, message.term, message.to);
    }
    if (message.type !== 'AppendEntriesResponse' || !message.accepted) return;
    const { term } = driver.core;
    const { persistedIndex } = this.#of(nodeId).log;
    this.#promises.onAcknowledged(nodeId, message.term, message.index, { term, persistedIndex });
  }

  onProposed(process: ProcessId, sequence: number, payload: Uint8Array): void {
    this.commands.onProposed(process.nodeId, process.incarnation, sequence, payload);
  }

  onGivenUp({ nodeId, incarnation }: ProcessId, sequence: number): void {
    this.commands.onGivenUp(nodeId, incarnation, sequence);
  }

  onOutcomesUnknown({ nodeId, incarnation }: ProcessId, sequence: number): void {
    this.commands.onOutcomesUnknown(nodeId, incarnation, sequence);
  }

  onApplied({ nodeId, incarnation }: ProcessId, entry: AppliedEntry): void {
    const { index, kind, origin, sequence, timeMs, payload } = entry;
    const isFirst = this.#applied.onApplied(nodeId, index, hashApplied(entry));
    if (kind !== 'command') return;
    if (isFirst) {
      const command = { nodeId: origin, incarnation: entry.incarnation, sequence, payload };
      this.commands.onCommitted(command, index);
      this.#time.onCommitted(index, timeMs);
    }
    if (entry.isOwn) this.commands.onAcknowledged(nodeId, incarnation, sequence);
  }

  onRestored({ nodeId }: ProcessId, appliedIndex: LogIndex): void {
    this.#applied.onRestored(nodeId, appliedIndex);
  }

  onState({ nodeId }: ProcessId, appliedIndex: LogIndex, service: SimulatedService): void {
    this.#replicas.onState(nodeId, appliedIndex, () => service.digest());
  }

  onReadAsked({ nodeId }: ProcessId, requestId: RequestId): void {
    this.#of(nodeId).reads.onAsked(requestId, this.committed.lastIndex);
  }

  onReadAnswered({ nodeId }: ProcessId, requestId: RequestId, index: LogIndex): void {
    this.#readsDone += 1;
    this.#of(nodeId).reads.onAnswered(requestId, index);
  }

  /** Looks at every entry of every log that is open and `isReadable`. */
  checkEverything(isReadable: (nodeId: NodeId) => boolean = () => true): void {
    for (const [nodeId, watched] of this.#watched) {
      if (!isReadable(nodeId)) continue;
      const { log, mirror } = watched;
      mirror.readAll(log, (entry, seen) => this.#onEntry(watched, entry, seen));
      const compared = watched.comparedIndex;
      watched.comparedIndex = 0;
      this.#compareCommitted(watched, compared);
    }
  }

  #onEntry({ process, log, mirror }: Watched, entry: Entry, seen: MirroredEntry): void {
    const { index } = entry;
    const { term, hash, membership } = seen;
    const hasPrevious = index > log.firstIndex() || log.snapshot().index === index - 1;
    const prevTerm = hasPrevious ? log.term(index - 1) : undefined;
    this.#logs.onEntry(process.nodeId, { index, term, prevTerm, hash });
    if (membership === undefined) return;
    const before = mirror.membershipBefore(index, log);
    if (before !== undefined) checkMembershipStep(process.nodeId, index, before, membership);
  }

  #compareCommitted(watched: Watched, commitIndex: LogIndex): void {
    const { log, mirror, process } = watched;
    const first = Math.max(watched.comparedIndex + 1, log.firstIndex());
    const inTerm = log.hardState().term;
    for (let index = first; index <= commitIndex; index++) {
      const entry = mirror.get(index);
      assert(entry !== undefined, 'the mirror holds what the log does');
      const isNews = this.committed.onCommitted(process.nodeId, inTerm, index, entry);
      if (!isNews) continue;
      this.#checkLeaders(index);
      if (entry.membership !== undefined) this.#snapshots.onMembership(index, entry.membership);
    }
    watched.comparedIndex = Math.max(watched.comparedIndex, commitIndex);
  }

  #compareSnapshot(watched: Watched): void {
    const snapshot = watched.log.snapshot();
    if (snapshot.index === watched.snapshotIndex) return;
    watched.snapshotIndex = snapshot.index;
    const { nodeId } = watched.process;
    this.#snapshots.onSnapshot(nodeId, snapshot, this.committed.term(snapshot.index));
  }

  #watchReign(watched: Watched, core: RaftNode): void {
    const { nodeId } = watched.process;
    if (core.role === 'leader') return this.#reign.onLeads(nodeId, core.term, core.membership);
    this.#reign.onLeadsNoMore(nodeId);
    if (core.role !== 'candidate' || core.term === watched.campaignTerm) return;
    watched.campaignTerm = core.term;
    this.#reign.onCampaign(nodeId, core.term);
  }

  /** Something became known to be committed: those who lead already must have it too. */
  #checkLeaders(index: LogIndex): void {
    for (const { process, log, ledTerm, ownState } of this.#watched.values()) {
      if (ownState?.role !== 'leader' || ledTerm !== ownState.term) continue;
      this.#leaders.check(process.nodeId, ledTerm, leaderLog(log), index);
    }
  }

  #onLeader(watched: Watched, core: RaftNode): void {
    const { nodeId } = watched.process;
    const { term, commitIndex, membership } = core;
    // Which of the two it counted by, the event that ended just now does not show.
    const memberships = [membership, watched.membership ?? membership];
    if (watched.ledTerm === term) {
      if (commitIndex === watched.ledCommit) return;
      watched.ledCommit = commitIndex;
      return this.#quorums.onCommitted({ nodeId, term, memberships }, commitIndex);
    }
    watched.ledTerm = term;
    watched.ledCommit = commitIndex;
    this.elections.onLeader(watched.process, term);
    if (isElectionTerm(term)) {
      this.#quorums.onElected({ nodeId, term, memberships });
      this.#promises.onVoteLeaving(nodeId, term, nodeId, watched.log.persistedHardState);
      this.#promises.onVote(nodeId, term, nodeId);
    }
    this.#leaders.check(nodeId, term, leaderLog(watched.log), 0);
  }

  #of(nodeId: NodeId): Watched {
    const watched = this.#watched.get(nodeId);
    assert(watched !== undefined, 'events come from nodes that run');
    return watched;
  }
}

function diskUnder(log: LogStore): DurableState {
  return {
    get hardState() {
      return log.persistedHardState;
    },
    holds: (index, term) => {
      if (index > log.persistedIndex) return false;
      return index < log.firstIndex() || log.term(index) === term;
    },
  };
}

/** When its process has ended: the log can't be asked any more. */
function diskLeftBy(log: LogStore, mirror: LogMirror): DurableState {
  const { persistedHardState: hardState, persistedIndex } = log;
  const firstIndex = log.firstIndex();
  const holds = (index: LogIndex, term: number): boolean => {
    if (index > persistedIndex) return false;
    return index < firstIndex || mirror.get(index)?.term === term;
  };
  return { hardState, holds };
}

function leaderLog(log: LogStore): {
  firstIndex: LogIndex;
  lastIndex: LogIndex;
  term: (index: LogIndex) => number;
} {
  return {
    firstIndex: log.firstIndex(),
    lastIndex: log.lastIndex(),
    term: (index) => log.term(index),
  };
}

function hashApplied(entry: AppliedEntry): number {
  const { index, term, kind, origin, incarnation, sequence, timeMs, payload } = entry;
  const head = `${index} ${term} ${kind} ${origin} ${incarnation} ${sequence} ${timeMs}`;
  return hashBytes(payload, hashText(kind === 'command' ? head : `${index} ${term} ${kind}`));
}
