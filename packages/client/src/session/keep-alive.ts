import { OpCode, SpecialXid, writeRequestHeader } from '@bellwether/protocol';
import { STALL_MS } from '../limits.ts';
import type { HostPort } from '../connect-string.ts';
import type { Runtime } from '../runtime.ts';
import type { Connection } from './connection.ts';

/** Of the session's timeout: so long without a request, and a ping is sent. */
const PING_AFTER = 1 / 3;
/** So long without an answer, and the connection counts as dead: the rest is for finding another. */
const DEAD_AFTER = 2 / 3;
/** Time to read what came while this process stood still. */
const SECOND_LOOK_MS = 50;

/** Pings the server while nothing else is sent, and gives up a connection that says nothing. */
export class KeepAlive {
  readonly #runtime: Runtime;
  readonly #onAnswered: (target: HostPort, sentMs: number) => void;
  #connection: Connection | undefined;
  #timeoutMs = 0;
  #timer: unknown;
  #dueMs = 0;
  /** Of the oldest ping that is not answered; 0: none. */
  #pingSentMs = 0;

  /** @param onAnswered a ping that was sent then is answered now */
  constructor(runtime: Runtime, onAnswered: (target: HostPort, sentMs: number) => void) {
    this.#runtime = runtime;
    this.#onAnswered = onAnswered;
  }

  start(connection: Connection, timeoutMs: number): void {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
    this.#pingSentMs = 0;
    this.#schedule(timeoutMs * PING_AFTER);
  }

  stop(): void {
    if (this.#timer !== undefined) this.#runtime.clearTimer(this.#timer);
    this.#timer = undefined;
    this.#connection = undefined;
  }

  onPong(): void {
    const sentMs = this.#pingSentMs;
    this.#pingSentMs = 0;
    const target = this.#connection?.target;
    if (target !== undefined && sentMs !== 0) this.#onAnswered(target, sentMs);
  }

  readonly #onTime = (): void => {
    const connection = this.#connection;
    if (connection === undefined) return;
    const nowMs = this.#runtime.nowMs();
    const silenceMs = nowMs - connection.lastHeardMs;
    const deadMs = this.#timeoutMs * DEAD_AFTER;
    if (silenceMs >= deadMs) {
      const hasStalled = nowMs - this.#dueMs > STALL_MS;
      // The answer may be here, unread, since it was us who stood still.
      if (hasStalled && silenceMs < this.#timeoutMs) return this.#schedule(SECOND_LOOK_MS);
      return connection.close(new Error(`no answer for ${Math.round(silenceMs)} ms`));
    }
    const idleMs = nowMs - connection.lastSentMs;
    const pingMs = this.#timeoutMs * PING_AFTER;
    if (idleMs >= pingMs) this.#ping(connection, nowMs);
    this.#schedule(Math.min(idleMs >= pingMs ? pingMs : pingMs - idleMs, deadMs - silenceMs));
  };

  #ping(connection: Connection, nowMs: number): void {
    const { writer } = connection.output;
    const start = writer.beginFrame();
    writeRequestHeader(writer, SpecialXid.ping, OpCode.ping);
    writer.endFrame(start);
    if (this.#pingSentMs === 0) this.#pingSentMs = nowMs;
    connection.output.flushSoon();
  }

  #schedule(delayMs: number): void {
    const delay = Math.max(1, delayMs);
    this.#dueMs = this.#runtime.nowMs() + delay;
    this.#timer = this.#runtime.setTimer(this.#onTime, delay);
  }
}
