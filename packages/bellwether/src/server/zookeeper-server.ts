import type { AddressInfo, Socket } from 'node:net';
import type { CommittedBatch, Consensus, Leadership, Service } from '@bellwether/cluster';
import { Coordinator, type Session } from '@bellwether/coordination';
import { NO_NODE, type LogIndex, type NodeId, type RequestId } from '@bellwether/raft';
import type { Logger } from '../logger.ts';
import { Answers } from './answers.ts';
import { assert } from './assert.ts';
import { ClientConnections } from './client-connections.ts';
import { ClientListener } from './client-listener.ts';
import { Connection, type ConnectionEvents } from './connection.ts';
import { EntryApplier } from './entry-applier.ts';
import { answerWord, wordOf } from './four-letter-words.ts';
import { SERVER_LIMITS } from './limits.ts';
import { LocalSessions } from './local-sessions.ts';
import { OutputBuffers } from './output-buffers.ts';
import { OwnEntries } from './own-entries.ts';
import { ReplyOrder } from './reply-order.ts';
import { RequestIntake } from './request-intake.ts';
import { reportOf } from './server-report.ts';
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
  readonly #startedMs: number;
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
  readonly #listener: ClientListener;
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
    this.#startedMs = nowMs();
    this.coordinator = new Coordinator({
      onSessionCreated: (session) => this.#upkeep.onSessionOpened(session),
      onSessionAttached: (session) => this.#onSessionAttached(session),
      onSessionClosed: (session) => this.#onSessionClosed(session),
    });
    const answers = new Answers(this.coordinator);
    this.#order = new ReplyOrder(this.coordinator, answers, this.stats);
    this.#intake = new RequestIntake(answers, this.#order, this.#own, this.stats);
    this.#handshake = new SessionHandshake({
      intake: this.#intake,
      order: this.#order,
      sessions: this.#sessions,
      settings,
    });
    this.#applier = new EntryApplier({
      coordinator: this.coordinator,
      own: this.#own,
      order: this.#order,
      handshake: this.#handshake,
      connections: this.#connections,
    });
    this.#upkeep = new SessionUpkeep(this.coordinator, nowMs);
    this.#listener = new ClientListener({
      settings,
      log,
      onConnection: (socket) => this.#onConnection(socket),
      onRejected: () => this.stats.connectionsRejected++,
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
    this.#connections.destroyAll();
    this.coordinator.restoreBegin();
  }

  onRestoreChunk(chunk: Uint8Array): void {
    this.coordinator.restoreChunk(chunk);
  }

  onRestoreEnd(appliedIndex: LogIndex): void {
    this.coordinator.restoreEnd(appliedIndex);
  }

  onFatal(error: Error): void {
    this.#log.error('the node cannot go on', { error });
    this.#onFatal(error);
  }

  // What connections tell.

  onTurnBegin(connection: Connection): void {
    this.stats.beginTurn(this.#nowMs());
    this.#upkeep.touch(connection.sessionId);
  }

  onFrame(connection: Connection, bytes: Buffer, start: number, end: number): void {
    if (connection.isOpen) return this.#intake.onRequest(connection, bytes, start, end);
    assert(connection.state === 'greeting', 'frames behind the first one wait for the handshake');
    this.#handshake.onConnect(connection, this.#attached.nodeId, bytes, start, end);
  }

  /** Before the first frame it may be a four-letter word. */
  onBadLength(connection: Connection, length: number): void {
    const word = connection.state === 'greeting' ? wordOf(length) : undefined;
    if (word !== undefined) return this.#onWord(connection, word);
    this.#log.warn('bad frame length', { client: connection.remote, length });
    connection.destroy();
  }

  onTurnEnd(): void {
    this.#endTurn();
    this.#connections.checkProposals(this.#attached.pendingBytes);
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
      nowMs: this.#nowMs(),
    });
    this.#connections.add(connection);
  }

  #onWord(connection: Connection, word: string): void {
    const { coordinator, stats } = this;
    const report = () =>
      reportOf({
        coordinator,
        connections: this.#connections,
        stats,
        status: this.#consensus?.status,
        outstandingRequests: this.#own.size,
        uptimeMs: this.#nowMs() - this.#startedMs,
      });
    const digest = () => ({ zxid: coordinator.lastAppliedIndex, digest: coordinator.digest() });
    connection.end(answerWord(word, this.#settings.fourLetterWords, report, digest));
  }

  #onSessionAttached(session: Session): void {
    this.#upkeep.onSessionOpened(session);
    const connection = this.#sessions.get(session.id);
    if (connection === undefined) return;
    this.#log.info('session moved', { sessionId: session.id, owner: session.owner });
    connection.end();
  }

  #onSessionClosed(session: Session): void {
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
    this.#upkeep.tick();
    this.#connections.sweep(this.#nowMs());
    // In case that the batch that brought it down was counted only after it was applied.
    if (this.#consensus !== undefined) {
      this.#connections.checkProposals(this.#consensus.pendingBytes);
    }
  }
}
