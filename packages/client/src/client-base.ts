import { EventEmitter } from 'node:events';
import type { Stat } from '@bellwether/protocol';
import { callSafely } from './call-safely.ts';
import { parseConnectString, type HostPort } from './connect-string.ts';
import { ClientError, isClientError } from './errors.ts';
import { CLOSE_MS_MAX } from './limits.ts';
import { NodeRuntime } from './node-runtime.ts';
import { closeSessionOperation } from './operations/catalogue.ts';
import {
  settleOptions,
  type ClientOptions,
  type Credential,
  type RequestOptions,
  type SettledOptions,
} from './options.ts';
import { Chroot } from './paths.ts';
import { spendPatience } from './patience.ts';
import type { Runtime } from './runtime.ts';
import { formatSessionId } from './session/handshake.ts';
import { Request, type RequestSubject } from './session/request.ts';
import type { AuthInfo } from './session/identities.ts';
import { Session, type ConnectionState } from './session/session.ts';
import { WatchRegistry } from './watches/registry.ts';

/** What a client emits. Listeners may throw: that is an uncaught exception, as always. */
export interface ClientEvents {
  /** There is a new session: the first, or one after `lost`. */
  connected: [];
  /** A server without a quorum answers reads. Only with the option `readOnly`. */
  readOnly: [];
  /** There is no connection. The session may live, or be gone: whoever holds a lock stops. */
  suspended: [reason: Error | undefined];
  /** The same session is connected again; its watches and ephemerals are in force. */
  reconnected: [];
  /** The session is gone, with its ephemerals and one-shot watches. A new one is on its way. */
  lost: [];
  /** It is over; a reason is there when that was not asked for. */
  closed: [reason: Error | undefined];
  /** Each of the above, by its state. */
  state: [state: ConnectionState];
  /** Something that the client gets over by itself: for logs. */
  problem: [error: Error];
}

/** Connection and session of a client: what its operations stand on. */
export abstract class ClientBase extends EventEmitter<ClientEvents> {
  /** Clock, timers and chance, for recipes. */
  readonly runtime: Runtime;
  protected readonly chroot: Chroot;
  protected readonly session: Session;
  protected readonly watches: WatchRegistry;
  readonly #options: SettledOptions;
  #lastProblem: Error | undefined;
  #closing: Promise<void> | undefined;
  #sessionNumber = 1;
  #sessionOfLastConnect = '';

  /**
   * Connects in the background; requests wait until it is connected.
   *
   * @param servers `host:port,host:port/chroot`
   */
  constructor(servers: string, options: ClientOptions = {}) {
    super();
    this.setMaxListeners(0);
    const { hosts, chroot } = parseConnectString(servers);
    this.#options = settleOptions(options);
    this.runtime = options.runtime ?? new NodeRuntime(options.tls);
    this.chroot = new Chroot(chroot);
    this.watches = new WatchRegistry(this.chroot, this.#options.watchesMax, (outside) =>
      this.onTakenBack(outside),
    );
    const sessionOptions = {
      ...this.#options,
      runtime: this.runtime,
      hosts,
      chroot: this.chroot,
      auth: this.#options.auth.map(toAuthInfo),
      sasl: options.sasl,
    };
    this.session = new Session(sessionOptions, this.watches, {
      onState: (state, reason) => this.#onState(state, reason),
      onProblem: (problem) => {
        this.#lastProblem = problem;
        this.#tell('problem', problem);
      },
    });
    this.session.start();
  }

  /** How the connection is. */
  get state(): ConnectionState {
    return this.session.state;
  }

  /** The server that answers now. */
  get server(): HostPort | undefined {
    return this.session.server;
  }

  /** As ZooKeeper's logs show it; `0x0` before there is one. */
  get sessionId(): string {
    return formatSessionId(this.session.key);
  }

  /** What the servers granted; what was asked for, before. */
  get sessionTimeoutMs(): number {
    return this.session.timeoutMs;
  }

  /**
   * Counts the sessions of this client, from 1. It goes up when a session is lost: a request that is
   * made after that is executed in the next one, and none that was made before ever is.
   */
  get sessionNumber(): number {
    return this.#sessionNumber;
  }

  /**
   * Until then no server has expired the session, whatever happens to this process, the network or
   * the servers, as long as clocks run nearly as fast as each other; on the clock of
   * `runtime.nowMs`. Only what a quorum answers moves it on, such as a write.
   */
  get sessionSafeUntilMs(): number {
    return this.session.safeUntilMs;
  }

  /** Has a quorum confirm that the session lives: a write that changes nothing. */
  confirmSession(options: RequestOptions = {}): Promise<void> {
    return spendPatience(this.runtime, options, () => this.session.vigil.confirm());
  }

  /**
   * Has the session confirmed again and again, so that `sessionSafeUntilMs` stays in the future as
   * long as there is a quorum that answers. Call what is returned when that is not needed any more.
   */
  keepSessionConfirmed(): () => void {
    return this.session.vigil.keep();
  }

  /** Requests without an outcome. */
  get pendingRequests(): number {
    return this.session.queue.length;
  }

  /** Watches of all kinds. */
  get watchCount(): number {
    return this.watches.count;
  }

  /** Whether a znode is an ephemeral of the present session. */
  owns({ ephemeralOwnerHigh, ephemeralOwnerLow }: Stat): boolean {
    const { idHigh, idLow } = this.session.key;
    const isNone = idHigh === 0 && idLow === 0;
    return !isNone && ephemeralOwnerHigh === idHigh && ephemeralOwnerLow === idLow;
  }

  /** Resolves when there is a session. Rejects with `cannotConnect`, `closed` or `aborted`. */
  async connected({ signal, timeoutMs }: RequestOptions = {}): Promise<void> {
    const patience = { signal, timeoutMs: timeoutMs ?? this.#options.connectTimeoutMs };
    try {
      await spendPatience(this.runtime, patience, (ended) => this.#whenConnected(ended));
    } catch (error) {
      throw isClientError(error, 'operationTimeout') ? this.#patienceError() : error;
    }
  }

  /**
   * Proves something more, on this connection and each later one. What is asked afterwards is asked
   * with it; resolves when a server has accepted it. A refusal closes the client, as servers do with
   * its session.
   */
  addAuth(scheme: string, auth: string | Uint8Array, options: RequestOptions = {}): Promise<void> {
    const adding = this.session.addAuth(toAuthInfo({ scheme, auth }));
    // Whoever asks for something afterwards sees the refusal too; nobody has to wait for this.
    adding.catch(() => undefined);
    const timeoutMs = options.timeoutMs ?? this.#options.requestTimeoutMs;
    const accepted = spendPatience(this.runtime, { ...options, timeoutMs }, () => adding);
    accepted.catch(() => undefined);
    return accepted;
  }

  /**
   * Ends the session: its ephemerals go at once. Requests that were made before are answered first,
   * unless there is no server for 2 seconds. Never rejects; the process can exit afterwards.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Submits a request; the way of all operations. */
  protected request<Query, Result>(
    subject: RequestSubject<Query, Result>,
    { signal, timeoutMs }: RequestOptions,
  ): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const patienceMs = timeoutMs ?? this.#options.requestTimeoutMs;
      const deadlineMs = this.runtime.nowMs() + patienceMs;
      const request = new Request(subject, deadlineMs, signal, resolve, reject);
      if (this.#closing === undefined) this.session.submit(request);
      else request.failWith('closed');
    });
  }

  /** Nobody wants to hear of a watch any more that the server has. */
  protected abstract onTakenBack(outside: string): void;

  async #close(): Promise<void> {
    const hasSession = this.state !== 'closed' && this.state !== 'connecting';
    if (hasSession) await this.#closeSession();
    this.session.finish();
  }

  #closeSession(): Promise<void> {
    return new Promise<void>((resolve) => {
      const subject = { operation: closeSessionOperation, query: null, path: undefined };
      const deadlineMs = this.runtime.nowMs() + CLOSE_MS_MAX;
      this.session.submit(new Request(subject, deadlineMs, undefined, resolve, () => resolve()));
    });
  }

  #onState(state: ConnectionState, reason: Error | undefined): void {
    switch (state) {
      case 'connected':
        return this.#onConnected();
      case 'lost':
        this.#sessionNumber++;
        this.#tell(state);
        break;
      case 'readOnly':
        this.#tell(state);
        break;
      case 'suspended':
      case 'closed':
        this.#tell(state, reason);
        break;
      case 'connecting':
        break;
      default:
        state satisfies never;
    }
    this.#tell('state', state);
  }

  #onConnected(): void {
    const { sessionId } = this;
    const isSame = sessionId === this.#sessionOfLastConnect;
    this.#sessionOfLastConnect = sessionId;
    this.#tell(isSame ? 'reconnected' : 'connected');
    this.#tell('state', 'connected');
  }

  #tell<Name extends keyof ClientEvents>(name: Name, ...args: ClientEvents[Name]): void {
    for (const listener of this.rawListeners(name)) {
      callSafely(() => {
        (listener as (...args: ClientEvents[Name]) => void).apply(this, args);
      });
    }
  }

  #whenConnected(ended: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const isThere = this.state === 'connected' || this.state === 'readOnly';
        if (!isThere && this.state !== 'closed') return;
        this.off('state', look);
        if (isThere) resolve();
        else reject(this.#closedError());
      };
      this.on('state', look);
      ended.addEventListener('abort', () => this.off('state', look), { once: true });
      look();
    });
  }

  #closedError(): ClientError {
    const { closeReason } = this.session;
    return new ClientError('closed', closeReason === undefined ? {} : { cause: closeReason });
  }

  #patienceError(): ClientError {
    const cause = this.#lastProblem;
    const message = `no session in time${cause === undefined ? '' : `: ${cause.message}`}`;
    return new ClientError('cannotConnect', { message, cause });
  }
}

function toAuthInfo({ scheme, auth }: Credential): AuthInfo {
  return { scheme, auth: typeof auth === 'string' ? Buffer.from(auth) : auth };
}
