import {
  ErrorCode,
  readReplyHeader,
  readWatcherEvent,
  SpecialXid,
  type JuteReader,
  type ReplyHeader,
} from '@bellwether/protocol';
import { assert } from '../assert.ts';
import type { HostPort } from '../connect-string.ts';
import { ClientError, isClientError } from '../errors.ts';
import { ATTEMPT_MS_MAX, ATTEMPT_MS_MIN } from '../limits.ts';
import type { SaslCredential } from '../options.ts';
import type { Chroot } from '../paths.ts';
import type { Runtime } from '../runtime.ts';
import type { WatchRegistry } from '../watches/registry.ts';
import { writeRestore } from '../watches/restore.ts';
import { Connection } from './connection.ts';
import { Connector } from './connector.ts';
import { NO_SESSION, type HandshakeResponse, type SessionKey } from './handshake.ts';
import { HostList } from './host-list.ts';
import { Identities, type AuthInfo } from './identities.ts';
import { KeepAlive } from './keep-alive.ts';
import { ReadWriteSearch } from './read-write-search.ts';
import { RequestQueue } from './request-queue.ts';
import type { SessionRequest } from './request.ts';
import { authenticate } from './sasl-exchange.ts';
import { SeenZxids } from './seen-zxids.ts';
import { SessionSafety } from './session-safety.ts';
import { Vigil } from './vigil.ts';

/**
 * connecting: there has been no session yet. connected: fine. readOnly: with a server that has no
 * quorum and answers reads only. suspended: no connection; the session may live. lost: the session
 * is gone, a new one is being asked for. closed: by the caller, or because a proof was refused.
 */
export type ConnectionState =
  'connecting' | 'connected' | 'readOnly' | 'suspended' | 'lost' | 'closed';

/** What a session needs to know. */
export interface SessionOptions {
  readonly runtime: Runtime;
  readonly hosts: readonly HostPort[];
  readonly chroot: Chroot;
  readonly sessionTimeoutMs: number;
  readonly readOnly: boolean;
  readonly auth: readonly AuthInfo[];
  readonly sasl: SaslCredential | undefined;
  readonly requestsMax: number;
  readonly replyBytesMax: number;
}

/** What a session tells its client. */
export interface SessionHandlers {
  onState(state: ConnectionState, reason: Error | undefined): void;
  /** Something went wrong that the session gets over by itself. */
  onProblem(error: Error): void;
}

/** One session after the other, each over one connection after the other. */
export class Session {
  state: ConnectionState = 'connecting';
  key: SessionKey = NO_SESSION;
  timeoutMs = 0;
  /** Why it was closed, when that was not asked for. */
  closeReason: Error | undefined;
  readonly queue: RequestQueue;
  readonly vigil: Vigil;
  readonly #options: SessionOptions;
  readonly #handlers: SessionHandlers;
  readonly #watches: WatchRegistry;
  readonly #hosts: HostList;
  readonly #connector: Connector;
  readonly #keepAlive: KeepAlive;
  readonly #search: ReadWriteSearch;
  readonly #identities: Identities;
  readonly #safety = new SessionSafety();
  /** Kept for the next session: nobody reads there what is older than what was read in this one. */
  readonly #zxids = new SeenZxids();
  #connection: Connection | undefined;
  #attemptTimer: unknown;
  /** Requests by which the client proves who it is, while it does. */
  #proofs: RequestQueue | undefined;

  constructor(options: SessionOptions, watches: WatchRegistry, handlers: SessionHandlers) {
    const { runtime, hosts } = options;
    this.#options = options;
    this.#identities = new Identities(options.auth);
    this.#handlers = handlers;
    this.#watches = watches;
    this.timeoutMs = options.sessionTimeoutMs;
    const onWriteAnswered = (sentMs: number): void => this.#safety.onWriteAnswered(sentMs);
    this.queue = new RequestQueue({ ...options, onWriteAnswered });
    this.vigil = new Vigil(runtime, this);
    this.#keepAlive = new KeepAlive(runtime, (target, sentMs) => this.#onPong(target, sentMs));
    this.#hosts = new HostList(hosts, runtime);
    this.#connector = new Connector(runtime, this.#hosts, (target) => this.#dial(target));
    this.#search = new ReadWriteSearch(runtime, hosts, () => {
      this.#connection?.close(new Error('a server with a quorum was found'));
    });
  }

  start(): void {
    this.#connector.start();
  }

  /** The server that is connected to now. */
  get server(): HostPort | undefined {
    return this.state === 'connected' || this.state === 'readOnly'
      ? this.#connection?.target
      : undefined;
  }

  /** Until then no server has expired the session, whatever happens. Monotonic ms. */
  get safeUntilMs(): number {
    return this.state === 'closed' ? 0 : this.#safety.untilMs;
  }

  submit(request: SessionRequest): void {
    if (this.state === 'closed') request.failWith('closed', this.closeReason);
    else if (!request.isSettled) this.queue.submit(request);
  }

  /** On this connection and each later one; resolves when a server has accepted it. */
  addAuth(info: AuthInfo): Promise<void> {
    if (this.state === 'closed') {
      const about = { operation: 'addAuth', cause: this.closeReason };
      return Promise.reject(new ClientError('closed', about));
    }
    const output = this.server === undefined ? undefined : this.#connection?.output;
    return this.#identities.add(info, output);
  }

  /** Ends everything, and fails what is left with `closed`. The server is not told. */
  finish(reason?: Error): void {
    if (this.state === 'closed') return;
    this.closeReason = reason;
    this.#forgetConnection();
    this.#connector.stop();
    this.vigil.stop();
    this.#setState('closed', reason);
    this.queue.failAll('closed', reason);
    this.#identities.onClosed(reason);
    this.#watches.onClosed();
  }

  #dial(target: HostPort): void {
    assert(this.#connection === undefined, 'one connection at a time');
    const { runtime, replyBytesMax, sessionTimeoutMs, readOnly, hosts } = this.#options;
    const { key } = this;
    const lastZxidSeen = this.#zxids.newest;
    const handshake = { key, timeoutMs: sessionTimeoutMs, lastZxidSeen, readOnly };
    const connection = new Connection(
      { runtime, target, handshake, replyBytesMax },
      {
        onHandshake: (response) => this.#onHandshake(connection, response),
        onReply: (reader) => this.#onReply(connection, reader),
        onSent: (nowMs) => this.#safety.onSent(nowMs),
        onClosed: (reason) => this.#onClosed(target, reason),
      },
    );
    this.#connection = connection;
    const shareMs = sessionTimeoutMs / hosts.length;
    const attemptMs = Math.min(Math.max(shareMs, ATTEMPT_MS_MIN), ATTEMPT_MS_MAX);
    this.#attemptTimer = runtime.setTimer(
      () => connection.close(new Error(`no handshake within ${attemptMs} ms`)),
      attemptMs,
    );
  }

  #onHandshake(connection: Connection, response: HandshakeResponse): void {
    if (response.timeoutMs <= 0) {
      if (this.key !== NO_SESSION) return this.#onExpired(connection);
      return connection.close(new Error('the server refused a new session'));
    }
    if (response.readOnly && !this.#options.readOnly) {
      return connection.close(new Error('the server is read-only'));
    }
    this.#options.runtime.clearTimer(this.#attemptTimer);
    this.#attemptTimer = undefined;
    const { connectedMs, dialledMs, target } = connection;
    this.#connector.onServing(target);
    this.#hosts.onRoundTrip(target, connectedMs - dialledMs);
    this.timeoutMs = response.timeoutMs;
    // A read-only server makes up a session, which no other server knows.
    if (!response.readOnly) {
      const isNew = this.key === NO_SESSION;
      this.#safety.onOpened(connectedMs, response.timeoutMs, isNew ? 'new' : 'resumed');
      this.key = response.key;
    }
    this.#keepAlive.start(connection, response.timeoutMs);
    const { sasl } = this.#options;
    if (sasl === undefined) this.#open(connection, response);
    else void this.#authenticate(connection, response, sasl);
  }

  async #authenticate(
    connection: Connection,
    response: HandshakeResponse,
    sasl: SaslCredential,
  ): Promise<void> {
    const queue = new RequestQueue(this.#options);
    queue.onConnected(connection.output);
    this.#proofs = queue;
    try {
      const deadlineMs = this.#options.runtime.nowMs() + response.timeoutMs;
      await authenticate(queue, sasl, deadlineMs);
      this.#proofs = undefined;
      if (connection === this.#connection) this.#open(connection, response);
    } catch (error) {
      const isRefused = isClientError(error, 'authFailed', 'sessionClosedRequireSaslAuth');
      if (isRefused) this.finish(error);
      else connection.close(error as Error);
    } finally {
      // Its timer would keep the process from exiting.
      queue.failAll('connectionLoss');
    }
  }

  /** Identities come first, since watches and requests may need them; then watches, then requests. */
  #open(connection: Connection, { readOnly }: HandshakeResponse): void {
    const { output } = connection;
    this.#identities.presentAll(output);
    this.#zxids.onRestoring(writeRestore(output.writer, this.#watches, this.#zxids.told));
    output.flushSoon();
    this.queue.onConnected(output);
    if (readOnly) this.#search.start();
    this.#setState(readOnly ? 'readOnly' : 'connected');
    this.vigil.onConnected();
  }

  #onReply(connection: Connection, reader: JuteReader): void {
    const header = readReplyHeader(reader);
    if (header.xid !== SpecialXid.setWatches) this.#zxids.onReply(header);
    switch (header.xid) {
      case SpecialXid.event:
        return this.#watches.onEvent(readWatcherEvent(reader));
      case SpecialXid.ping:
        return this.#keepAlive.onPong();
      case SpecialXid.auth:
        return this.#onAuthReply(header);
      case SpecialXid.setWatches:
        return this.#onRestored(connection, header);
      default:
        return (this.#proofs ?? this.queue).onReply(header, reader);
    }
  }

  #onAuthReply({ error }: ReplyHeader): void {
    const refusal = this.#identities.onReply(error);
    if (refusal !== undefined) this.finish(refusal);
  }

  #onRestored(connection: Connection, header: ReplyHeader): void {
    const { error } = header;
    if (error !== ErrorCode.ok) {
      return connection.close(new Error(`watches were not restored: ${error}`));
    }
    if (this.#zxids.onRestored(header)) this.#watches.onRestored();
  }

  #onExpired(connection: Connection): void {
    connection.abandon();
    this.#forgetConnection();
    this.key = NO_SESSION;
    this.#safety.onLost();
    // First, so that what listeners ask for waits for the next session.
    this.queue.failAll('sessionExpired');
    this.#setState('lost');
    this.#watches.onSessionLost();
    // A listener may have closed the client.
    if (this.closeReason === undefined && !this.#isClosed()) this.#connector.start();
  }

  #onClosed(target: HostPort, reason: Error): void {
    const wasServing = this.server !== undefined;
    this.#forgetConnection();
    this.queue.onDisconnected();
    if (wasServing) this.#setState('suspended', reason);
    const message = `${target.host}:${target.port}: ${reason.message}`;
    this.#handlers.onProblem(new ClientError('connectionLoss', { message, cause: reason }));
    if (!this.#isClosed()) this.#connector.onClosed(target);
  }

  #forgetConnection(): void {
    const { runtime } = this.#options;
    if (this.#attemptTimer !== undefined) runtime.clearTimer(this.#attemptTimer);
    this.#attemptTimer = undefined;
    this.#keepAlive.stop();
    this.#search.stop();
    this.#proofs?.failAll('connectionLoss');
    this.#proofs = undefined;
    this.#connection?.abandon();
    this.#connection = undefined;
    this.#zxids.onDisconnected();
  }

  #onPong(target: HostPort, sentMs: number): void {
    this.#hosts.onRoundTrip(target, this.#options.runtime.nowMs() - sentMs);
  }

  /** As a function: the compiler does not know that listeners change the state. */
  #isClosed(): boolean {
    return this.state === 'closed';
  }

  #setState(state: ConnectionState, reason?: Error): void {
    this.state = state;
    this.#handlers.onState(state, reason);
  }
}
