import type { AddressInfo } from 'node:net';
import type {
  CommittedBatch,
  Consensus,
  Leadership,
  MembersOutcome,
  NodeStatus,
  Service,
} from '@bellwether/cluster';
import { Coordinator, type CloseCause, type Session } from '@bellwether/coordination';
import { NO_NODE, type LogIndex, type NodeId, type RequestId } from '@bellwether/raft';
import type { Logger } from '../logger.ts';
import { Answers } from './answers.ts';
import { assert } from './assert.ts';
import { ClientConnections } from './client-connections.ts';
import { ClientListener } from './client-listener.ts';
import { ClientSide } from './client-side.ts';
import type { ClientSocket } from './client-socket.ts';
import { EntryApplier } from './entry-applier.ts';
import { Inspection } from './inspection.ts';
import { SERVER_LIMITS } from './limits.ts';
import { LocalSessions } from './local-sessions.ts';
import { KnownMembers } from './known-members.ts';
import { LeaderContact } from './leader-contact.ts';
import { MortalUpkeep } from './mortal-upkeep.ts';
import { OwnEntries } from './own-entries.ts';
import { QuotaWarnings } from './quota-warnings.ts';
import { ReadOnlyMode } from './read-only-mode.ts';
import { ReplicaUpkeep } from './replica-upkeep.ts';
import { Reconfigurations } from './reconfigurations.ts';
import { ReplyOrder } from './reply-order.ts';
import { RequestIntake } from './request-intake.ts';
import { ServerStats } from './server-stats.ts';
import { SessionHandshake } from './session-handshake.ts';
import { SessionUpkeep } from './session-upkeep.ts';
import { until } from './until.ts';
import type { ZookeeperServerOptions } from './zookeeper-server-options.ts';

/**
 * The service thread of a node that speaks ZooKeeper's protocol: client connections on one side,
 * the replicated state on the other.
 *
 * While there is no leader, connections stay: reads and pings are answered from this node's state,
 * writes wait for the next leader.
 */
export class ZookeeperServer implements Service {
  readonly coordinator: Coordinator;
  readonly stats = new ServerStats();
  readonly #log: Logger;
  readonly #nowMs: () => number;
  /** The node cannot go on. */
  readonly onFatal: (error: Error) => void;
  readonly #stopTicking: () => void;
  readonly #connections = new ClientConnections();
  readonly #sessions = new LocalSessions();
  readonly #own = new OwnEntries();
  readonly #order: ReplyOrder;
  readonly #intake: RequestIntake;
  readonly #clients: ClientSide;
  readonly #handshake: SessionHandshake;
  readonly #applier: EntryApplier;
  readonly #members: KnownMembers;
  readonly #reconfigurations: Reconfigurations;
  readonly #upkeep: SessionUpkeep;
  readonly #contact: LeaderContact;
  readonly #mortals: MortalUpkeep;
  readonly #replicas: ReplicaUpkeep;
  readonly #listener: ClientListener;
  readonly #readOnly: ReadOnlyMode;
  /** For operators. */
  readonly inspection: Inspection;
  /** Called after every change of leadership. */
  onLeadershipChange: () => void = () => undefined;
  #leadership: Leadership = { role: 'follower', term: 0, leaderId: NO_NODE, isServing: false };
  #consensus: Consensus | undefined;
  /** The consensus has reported for the first time. */
  #isStarted = false;

  constructor(options: ZookeeperServerOptions) {
    const { settings, log, nowMs, wallMs, randomBytes } = options;
    this.#log = log;
    this.#nowMs = nowMs;
    this.onFatal = options.onFatal;
    this.#readOnly = new ReadOnlyMode(settings.readOnly === 'served', nowMs);
    this.#members = new KnownMembers(() => this.#status?.members, settings.node.members);
    const quotaWarnings = new QuotaWarnings(log, nowMs);
    this.coordinator = new Coordinator(
      {
        onSessionCreated: (session) => this.#upkeep.onSessionOpened(session),
        onSessionAttached: (session) => this.#onSessionAttached(session),
        onSessionClosed: (session, cause) => this.#onSessionClosed(session, cause),
      },
      (exceeded) => quotaWarnings.onExceeded(exceeded),
    );
    const answers = new Answers(this.coordinator);
    this.#order = new ReplyOrder(this.coordinator, answers, this.stats, settings.outstandingMax);
    this.#intake = new RequestIntake({
      answers,
      order: this.#order,
      own: this.#own,
      stats: this.stats,
      settings,
      onSaslFailed: ({ remote }, reason) => log.warn('SASL failed', { client: remote, reason }),
    });
    this.#reconfigurations = new Reconfigurations({
      rule: settings.reconfig,
      coordinator: this.coordinator,
      members: this.#members,
      onDecided: (request) => this.#order.onReconfigDecided(request),
      onRefused: (why) => log.warn('reconfig refused', { why }),
    });
    this.#order.beginReconfig = (request) => this.#reconfigurations.begin(request);
    this.#handshake = new SessionHandshake({
      intake: this.#intake,
      order: this.#order,
      sessions: this.#sessions,
      ...{ settings, randomBytes },
      coordinator: this.coordinator,
      readOnly: this.#readOnly,
    });
    this.#applier = new EntryApplier({
      coordinator: this.coordinator,
      own: this.#own,
      order: this.#order,
      handshake: this.#handshake,
      connections: this.#connections,
      stats: this.stats,
      members: this.#members,
    });
    this.#upkeep = new SessionUpkeep(this.coordinator, nowMs);
    this.#contact = new LeaderContact(nowMs);
    this.#mortals = new MortalUpkeep(this.coordinator, {
      ...{ nowMs, wallMs },
      intervalMs: settings.containerCheckMs,
      neverUsedMsMax: settings.containerNeverUsedMsMax,
    });
    this.#replicas = this.#replicaUpkeep(options);
    this.#listener = new ClientListener({
      settings,
      log,
      onConnection: (socket) => this.#clients.onSocket(socket),
      onRejected: () => this.stats.connectionsRejected++,
    });
    this.inspection = this.#inspectionOf(options);
    this.#clients = this.#clientSide(options);
    this.#stopTicking = options.every(SERVER_LIMITS.sessionTickMs, () => this.#onTick());
  }

  #replicaUpkeep({ log, nowMs }: ZookeeperServerOptions): ReplicaUpkeep {
    return new ReplicaUpkeep(this.coordinator, {
      ...{ members: this.#members, log, nowMs, stats: this.stats },
      onFatal: (error) => this.onFatal(error),
    });
  }

  #clientSide({ settings, log, nowMs, wallMs }: ZookeeperServerOptions): ClientSide {
    return new ClientSide({
      ...{ settings, log, nowMs, wallMs },
      consensus: () => this.#attached,
      coordinator: this.coordinator,
      connections: this.#connections,
      sessions: this.#sessions,
      stats: this.stats,
      order: this.#order,
      intake: this.#intake,
      handshake: this.#handshake,
      upkeep: this.#upkeep,
      contact: this.#contact,
      readOnly: this.#readOnly,
      inspection: this.inspection,
      isMember: () => this.#status?.isMember ?? true,
    });
  }

  #inspectionOf({ settings, nowMs, wallMs }: ZookeeperServerOptions): Inspection {
    return new Inspection({
      coordinator: this.coordinator,
      stats: this.stats,
      settings,
      connections: this.#connections,
      order: this.#order,
      upkeep: this.#upkeep,
      consensus: () => this.#consensus,
      members: this.#members,
      isReadOnly: () => this.#readOnly.isActive,
      ...{ nowMs, wallMs },
    });
  }

  /** Clients are accepted only after this. */
  attach(consensus: Consensus): void {
    this.#consensus = consensus;
    this.#intake.attach(consensus);
    this.#reconfigurations.attach(consensus);
    this.#upkeep.attach(consensus);
  }

  /**
   * Accepts clients.
   *
   * @throws the system's error when the port can't be had, e.g. EADDRINUSE
   */
  listen(): Promise<AddressInfo> {
    assert(this.#consensus !== undefined, 'the consensus is attached before clients come');
    this.#isStarted = true;
    return this.#listener.listen();
  }

  /** A client that did not come through the port: in the simulator there is none. */
  accept(socket: ClientSocket): void {
    this.#listener.accept(socket);
  }

  /** Clients that are connected, with a session or not. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /**
   * Closes the port and all connections; their sessions stay, and the clients go elsewhere. What is
   * in flight is answered first, as far as that does not take long.
   */
  async close(): Promise<void> {
    const closed = this.#listener.close();
    this.#connections.holdAll();
    await until(() => this.#order.outstanding === 0, SERVER_LIMITS.drainMsMax);
    this.#stopTicking();
    this.#connections.endAll();
    await until(() => this.#connections.size === 0, SERVER_LIMITS.drainMsMax);
    this.#connections.destroyAll();
    await closed;
  }

  /** Lets all clients go at once, and takes no others: there is no consensus any more. */
  abandon(): void {
    this.#stopTicking();
    void this.#listener.close();
    this.#connections.destroyAll();
  }

  // What the consensus thread tells.

  onCommitted(batch: CommittedBatch): void {
    this.stats.beginTurn(this.#nowMs());
    while (batch.next()) this.#applier.apply(batch);
    this.#order.afterBatch();
    this.#clients.endTurn();
    this.#connections.checkProposals(this.#attached.pendingBytes);
  }

  onLeadership(leadership: Leadership): void {
    if (leadership.leaderId !== this.#leadership.leaderId) this.#clients.onLeader();
    this.#leadership = leadership;
    this.#upkeep.onLeadership(leadership);
    this.#mortals.onLeadership(leadership);
    this.#readOnly.onLeadership(leadership);
    this.inspection.onLeading(leadership.role === 'leader' && leadership.isServing);
    this.onLeadershipChange();
  }

  /** As this node sees it now. */
  get leadership(): Leadership {
    return this.#leadership;
  }

  onReadIndex(requestId: RequestId, index: LogIndex): void {
    this.stats.beginTurn(this.#nowMs());
    this.#order.onReadIndex(requestId, index);
    this.#clients.endTurn();
  }

  onMessage(from: NodeId, bytes: Uint8Array): void {
    if (this.#replicas.onMessage(from, bytes)) return;
    const { judges } = this.#upkeep;
    if (!this.#contact.onMessage(from, bytes, judges, this.#attached))
      this.#upkeep.onMessage(bytes);
  }

  onMembersOutcome(requestId: RequestId, outcome: MembersOutcome): void {
    this.stats.beginTurn(this.#nowMs());
    this.#reconfigurations.onOutcome(requestId, outcome);
    this.#clients.endTurn();
  }

  beginSnapshot(): Iterator<Uint8Array> {
    return this.coordinator.snapshot();
  }

  /** The clients that wait were disconnected by the restore, and find out for themselves. */
  onOutcomesUnknown(): void {}

  /** Clients go elsewhere: nothing can be read here, and replies may be lost with the entries. */
  onRestoreBegin(): void {
    if (this.#connections.size > 0) {
      this.#log.warn('restoring from a snapshot', { disconnected: this.#connections.size });
    }
    this.#readOnly.onRestore('begun');
    this.#connections.destroyAll();
    this.#mortals.onRestore();
    this.#replicas.onRestore();
    this.coordinator.restoreBegin();
  }

  onRestoreChunk(chunk: Uint8Array): void {
    this.coordinator.restoreChunk(chunk);
  }

  onRestoreEnd(appliedIndex: LogIndex): void {
    this.coordinator.restoreEnd(appliedIndex);
    this.#readOnly.onRestore('ended');
  }

  get #status(): NodeStatus | undefined {
    return this.#isStarted ? this.#consensus?.status : undefined;
  }

  get #attached(): Consensus {
    assert(this.#consensus !== undefined, 'clients come after the consensus');
    return this.#consensus;
  }

  #onSessionAttached(session: Session): void {
    this.#upkeep.onSessionOpened(session);
    this.stats.sessionsRevalidated++;
    const connection = this.#sessions.get(session.id);
    if (connection === undefined) return;
    this.#log.info('session moved', { sessionId: session.id, owner: session.owner });
    connection.end();
  }

  #onSessionClosed(session: Session, cause: CloseCause): void {
    if (cause === 'expired') this.stats.sessionsExpired++;
    this.#upkeep.onSessionClosed(session);
    const connection = this.#sessions.get(session.id);
    if (connection !== undefined && connection !== this.#applier.applying) connection.end();
  }

  #onTick(): void {
    this.#clients.tick();
    this.#upkeep.tick();
    // In case that the batch that brought it down was counted only after it was applied.
    if (this.#consensus !== undefined) {
      this.#contact.tick(this.#consensus, this.#clients.dependants);
      this.#mortals.tick(this.#consensus);
      this.#replicas.tick(this.#consensus);
      this.#connections.checkProposals(this.#consensus.pendingBytes);
    }
  }
}
