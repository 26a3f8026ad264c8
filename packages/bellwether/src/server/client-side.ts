import type { Consensus } from '@bellwether/cluster';
import type { Coordinator } from '@bellwether/coordination';
import type { Logger } from '../logger.ts';
import { assert } from './assert.ts';
import type { ClientConnections } from './client-connections.ts';
import type { ClientSocket } from './client-socket.ts';
import { Connection } from './connection.ts';
import type { ConnectionEvents } from './connection-events.ts';
import {
  answerWord,
  refusalOf,
  SET_TRACE_MASK,
  TRACE_MASK_BYTES,
  wordOf,
} from './four-letter-words.ts';
import type { Inspection } from './inspection.ts';
import type { LeaderContact } from './leader-contact.ts';
import { SERVER_LIMITS } from './limits.ts';
import type { LocalSessions } from './local-sessions.ts';
import { operationName } from './operation-names.ts';
import { OutputBuffers } from './output-buffers.ts';
import type { ReadOnlyMode } from './read-only-mode.ts';
import type { ReplyOrder } from './reply-order.ts';
import type { RequestIntake } from './request-intake.ts';
import type { ServerSettings } from './server-settings.ts';
import type { ServerStats } from './server-stats.ts';
import type { SessionHandshake } from './session-handshake.ts';
import type { SessionUpkeep } from './session-upkeep.ts';

/** What the client side of a node works with. */
export interface ClientSideParts {
  readonly settings: ServerSettings;
  readonly log: Logger;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** Wall clock, ms since 1970; only for reports. */
  readonly wallMs: () => number;
  /** Attached before the first client comes. */
  readonly consensus: () => Consensus;
  readonly coordinator: Coordinator;
  readonly connections: ClientConnections;
  readonly sessions: LocalSessions;
  readonly stats: ServerStats;
  readonly order: ReplyOrder;
  readonly intake: RequestIntake;
  readonly handshake: SessionHandshake;
  readonly upkeep: SessionUpkeep;
  readonly contact: LeaderContact;
  readonly readOnly: ReadOnlyMode;
  readonly inspection: Inspection;
  /** Whether this node takes part in the cluster, as far as it knows. */
  readonly isMember: () => boolean;
}

/** Takes what connections tell, and brings it to those who deal with it. */
export class ClientSide implements ConnectionEvents {
  readonly #parts: ClientSideParts;
  readonly #buffers = new OutputBuffers();
  readonly #stats: ServerStats;
  readonly #intake: RequestIntake;
  /** Sessions whose connection has ended, and when they were heard: that may not have arrived. */
  readonly #left = new Map<number, number>();

  constructor(parts: ClientSideParts) {
    this.#parts = parts;
    this.#stats = parts.stats;
    this.#intake = parts.intake;
  }

  /** How many sessions depend on what the leader is told, and connections that may come to one. */
  get dependants(): number {
    return this.#parts.connections.size + this.#left.size;
  }

  /** Somebody connected. */
  onSocket(socket: ClientSocket): void {
    const { settings, connections, nowMs, wallMs } = this.#parts;
    const connection = new Connection(socket, {
      events: this,
      buffers: this.#buffers,
      stats: this.#stats,
      frameBytesMax: settings.frameBytesMax,
      watchesMax: settings.watchesPerSessionMax,
      nowMs: nowMs(),
      wallMs: wallMs(),
    });
    connections.add(connection);
  }

  onTurnBegin(connection: Connection): void {
    this.#stats.beginTurn(this.#parts.nowMs());
    connection.heardMs = this.#stats.turnMs;
    this.#parts.upkeep.touch(connection.sessionId);
  }

  onFrame(connection: Connection, bytes: Buffer, start: number, end: number): void {
    if (connection.isOpen) return this.#intake.onRequest(connection, bytes, start, end);
    assert(connection.state === 'greeting', 'frames behind the first one wait for the handshake');
    this.#stats.connectionRequests++;
    const { handshake, connections, consensus } = this.#parts;
    handshake.onConnect(connection, consensus().nodeId, bytes, start, end);
    if (connection.isReadOnly && connection.isOpen) connections.onOpen(connection);
  }

  /** Before the first frame it may be a four-letter word. */
  onBadLength(connection: Connection, length: number, rest: Buffer): void {
    const word = connection.state === 'greeting' ? wordOf(length) : undefined;
    if (word !== undefined) return this.#onWord(connection, word, rest);
    this.#parts.log.warn('bad frame length', { client: connection.remote, length });
    connection.destroy();
  }

  onTurnEnd(): void {
    this.endTurn();
    this.#parts.connections.checkProposals(this.#parts.consensus().pendingBytes);
  }

  onHeld(connection: Connection): void {
    this.#parts.connections.onHeld(connection);
  }

  onReplyTooLong(connection: Connection, bytes: number): void {
    this.#stats.repliesTooLong++;
    const { remote: client, traffic, sessionId } = connection;
    const operation = operationName(traffic.lastOpCode);
    this.#parts.log.warn('reply too long', { client, sessionId, operation, bytes });
  }

  onDrained(connection: Connection): void {
    this.#parts.order.drain(connection);
  }

  onOverflow(connection: Connection): void {
    this.#stats.connectionsDropped++;
    const unsentBytes = connection.socket.writableLength;
    const client = connection.remote;
    this.#parts.log.warn('client does not take its replies', { client, unsentBytes });
  }

  onEnding(connection: Connection): void {
    const { order, sessions, readOnly, coordinator, connections, nowMs } = this.#parts;
    const { sessionId, heardMs, isReadOnly } = connection;
    if (sessionId !== 0 && !isReadOnly) this.#left.set(sessionId, heardMs);
    order.abandon(connection);
    sessions.leave(connection);
    readOnly.remove(connection);
    coordinator.watches.removeWatcher(connection);
    connections.onEnding(connection, nowMs());
  }

  onClosed(connection: Connection): void {
    this.#parts.connections.remove(connection);
  }

  /** What was answered in this turn goes out. */
  endTurn(): void {
    this.#buffers.flushAll();
    this.#stats.endTurn(this.#parts.nowMs());
    this.#parts.order.endTurn();
  }

  /**
   * There is another leader, none, or one that could not be reached: a connection that ends is the end of
   * the leader, too, until it is heard again. What was told last may have been lost on the way, or with it.
   */
  onLeader(): void {
    const { connections, contact, upkeep } = this.#parts;
    this.#forgetTold();
    for (const sessionId of this.#left.keys()) upkeep.touch(sessionId);
    for (const { sessionId, heardMs } of connections.all()) {
      if (heardMs >= contact.contactMs) upkeep.touch(sessionId);
    }
  }

  #forgetTold(): void {
    const { contact, coordinator } = this.#parts;
    for (const [sessionId, heardMs] of this.#left) {
      const isTold = heardMs < contact.contactMs;
      if (isTold || !coordinator.sessions.has(sessionId)) this.#left.delete(sessionId);
    }
  }

  /** One round of what nobody else brings up. */
  tick(): void {
    const { connections, upkeep, order, nowMs } = this.#parts;
    this.#forgetTold();
    connections.touchHeld((sessionId) => upkeep.touch(sessionId));
    connections.sweep(nowMs());
    this.#cutSlowest();
    this.#letGo();
    this.#tickReadOnly();
    this.#sendAwayFromStranger();
    this.#sendAwayOutOfTouch();
    // In case that somebody left who was part of a crowd.
    order.endTurn();
  }

  #cutSlowest(): void {
    const { connections } = this.#parts;
    for (const connection of connections.slowest(SERVER_LIMITS.outputBytesOfAllMax)) {
      this.onOverflow(connection);
      connection.destroy();
    }
  }

  /** What a node that was removed would tell its clients only gets older. */
  #sendAwayFromStranger(): void {
    const { connections, isMember, log } = this.#parts;
    if (connections.size === 0 || isMember()) return;
    log.warn('this node is no member of the cluster', { sentAway: connections.size });
    connections.endAll();
  }

  /**
   * The leader may be ending the sessions of those of whom it can be told nothing. Before it does, they go
   * elsewhere, or at least know that they are not connected: who holds a lock must not believe in it
   * any longer. Half of the timeout is left for that: a client that is well was heard in the last third.
   */
  #sendAwayOutOfTouch(): void {
    const { connections, contact, log } = this.#parts;
    const lostMs = contact.lostForMs(0);
    if (lostMs < SERVER_LIMITS.contactLostMsMin) return;
    const outOfTouch = connections.all().filter((connection) => {
      if (!connection.isOpen || connection.isReadOnly) return false;
      const allowedMs = Math.max(SERVER_LIMITS.contactLostMsMin, connection.sessionTimeoutMs / 2);
      return contact.lostForMs(connection.openedMs) >= allowedMs;
    });
    for (const connection of outOfTouch) connection.end();
    if (outOfTouch.length === 0) return;
    log.warn('the leader is out of reach', { sentAway: outOfTouch.length, lostMs });
  }

  /**
   * A client that closes its session waits for the answer, as a rule without end: a program could not
   * be stopped while there is no quorum. Its connection ends instead. Whether the session does, the
   * next leader decides; at the latest it expires.
   */
  #letGo(): void {
    if (!this.#parts.readOnly.isAlone) return;
    for (const connection of this.#parts.connections.all()) {
      if (connection.isLeaving) connection.end();
    }
  }

  /** Those who have waited for a leader all along are shown what is here, or sent elsewhere. */
  #tickReadOnly(): void {
    const { readOnly, connections, order, handshake, nowMs } = this.#parts;
    readOnly.cutSilent();
    if (!readOnly.isActive) return;
    this.#stats.beginTurn(nowMs());
    for (const connection of connections.all()) {
      const { state, greeting } = connection;
      if (state !== 'handshake' || greeting === undefined) continue;
      order.abandon(connection);
      handshake.serveReadOnly(connection, greeting);
      if (connection.isOpen) connections.onOpen(connection);
    }
    this.endTurn();
  }

  #onWord(connection: Connection, word: string, rest: Buffer): void {
    this.#stats.packetsReceived++;
    connection.traffic.received++;
    const { inspection, settings } = this.#parts;
    if (!settings.fourLetterWords.includes(word)) return connection.end(refusalOf(word));
    if (word !== SET_TRACE_MASK) return connection.end(answerWord(word, inspection));
    connection.takeRaw(TRACE_MASK_BYTES, rest, (bytes) => {
      inspection.traceMask = bytes.readBigInt64BE();
      connection.end(answerWord(word, inspection));
    });
  }
}
