import type { AddressInfo, Socket } from 'node:net';
import type { CommittedBatch, Consensus, Leadership, Service } from '@bellwether/cluster';
import { Coordinator, type CloseCause, type Session } from '@bellwether/coordination';
import { NO_NODE, type LogIndex, type NodeId, type RequestId } from '@bellwether/raft';
import type { Logger } from '../logger.ts';
import { Answers } from './answers.ts';
import { assert } from './assert.ts';
import { ClientConnections } from './client-connections.ts';
import { ClientListener } from './client-listener.ts';
import { Connection, type ConnectionEvents } from './connection.ts';
import { EntryApplier } from './entry-applier.ts';
import {
  answerWord,
  refusalOf,
  SET_TRACE_MASK,
  TRACE_MASK_BYTES,
  wordOf,
} from './four-letter-words.ts';
import { Inspection } from './inspection.ts';
import { SERVER_LIMITS } from './limits.ts';
import { LocalSessions } from './local-sessions.ts';
import { operationName } from './operation-names.ts';
import { MortalUpkeep } from './mortal-upkeep.ts';
import { OutputBuffers } from './output-buffers.ts';
import { OwnEntries } from './own-entries.ts';
import { QuotaWarnings } from './quota-warnings.ts';
import { ReadOnlyMode } from './read-only-mode.ts';
import { ReplyOrder } from './reply-order.ts';
import { RequestIntake } from './request-intake.ts';
import type { ServerSettings } from './server-settings.ts';
import { ServerStats } from './server-stats.ts';
import { SessionHandshake } from './session-handshake.ts';
import { SessionUpkeep } from './session-upkeep.ts';

/** What the server takes from its surroundings. */
export interface ZookeeperServerOptions {
  readonly settings: ServerSettings;
  readonly log: Logger;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** Wall clock, ms since 1970; only for reports. */
  readonly wallMs: () => number;
  /** Runs `action` every `intervalMs` until the returned function is called. */
  readonly every: (intervalMs: number, action: () => void) => () => void;
  /** The node can't go on. */
  readonly onFatal: (error: Error) => void;
}

/**
 * The service thread of a node that speaks ZooKeeper's protocol: client connections on one side,
 * the replicated state on the other.
 *
 * While there is no leader, connections stay: reads and pings are answered from this node's state,
 * writes wait for the next leader.
 */
export class ZookeeperServer implements Service, ConnectionEvents {
  readonly coordinator: Coordinator;
  readonly stats = new ServerStats();
  readonly #settings: ServerSettings;
  readonly #log: Logger;
  readonly #nowMs: () => number;
  readonly #onFatal: (error: Error) => void;
  readonly #wallMs: () => number;
  readonly #stopTicking: () => void;
  readonly #buffers = new OutputBuffers();
  readonly #connections = new ClientConnections();
  readonly #sessions = new LocalSessions();
  readonly #own = new OwnEntries();
  readonly #order: ReplyOrder;
  readonly #intake: RequestIntake;
  readonly #handshake: SessionHandshake;
  readonly #applier: EntryApplier;
  readonly #upkeep: SessionUpkeep;
  readonly #mortals: MortalUpkeep;
  readonly #listener: ClientListener;
  readonly #readOnly: ReadOnlyMode;
  /** For operators. */
  readonly inspection: Inspection;
  /** Called after every change of leadership. */
  onLeadershipChange: () => void = () => undefined;
  #leadership: Leadership = { role: 'follower', term: 0, leaderId: NO_NODE, isServing: false };
  #consensus: Consensus | undefined;

  constructor(options: ZookeeperServerOptions) {
    const { settings, log, nowMs } = options;
    this.#settings = settings;
    this.#log = log;
    this.#nowMs = nowMs;
    this.#onFatal = options.onFatal;
    this.#wallMs = options.wallMs;
    this.#readOnly = new ReadOnlyMode(settings.readOnly === 'served', nowMs);
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
      quotaRule: settings.quotas,
    });
    this.#handshake = new SessionHandshake({
      intake: this.#intake,
      order: this.#order,
      sessions: this.#sessions,
      settings,
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
    });
    this.#upkeep = new SessionUpkeep(this.coordinator, nowMs);
    this.#mortals = new MortalUpkeep(this.coordinator, {
      nowMs,
      wallMs: options.wallMs,
      intervalMs: settings.containerCheckMs,
      neverUsedMsMax: settings.containerNeverUsedMsMax,
    });
    this.#listener = new ClientListener({
      settings,
      log,
      onConnection: (socket) => this.#onConnection(socket),
      onRejected: () => this.stats.connectionsRejected++,
    });
    this.inspection = new Inspection({
      coordinator: this.coordinator,
      stats: this.stats,
      settings,
      connections: this.#connections,
      order: this.#order,
      upkeep: this.#upkeep,
      consensus: () => this.#consensus,
      isReadOnly: () => this.#readOnly.isActive,
      nowMs,
      wallMs: options.wallMs,
    });
    this.#stopTicking = options.every(SERVER_LIMITS.sessionTickMs, () => this.#onTick());
  }

  /** Clients are accepted only after this. */
  attach(consensus: Consensus): void {
    this.#consensus = consensus;
    this.#intake.attach(consensus);
    this.#upkeep.attach(consensus);
  }

  /**
   * Accepts clients.
   *
   * @throws the system's error when the port can't be had, e.g. EADDRINUSE
   */
  listen(): Promise<AddressInfo> {
    assert(this.#consensus !== undefined, 'the consensus is attached before clients come');
    return this.#listener.listen();
  }

  /** Clients that are connected, with a session or not. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Closes the port and all connections; their sessions stay, and the clients go elsewhere. */
  async close(): Promise<void> {
    this.#stopTicking();
    const closed = this.#listener.close();
    this.#connections.destroyAll();
    await closed;
  }

  // What the consensus thread tells.

  onCommitted(batch: CommittedBatch): void {
    this.stats.beginTurn(this.#nowMs());
    while (batch.next()) this.#applier.apply(batch);
    this.#order.afterBatch();
    this.#endTurn();
    this.#connections.checkProposals(this.#attached.pendingBytes);
  }

  onLeadership(leadership: Leadership): void {
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
    this.#endTurn();
  }

  onMessage(_from: NodeId, bytes: Uint8Array): void {
    this.#upkeep.onMessage(bytes);
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
    this.coordinator.restoreBegin();
  }

  onRestoreChunk(chunk: Uint8Array): void {
    this.coordinator.restoreChunk(chunk);
  }

  onRestoreEnd(appliedIndex: LogIndex): void {
    this.coordinator.restoreEnd(appliedIndex);
    this.#readOnly.onRestore('ended');
  }

  onFatal(error: Error): void {
    this.#log.error('the node cannot go on', { error });
    this.#onFatal(error);
  }

  // What connections tell.

  onTurnBegin(connection: Connection): void {
    this.stats.beginTurn(this.#nowMs());
    connection.heardMs = this.stats.turnMs;
    this.#upkeep.touch(connection.sessionId);
  }

  onFrame(connection: Connection, bytes: Buffer, start: number, end: number): void {
    if (connection.isOpen) return this.#intake.onRequest(connection, bytes, start, end);
    assert(connection.state === 'greeting', 'frames behind the first one wait for the handshake');
    this.stats.connectionRequests++;
    this.#handshake.onConnect(connection, this.#attached.nodeId, bytes, start, end);
    if (connection.isReadOnly && connection.isOpen) this.#connections.onOpen(connection);
  }

  /** Before the first frame it may be a four-letter word. */
  onBadLength(connection: Connection, length: number, rest: Buffer): void {
    const word = connection.state === 'greeting' ? wordOf(length) : undefined;
    if (word !== undefined) return this.#onWord(connection, word, rest);
    this.#log.warn('bad frame length', { client: connection.remote, length });
    connection.destroy();
  }

  onTurnEnd(): void {
    this.#endTurn();
    this.#connections.checkProposals(this.#attached.pendingBytes);
  }

  onHeld(connection: Connection): void {
    this.#connections.onHeld(connection);
  }

  onReplyTooLong(connection: Connection, bytes: number): void {
    this.stats.repliesTooLong++;
    const { remote: client, traffic, sessionId } = connection;
    const operation = operationName(traffic.lastOpCode);
    this.#log.warn('reply too long', { client, sessionId, operation, bytes });
  }

  onDrained(connection: Connection): void {
    this.#order.drain(connection);
  }

  onOverflow(connection: Connection): void {
    this.stats.connectionsDropped++;
    const unsentBytes = connection.socket.writableLength;
    this.#log.warn('client does not take its replies', { client: connection.remote, unsentBytes });
  }

  onEnding(connection: Connection): void {
    this.#order.abandon(connection);
    this.#sessions.leave(connection);
    this.#readOnly.remove(connection);
    this.coordinator.watches.removeWatcher(connection);
    this.#connections.onEnding(connection, this.#nowMs());
  }

  onClosed(connection: Connection): void {
    this.#connections.remove(connection);
  }

  get #attached(): Consensus {
    assert(this.#consensus !== undefined, 'clients come after the consensus');
    return this.#consensus;
  }

  #onConnection(socket: Socket): void {
    const connection = new Connection(socket, {
      events: this,
      buffers: this.#buffers,
      stats: this.stats,
      frameBytesMax: this.#settings.frameBytesMax,
      watchesMax: this.#settings.watchesPerSessionMax,
      nowMs: this.#nowMs(),
      wallMs: this.#wallMs(),
    });
    this.#connections.add(connection);
  }

  #onWord(connection: Connection, word: string, rest: Buffer): void {
    this.stats.packetsReceived++;
    connection.traffic.received++;
    const { inspection } = this;
    if (!this.#settings.fourLetterWords.includes(word)) return connection.end(refusalOf(word));
    if (word !== SET_TRACE_MASK) return connection.end(answerWord(word, inspection));
    connection.takeRaw(TRACE_MASK_BYTES, rest, (bytes) => {
      inspection.traceMask = bytes.readBigInt64BE();
      connection.end(answerWord(word, inspection));
    });
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

  #endTurn(): void {
    this.#buffers.flushAll();
    this.stats.endTurn(this.#nowMs());
    this.#order.endTurn();
  }

  #onTick(): void {
    this.#connections.touchHeld((sessionId) => this.#upkeep.touch(sessionId));
    this.#upkeep.tick();
    this.#connections.sweep(this.#nowMs());
    this.#tickReadOnly();
    // In case that somebody left who was part of a crowd.
    this.#order.endTurn();
    // In case that the batch that brought it down was counted only after it was applied.
    if (this.#consensus !== undefined) {
      this.#mortals.tick(this.#consensus);
      this.#connections.checkProposals(this.#consensus.pendingBytes);
    }
  }

  /** Those who have waited for a leader all along are shown what is here, or sent elsewhere. */
  #tickReadOnly(): void {
    this.#readOnly.cutSilent();
    if (!this.#readOnly.isActive) return;
    this.stats.beginTurn(this.#nowMs());
    for (const connection of this.#connections.all()) {
      const { state, greeting } = connection;
      if (state !== 'handshake' || greeting === undefined) continue;
      this.#order.abandon(connection);
      this.#handshake.serveReadOnly(connection, greeting);
      if (connection.isOpen) this.#connections.onOpen(connection);
    }
    this.#endTurn();
  }
}
