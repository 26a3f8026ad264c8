import type { ErrorCode } from '@bellwether/protocol';
import type { LogIndex, RequestId } from '@bellwether/raft';
import { assert } from './assert.ts';
import type { Connection } from './connection.ts';
import { SERVER_LIMITS } from './limits.ts';

/** What a waiting request waits for. */
export const WaitKind = {
  /** Its log entry. */
  write: 0,
  /** The requests before it. */
  read: 1,
  /** A read index, and that it is applied. */
  sync: 2,
  /** The entry that creates its connection's session. */
  createSession: 3,
  /** The entry that attaches its connection to a session. */
  attachSession: 4,
  /** As a sync; then, the verdict on it, and that what was decided is applied. */
  reconfig: 5,
} as const;
export type WaitKind = (typeof WaitKind)[keyof typeof WaitKind];

const NO_BYTES: Uint8Array = new Uint8Array(0);

/** A request whose turn has not come. Records are reused: whoever answers one releases it. */
export class WaitingRequest {
  kind: WaitKind = WaitKind.read;
  xid = 0;
  opCode = 0;
  /** What `propose` returned; own entries are recognised by it. */
  sequence = 0;
  /** What `readIndex` returned, and its answer; 0 while there is none. */
  readRequestId: RequestId = 0;
  readIndex: LogIndex = 0;
  /** Of a reconfig: what came of it, once it was begun. */
  verdict: ErrorCode | 'underway' | undefined = undefined;
  /** The request behind its header is frame[start..end); empty for a write, which is in the log. */
  frame: Uint8Array = NO_BYTES;
  start = 0;
  end = 0;
  /** When it arrived, monotonic. */
  arrivedMs = 0;
  connection: Connection | undefined;
  /** The next one of the same connection. */
  next: WaitingRequest | undefined;

  /** The request behind its header, which must not change while it waits. */
  keepFrame(bytes: Uint8Array, start: number, end: number): void {
    this.frame = bytes;
    this.start = start;
    this.end = end;
  }
}

/** Keeps records for reuse, so that a request in flight costs no garbage. */
export class WaitingRequestPool {
  readonly #free: WaitingRequest[] = [];

  take(connection: Connection, kind: WaitKind, xid: number, opCode: number): WaitingRequest {
    const request = this.#free.pop() ?? new WaitingRequest();
    assert(request.connection === undefined, 'a reused record is nobody else’s');
    request.connection = connection;
    request.kind = kind;
    request.xid = xid;
    request.opCode = opCode;
    return request;
  }

  release(request: WaitingRequest): void {
    request.connection = undefined;
    request.next = undefined;
    request.frame = NO_BYTES;
    request.sequence = 0;
    request.readRequestId = 0;
    request.readIndex = 0;
    if (this.#free.length < SERVER_LIMITS.requestsKept) this.#free.push(request);
  }
}

/** The requests of one connection that wait, in the order in which they must be answered. */
export class WaitingQueue {
  #first: WaitingRequest | undefined;
  #last: WaitingRequest | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  first(): WaitingRequest | undefined {
    return this.#first;
  }

  push(request: WaitingRequest): void {
    if (this.#last === undefined) this.#first = request;
    else this.#last.next = request;
    this.#last = request;
    this.#size++;
  }

  shift(): WaitingRequest | undefined {
    const request = this.#first;
    if (request === undefined) return undefined;
    this.#first = request.next;
    if (this.#first === undefined) this.#last = undefined;
    request.next = undefined;
    this.#size--;
    return request;
  }
}
