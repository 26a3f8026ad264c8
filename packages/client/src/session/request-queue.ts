import { ErrorCode, type JuteReader, type ReplyHeader } from '@bellwether/protocol';
import { ClientError, type ClientErrorCode } from '../errors.ts';
import { OUTGOING_BYTES_MAX } from '../limits.ts';
import type { Chroot } from '../paths.ts';
import type { Runtime } from '../runtime.ts';
import { Deque } from './deque.ts';
import type { Output } from './output.ts';
import type { SessionRequest } from './request.ts';

const XID_MAX = 0x7fff_ffff;

/** What a queue needs to know. */
export interface RequestQueueOptions {
  readonly runtime: Runtime;
  readonly chroot: Chroot;
  readonly requestsMax: number;
  /** A quorum has executed a write that was sent then. */
  readonly onWriteAnswered?: (sentMs: number) => void;
}

/**
 * All requests of a session: those in flight, in the order in which they were sent, which is the
 * order of their replies, and those that wait for a connection. One timer watches over all
 * deadlines: it looks through them when the earliest is due.
 */
export class RequestQueue {
  readonly #options: RequestQueueOptions;
  readonly #inFlight = new Deque<SessionRequest>();
  readonly #waiting = new Deque<SessionRequest>();
  /** Undefined while there is no connection to send on. */
  #output: Output | undefined;
  #xid = 0;
  #timer: unknown;
  #timerMs = Number.POSITIVE_INFINITY;

  constructor(options: RequestQueueOptions) {
    this.#options = options;
  }

  /** Waiting and in flight. */
  get length(): number {
    return this.#inFlight.length + this.#waiting.length;
  }

  get inFlightCount(): number {
    return this.#inFlight.length;
  }

  /** Sends the request, or keeps it until there is a connection. A full queue refuses it. */
  submit(request: SessionRequest): void {
    if (this.length >= this.#options.requestsMax || this.#isOutputFull()) {
      return request.failWith('tooMany');
    }
    if (request.deadlineMs < this.#timerMs) this.#setTimer(request.deadlineMs);
    if (this.#output === undefined) this.#waiting.push(request);
    else this.#send(request, this.#output);
  }

  /** Sends what has waited. */
  onConnected(output: Output): void {
    this.#output = output;
    for (const request of this.#waiting.drain()) {
      if (!request.isSettled) this.#send(request, output);
    }
  }

  /** What was in flight is lost: reads are sent again, of writes nobody knows what became. */
  onDisconnected(): void {
    this.#output = undefined;
    const waiting = this.#waiting.drain();
    for (const request of this.#inFlight.drain()) {
      if (!request.isRead) request.failWith('connectionLoss');
      else if (!request.isSettled) this.#waiting.push(request);
    }
    for (const request of waiting) this.#waiting.push(request);
  }

  /** The reader is behind the header. Throws for a reply that is not the next one's. */
  onReply({ xid, error }: ReplyHeader, reader: JuteReader): void {
    const request = this.#inFlight.peek();
    if (request?.xid !== xid) {
      const message = `reply ${xid} where ${request?.xid ?? 'none'} was to come`;
      throw new ClientError('protocolViolation', { message });
    }
    this.#inFlight.shift();
    if (error === ErrorCode.ok && !request.isRead) {
      this.#options.onWriteAnswered?.(request.sentMs);
    }
    request.answer(error, reader, this.#options.chroot);
  }

  /** Nothing is left afterwards. */
  failAll(code: ClientErrorCode, cause?: unknown): void {
    for (const request of this.#inFlight.drain()) request.failWith(code, cause);
    for (const request of this.#waiting.drain()) request.failWith(code, cause);
    this.#clearTimer();
  }

  /** Whether a request that leaves a watch on this path is under way. */
  isWatching(path: string): boolean {
    for (const queue of [this.#inFlight, this.#waiting]) {
      for (const request of queue) if (request.watchedPath === path) return true;
    }
    return false;
  }

  #isOutputFull(): boolean {
    return this.#output !== undefined && this.#output.pendingBytes > OUTGOING_BYTES_MAX;
  }

  #send(request: SessionRequest, output: Output): void {
    this.#xid = this.#xid === XID_MAX ? 1 : this.#xid + 1;
    request.xid = this.#xid;
    const { writer } = output;
    const start = writer.beginFrame();
    try {
      request.encode(writer);
    } catch (error) {
      writer.truncate(start);
      return request.fail(error as Error);
    }
    writer.endFrame(start);
    request.sentMs = this.#options.runtime.nowMs();
    this.#inFlight.push(request);
    output.flushSoon();
  }

  readonly #onTime = (): void => {
    this.#timer = undefined;
    this.#timerMs = Number.POSITIVE_INFINITY;
    const nowMs = this.#options.runtime.nowMs();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const queue of [this.#inFlight, this.#waiting]) {
      for (const request of queue) {
        if (request.isSettled) continue;
        if (request.deadlineMs <= nowMs) request.failWith('operationTimeout');
        else nextMs = Math.min(nextMs, request.deadlineMs);
      }
    }
    this.#dropSettled();
    if (nextMs < Number.POSITIVE_INFINITY) this.#setTimer(nextMs);
  };

  /** Of those that wait; the others keep their places, since their replies still come. */
  #dropSettled(): void {
    for (const request of this.#waiting.drain()) {
      if (!request.isSettled) this.#waiting.push(request);
    }
  }

  #setTimer(deadlineMs: number): void {
    const { runtime } = this.#options;
    this.#clearTimer();
    this.#timerMs = deadlineMs;
    this.#timer = runtime.setTimer(this.#onTime, Math.max(1, deadlineMs - runtime.nowMs()));
  }

  #clearTimer(): void {
    if (this.#timer !== undefined) this.#options.runtime.clearTimer(this.#timer);
    this.#timer = undefined;
    this.#timerMs = Number.POSITIVE_INFINITY;
  }
}
