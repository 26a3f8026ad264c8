import type { Coordinator, Outcome } from '@bellwether/coordination';
import type { LogIndex, RequestId } from '@bellwether/raft';
import type { Answers } from './answers.ts';
import { assert } from './assert.ts';
import type { Connection } from './connection.ts';
import { Hold } from './hold.ts';
import { SERVER_LIMITS } from './limits.ts';
import { PendingSyncs } from './pending-syncs.ts';
import type { ServerStats } from './server-stats.ts';
import { WaitingRequestPool, WaitKind, type WaitingRequest } from './waiting-request.ts';

/** Why a connection is not read that has been answered. */
const READ_ON = Hold.handshake | Hold.outstanding | Hold.reconfig;

/** It waits for a read index, and may still get one when nobody wants it any more. */
function isSync({ kind }: WaitingRequest): boolean {
  return kind === WaitKind.sync || kind === WaitKind.reconfig;
}

/**
 * Keeps the replies of a connection in the order of its requests. A read that comes while a write
 * of the same connection is in flight waits behind it, and is answered from the state in which that
 * write has left this node: after it is applied, before the next one of the connection is.
 */
export class ReplyOrder {
  readonly requests = new WaitingRequestPool();
  readonly #coordinator: Coordinator;
  readonly #answers: Answers;
  readonly #stats: ServerStats;
  readonly #syncs = new PendingSyncs();
  readonly #outstandingMax: number;
  /** Requests that wait, of all connections. */
  #outstanding = 0;
  /** Connections that were left waiting because too many do. */
  #crowd: Connection[] = [];
  /** Called for a reconfig whose turn has come; it is decided by `onReconfigDecided`, then or later. */
  beginReconfig: (request: WaitingRequest) => void = () => undefined;
  /** Connections that may read on when the turn is over. */
  #relieved: Connection[] = [];
  #relievedBefore: Connection[] = [];

  /** @param outstandingMax requests of all connections that may wait before those who have any stop */
  constructor(
    coordinator: Coordinator,
    answers: Answers,
    stats: ServerStats,
    outstandingMax: number,
  ) {
    this.#coordinator = coordinator;
    this.#answers = answers;
    this.#stats = stats;
    this.#outstandingMax = outstandingMax;
  }

  /** Of what is answered now. */
  get zxid(): number {
    return this.#coordinator.lastAppliedIndex;
  }

  /** Whether the session is one that only this node knows. */
  isLocal(sessionId: number): boolean {
    return !this.#coordinator.sessions.has(sessionId);
  }

  /** Requests that wait, of all connections. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** Syncs among them. */
  get pendingSyncs(): number {
    return this.#syncs.size;
  }

  /** The request's turn comes after all that its connection has asked before. */
  push(connection: Connection, request: WaitingRequest): void {
    assert(request.connection === connection, 'a connection asks for itself');
    request.arrivedMs = this.#stats.turnMs;
    connection.waiting.push(request);
    this.#outstanding++;
    if (isSync(request)) this.#syncs.push(request);
    if (connection.waiting.size >= SERVER_LIMITS.outstandingPerConnectionMax) {
      this.#stats.throttled++;
      connection.hold(Hold.outstanding);
    }
    if (this.#outstanding > this.#outstandingMax) this.#holdForCrowd(connection);
  }

  /**
   * The write is going to be applied: answers what its connection has asked before. That takes no
   * heed of the client's pace, so the connection may be cut here.
   */
  beforeApply(write: WaitingRequest): void {
    for (;;) {
      const { connection } = write;
      if (connection === undefined) return;
      const first = connection.waiting.first();
      assert(first !== undefined, 'the write waits in its connection’s queue');
      if (first === write) return;
      // A sync before it needs no read index any more: the leader has ordered this write after it.
      this.#answer(connection, first);
    }
  }

  /** The write was applied: answers it, and the reads that waited for it. */
  onApplied(write: WaitingRequest, index: LogIndex, outcome: Outcome): void {
    const { connection, xid, opCode, arrivedMs } = write;
    assert(connection !== undefined, 'an answer is wanted');
    this.finish(write);
    this.#stats.onWriteAnswered(arrivedMs);
    connection.traffic.onAnswered(xid, opCode, index, arrivedMs, this.#stats.turnMs);
    this.#answers.toWrite(connection, xid, opCode, index, outcome);
    this.drain(connection);
  }

  /** Takes the first request out of its connection's queue. */
  finish(request: WaitingRequest): void {
    const { connection } = request;
    assert(connection !== undefined, 'an answer is wanted');
    assert(connection.waiting.first() === request, 'answers keep the order');
    connection.waiting.shift();
    this.#outstanding--;
    if (connection.waiting.size === SERVER_LIMITS.outstandingPerConnectionResume) {
      this.readOnAfterTurn(connection);
    }
    this.#release(request);
  }

  /** Answers what need not wait any longer, as long as the client takes it. */
  drain(connection: Connection): void {
    while (connection.isOpen && !connection.isCongested) {
      const first = connection.waiting.first();
      if (first === undefined) return;
      if (this.#isReconfigDue(first)) this.beginReconfig(first);
      // What is decided at once is answered there.
      if (connection.waiting.first() !== first) continue;
      if (!this.#isReady(first)) return;
      this.#answer(connection, first);
    }
  }

  /** A reconfig has its verdict. */
  onReconfigDecided(request: WaitingRequest): void {
    if (this.#isReady(request)) this.#onSyncReady(request);
    else this.#syncs.waitForApply(request);
  }

  onReadIndex(requestId: RequestId, index: LogIndex): void {
    const sync = this.#syncs.confirm(requestId, index);
    if (sync === undefined) return;
    if (this.#isReached(sync)) this.#onSyncReady(sync);
    else this.#syncs.waitForApply(sync);
  }

  /** A batch was applied: some syncs may have waited for it. */
  afterBatch(): void {
    const index = this.#coordinator.lastAppliedIndex;
    this.#syncs.applied(index, (sync) => this.#onSyncReady(sync));
  }

  /** Its handshake is done, or its queue is short again. */
  readOnAfterTurn(connection: Connection): void {
    this.#relieved.push(connection);
  }

  /** The turn is over and everything sent. */
  endTurn(): void {
    if (this.#crowd.length > 0 && this.#outstanding <= this.#outstandingMax / 2) {
      this.#releaseCrowd();
    }
    if (this.#relieved.length === 0) return;
    // Reading on is a turn of its own, with an end that comes here again: it must find another list.
    const relieved = this.#relieved;
    this.#relieved = this.#relievedBefore;
    this.#relievedBefore = [];
    for (const connection of relieved) connection.release(READ_ON);
    relieved.length = 0;
    this.#relievedBefore = relieved;
  }

  /** Nobody hears the answers to what waits any more. The writes among it are in flight and will apply. */
  abandon(connection: Connection): void {
    for (;;) {
      const request = connection.waiting.shift();
      if (request === undefined) return;
      this.#outstanding--;
      request.connection = undefined;
      // Its entry comes back for every other kind.
      if (request.kind === WaitKind.read) this.#release(request);
    }
  }

  /** As in ZooKeeper, only who has requests that wait has to wait with more. */
  #holdForCrowd(connection: Connection): void {
    this.#stats.throttled++;
    this.#crowd.push(connection);
    connection.hold(Hold.crowd);
  }

  #releaseCrowd(): void {
    // Reading on may make it a crowd again: that is another list.
    const crowd = this.#crowd;
    this.#crowd = [];
    for (const connection of crowd) connection.release(Hold.crowd);
  }

  #isReady(request: WaitingRequest): boolean {
    if (request.kind === WaitKind.read) return true;
    if (request.kind === WaitKind.reconfig && typeof request.verdict !== 'number') return false;
    return isSync(request) && this.#isReached(request);
  }

  #isReached({ readIndex }: WaitingRequest): boolean {
    return readIndex > 0 && readIndex <= this.#coordinator.lastAppliedIndex;
  }

  #isReconfigDue(request: WaitingRequest): boolean {
    const { kind, verdict } = request;
    return kind === WaitKind.reconfig && verdict === undefined && this.#isReached(request);
  }

  #onSyncReady(sync: WaitingRequest): void {
    if (sync.connection !== undefined) this.drain(sync.connection);
  }

  #answer(connection: Connection, request: WaitingRequest): void {
    const { kind, xid, opCode, frame, start, end, arrivedMs } = request;
    assert(kind === WaitKind.read || isSync(request), 'a write is answered by its entry');
    this.finish(request);
    this.#stats.onAnswered(arrivedMs);
    const zxid = this.#coordinator.lastAppliedIndex;
    connection.traffic.onAnswered(xid, opCode, zxid, arrivedMs, this.#stats.turnMs);
    if (kind === WaitKind.reconfig) {
      assert(typeof request.verdict === 'number', 'it is decided');
      this.#answers.toReconfig(connection, xid, request.verdict);
      this.readOnAfterTurn(connection);
    } else if (kind === WaitKind.sync) this.#answers.toSync(connection, xid, frame, start, end);
    else this.#answers.toRead(connection, xid, opCode, frame, start, end);
  }

  /** A sync is left to the garbage collector: its read index may still be on its way to it. */
  #release(request: WaitingRequest): void {
    if (isSync(request)) request.connection = undefined;
    else this.requests.release(request);
  }
}
