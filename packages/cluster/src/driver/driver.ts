import type {
  Entry,
  InstallSnapshot,
  LogIndex,
  Message,
  NodeId,
  Ready,
  RequestId,
} from '@bellwether/raft';
import { NO_NODE, RaftNode } from '@bellwether/raft';
import type { LogStore } from '@bellwether/storage';
import type { Clock } from '../clock.ts';
import { commandIncarnation, commandOrigin, commandSequence, commandTimeMs } from '../command.ts';
import { FailoverTimeline } from '../failover/failover-timeline.ts';
import { PendingCommands } from '../forwarding/pending-commands.ts';
import type { Leadership } from '../service.ts';
import type { MembersChange } from '../membership/members.ts';
import type { SnapshotSink, Transport, TransportHandler } from '../transport/transport.ts';
import type { ForwardCommands, PeerMessage } from '../wire/peer-message.ts';
import { AdmissionQueue } from './admission-queue.ts';
import { Delivery } from './delivery.ts';
import type { DriverOptions } from './driver-options.ts';
import { Health } from './health.ts';
import type { SuspicionCause } from './leader-suspicion.ts';
import { watchLeadership } from './leadership-events.ts';
import type { LeadershipWatch } from './leadership-watch.ts';
import { MembershipDuties } from './membership-duties.ts';
import { Persister } from './persister.ts';
import { PendingReads, type WantedRead } from './pending-reads.ts';
import { Restorer } from './restorer.ts';
import { sendServiceMessage } from './service-messages.ts';
import type { ServicePort } from './service-port.ts';
import { receiveSnapshot, streamSnapshot } from './snapshot-transfer.ts';
import { DEFAULT_RETENTION, SnapshotTaker } from './snapshot-taker.ts';

/**
 * Drives one node's core: inputs from the peers, the service thread and the clock go in, and the
 * core's work is done through the log, the transport and the service port. Inputs only mark that
 * there is work; it is done once all inputs that are already waiting have been taken, so whatever
 * comes together goes out together.
 *
 * The same class runs on the consensus thread and in the simulator.
 */
export class ConsensusDriver implements TransportHandler {
  readonly core: RaftNode;
  readonly log: LogStore;
  readonly transport: Transport;
  readonly membership: MembershipDuties;
  readonly health: Health;
  readonly #options: DriverOptions;
  readonly #service: ServicePort;
  readonly #clock: Clock;
  readonly #commands: PendingCommands;
  readonly #admission: AdmissionQueue;
  readonly #delivery: Delivery;
  readonly persister: Persister;
  readonly #reads: PendingReads;
  readonly #leadership: LeadershipWatch;
  readonly #timeline: FailoverTimeline;
  readonly snapshots: SnapshotTaker;
  readonly restorer: Restorer;
  readonly mayBeMember = (stranger: NodeId): boolean => this.membership.mayBeMember(stranger);
  #isWorkScheduled = false;
  /** Nothing is begun any more. */
  isStopped = false;

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#service = options.service;
    this.#clock = options.clock;
    this.log = options.log;
    const priorities = new Map(options.config.priorities);
    this.core = new RaftNode({ ...options.config, priorities }, options.log, options.random);
    this.membership = new MembershipDuties(this, {
      seeds: options.seeds ?? [],
      priorities,
      incarnation: options.incarnation,
      clock: this.#clock,
      removeDeadAfterMs: options.removeDeadAfterMs ?? Infinity,
      onEvent: (text) => options.onEvent?.(text),
      onOutcome: (requestId, outcome) => this.#service.onMembersOutcome(requestId, outcome),
    });
    this.#admission = new AdmissionQueue(this.core, this.log, () => this.#clock.wallMs());
    const start = this.log.snapshot();
    this.#commands = new PendingCommands(start, (to, term, seenIndex, batch) => {
      this.#forward({ type: 'ForwardCommands', from: this.id, to, term, seenIndex, batch });
    });
    this.health = new Health(this, options);
    this.#delivery = new Delivery(this.log, this.#service, start.index, (e) => this.#observe(e));
    this.persister = new Persister(this, options.clock, (error) => this.#fail(error));
    this.#reads = new PendingReads(this.core, options.incarnation, (id, index) => {
      this.#service.onReadIndex(id, index);
    });
    const retention = options.retention ?? DEFAULT_RETENTION;
    this.snapshots = new SnapshotTaker(this, retention, this.#service, (error) => {
      options.onEvent?.(`no snapshot: ${error.message}`);
    });
    this.restorer = new Restorer(this.log, this.#service, (index, timeMs) => {
      this.#admission.onCommittedTime(timeMs);
      this.#delivery.resume(index);
      this.#clock.soon(() => this.#onServing());
    });
    this.#timeline = new FailoverTimeline({
      ...{ clock: this.#clock, term: this.core.term },
      hasWaiting: () => this.#commands.bytes > 0,
      onFailover: (failover) => this.#service.onFailover(failover),
    });
    this.#leadership = watchLeadership({
      ...{ core: this.core, restorer: this.restorer, admission: this.#admission },
      ...{ delivery: this.#delivery, commands: this.#commands, reads: this.#reads },
      ...{ timeline: this.#timeline, service: this.#service },
    });
    this.transport = options.connect(this);
    this.membership.look();
  }

  get id(): NodeId {
    return this.#options.config.id;
  }

  get leadership(): Leadership {
    return this.#leadership.current;
  }

  /** Changes of leadership seen since the start. */
  get elections(): number {
    return this.#leadership.changes;
  }

  get loadBytes(): number {
    return this.#commands.bytes;
  }

  /** Brings the service to the newest snapshot, and begins. */
  start(): void {
    if (this.log.snapshot().index > 0) this.#restore();
    if (this.membership.isOnlyVoter) this.core.suspectLeader();
    this.#schedule();
  }

  /** Ends all work; what is being flushed may still be flushed. */
  stop(): void {
    this.isStopped = true;
    this.transport.close();
  }

  // --- inputs: the clock ---

  tick(): void {
    if (this.isStopped) return;
    this.core.tick();
    this.health.tick();
    this.persister.tick();
    this.#reads.tick();
    this.#timeline.tick(this.core.transferTarget !== NO_NODE);
    this.#leadership.tick();
    this.membership.tick();
    this.#schedule();
  }

  // --- inputs: the service thread ---

  /** Commands of this node's service, as a batch (see command.ts). */
  onCommands(batch: Uint8Array): void {
    this.#commands.add(batch);
    this.#schedule();
  }

  onApplied(index: LogIndex): void {
    this.core.onApplied(index);
    this.#delivery.onApplied(index);
    this.snapshots.onProgress();
    this.#schedule();
  }

  onReadIndexWanted(wanted: WantedRead): void {
    this.#reads.add(wanted);
    this.#schedule();
  }

  onServiceMessage(to: 'leader' | 'peers' | NodeId, bytes: Uint8Array): void {
    sendServiceMessage(this, this.#service, to, bytes);
    this.#schedule();
  }

  onTransferWanted(target: NodeId): void {
    if (this.health.mayTakeOver(target)) this.core.transferLeadership(target);
    if (this.core.transferTarget !== NO_NODE) this.#timeline.onDoubted('transfer');
    this.#schedule();
  }

  onMembersWanted(requestId: RequestId, change: MembersChange): void {
    this.membership.onWanted(requestId, change);
    this.#schedule();
  }

  onSnapshotBegan(index: LogIndex): void {
    this.snapshots.onBegan(index, this.#admission.timeMs);
  }

  // --- inputs: the peers ---

  onMessage(message: PeerMessage): void {
    if (this.isStopped) return;
    this.#timeline.onMessage(message);
    this.health.beforeMessage(message);
    this.#take(message);
    this.health.afterMessage(message);
    this.#schedule();
  }

  onConnected(peer: NodeId): void {
    this.#commands.onConnected(peer);
    this.#schedule();
  }

  onDisconnected(peer: NodeId): void {
    if (this.isStopped) return;
    this.core.reportUnreachable(peer);
    this.health.onDisconnected(peer);
    this.#schedule();
  }

  // --- inputs: the failure detector ---

  /** The leader is suspected from now on. */
  onDoubted(cause: SuspicionCause): void {
    this.#timeline.onDoubted(cause);
    this.#schedule();
  }

  /** A campaign was begun. */
  onSuspected(): void {
    this.#timeline.onCampaign();
    this.#schedule();
  }

  onSnapshot(offer: InstallSnapshot): SnapshotSink | undefined {
    return receiveSnapshot(this, offer, () => this.#schedule());
  }

  /** The persister's flush is done: there may be work again. */
  onPersisted(): void {
    this.#schedule();
  }

  /** A message of the core, as soon as it may leave. What waits here goes along with a vote. */
  send(message: Message): void {
    this.transport.send(message);
    this.health.onSend(message);
    if (message.type !== 'RequestVoteResponse' || !message.granted) return;
    this.#commands.onVoted(message.to, message.term);
  }

  // --- work ---

  #schedule(): void {
    if (this.#isWorkScheduled || this.isStopped) return;
    this.#isWorkScheduled = true;
    this.#clock.soon(this.#work);
  }

  /**
   * In the order of what is waited for: the disk begins, which takes no time; the peers' messages leave, so that their
   * disks work beside this one's; the service comes last, because whoever waits on another node is further away.
   * Where there are few processors, whom a message wakes may go on in this one's place.
   */
  readonly #work = (): void => {
    this.#isWorkScheduled = false;
    if (this.isStopped) return;
    this.#admission.retry();
    while (this.core.hasReady()) this.#handle(this.core.ready());
    this.persister.flush();
    this.transport.flush();
    this.#leadership.tell();
    this.#delivery.deliver();
    this.transport.flush();
    this.log.release(Math.min(this.#delivery.deliveredIndex, this.core.sentIndex));
  };

  /** Does the work of one Ready, in the order that its contract demands. */
  #handle(ready: Ready): void {
    if (ready.snapshot !== undefined) {
      this.log.installSnapshot(ready.snapshot);
      const sequence = this.#commands.onStateReplaced(ready.snapshot);
      this.#restore();
      if (sequence !== undefined) this.#service.onOutcomesUnknown(sequence);
    }
    if (ready.entries.length > 0) this.log.append(ready.entries);
    if (ready.hardState !== undefined) this.log.setHardState(ready.hardState);
    for (const message of ready.messages) {
      if (message.type === 'InstallSnapshot') streamSnapshot(this, message, () => this.#schedule());
      else this.send(message);
    }
    this.persister.add(ready);
    this.#delivery.onCommitted(ready.committedEntries);
    for (const state of ready.readStates) this.#reads.onReadState(state);
    this.membership.look();
    this.#leadership.look();
  }

  #take(message: PeerMessage): void {
    if (message.type === 'ForwardCommands') this.#forward(message);
    else if (message.type === 'ServiceMessage') {
      this.#service.onMessage(message.from, message.bytes);
    } else if (message.type === 'MembersMessage') {
      this.membership.onMessage(message.from, message.bytes);
    } else if (message.type !== 'Vitals') this.core.step(message);
  }

  /** Every committed entry passes here in log order, right before it is delivered. */
  #observe(entry: Entry): void {
    this.snapshots.onDelivered(entry.data.length);
    this.#commands.onSeen(entry.index);
    if (entry.kind === 'noop') {
      this.#admission.onTermOpened(entry.term);
      this.#commands.onTermOpened(entry.term);
      this.#clock.soon(() => this.#onServing());
    }
    if (entry.kind !== 'command') return;
    this.#admission.onCommittedTime(commandTimeMs(entry.data));
    if (commandOrigin(entry.data) !== this.id) return;
    if (commandIncarnation(entry.data) !== this.#options.incarnation) return;
    this.#commands.onCommitted(commandSequence(entry.data));
    this.#timeline.onOwnCommitted();
  }

  #onServing(): void {
    if (this.isStopped) return;
    this.#leadership.look();
    this.#schedule();
  }

  #forward(commands: ForwardCommands): void {
    if (commands.to !== this.id) this.transport.send(commands);
    else if (this.#admission.add(commands)) this.#schedule();
  }

  #restore(): void {
    this.snapshots.abandon();
    this.#delivery.pause();
    this.restorer.begin();
  }

  #fail(error: Error): void {
    if (this.isStopped) return;
    this.stop();
    this.#service.onFatal(error);
  }
}
