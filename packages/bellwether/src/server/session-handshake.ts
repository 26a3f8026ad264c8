import {
  encodeAttachSession,
  encodeCreateSession,
  type Coordinator,
  type Outcome,
  type Session,
} from '@bellwether/coordination';
import {
  JuteReader,
  OpCode,
  PASSWORD_BYTES,
  ProtocolError,
  readConnectRequest,
  writeConnectResponse,
  type ConnectRequest,
  type ConnectResponse,
} from '@bellwether/protocol';
import type { LogIndex, NodeId } from '@bellwether/raft';
import { assert } from './assert.ts';
import type { Connection } from './connection.ts';
import { Hold } from './hold.ts';
import type { LocalSessions } from './local-sessions.ts';
import type { ReadOnlyMode } from './read-only-mode.ts';
import type { ReplyOrder } from './reply-order.ts';
import type { RequestIntake } from './request-intake.ts';
import type { ServerSettings } from './server-settings.ts';
import { WaitKind, type WaitingRequest } from './waiting-request.ts';

const NO_PASSWORD = new Uint8Array(PASSWORD_BYTES);
/** Sessions that only this node knows are numbered from here: no log gets so long. */
const LOCAL_SESSION_FIRST = 2 ** 52;

type Opened = Pick<ConnectResponse, 'sessionId' | 'timeoutMs' | 'passwd'>;

/**
 * The first frame of a connection: a new session, or one that comes back, perhaps from another node.
 * Either is a log entry, and the client is answered when that is applied here. What this node then
 * shows is therefore no older than anything the client has seen before, on whichever node.
 */
export class SessionHandshake {
  readonly #intake: RequestIntake;
  readonly #order: ReplyOrder;
  readonly #sessions: LocalSessions;
  readonly #settings: ServerSettings;
  readonly #coordinator: Coordinator;
  readonly #readOnly: ReadOnlyMode;
  readonly #randomBytes: (count: number) => Uint8Array;
  #localSessionNext = LOCAL_SESSION_FIRST;
  readonly #reader = new JuteReader();

  constructor(options: {
    readonly intake: RequestIntake;
    readonly order: ReplyOrder;
    readonly sessions: LocalSessions;
    readonly settings: ServerSettings;
    readonly coordinator: Coordinator;
    readonly readOnly: ReadOnlyMode;
    /** Passwords of sessions come from it. */
    readonly randomBytes: (count: number) => Uint8Array;
  }) {
    this.#intake = options.intake;
    this.#order = options.order;
    this.#sessions = options.sessions;
    this.#settings = options.settings;
    this.#coordinator = options.coordinator;
    this.#readOnly = options.readOnly;
    this.#randomBytes = options.randomBytes;
  }

  /** The connect request is bytes[start..end). */
  onConnect(
    connection: Connection,
    nodeId: NodeId,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    assert(connection.state === 'greeting', 'a client introduces itself once');
    const greeting = this.#read(bytes, start, end);
    if (greeting === undefined) return connection.destroy();
    connection.greeting = greeting;
    connection.state = 'handshake';
    connection.hold(Hold.handshake);
    if (this.#readOnly.isActive) this.serveReadOnly(connection, greeting);
    else if (greeting.sessionId === 0) this.#create(connection, nodeId, greeting);
    else this.#attach(connection, nodeId, greeting);
  }

  /** The entry of the connection's create or attach was applied. */
  onApplied(request: WaitingRequest, index: LogIndex, outcome: Outcome): void {
    const { connection } = request;
    assert(connection?.greeting !== undefined, 'the client waits for its answer');
    this.#order.finish(request);
    if (outcome.kind !== 'sessionOpened') return refuse(connection, connection.greeting);
    const { greeting } = connection;
    const { sessionId, timeoutMs, passwd } = outcome;
    if (greeting.lastZxidSeen > index) return this.#reject(connection, sessionId);
    this.#open(connection, greeting, { sessionId, timeoutMs, passwd });
  }

  /**
   * There is no quorum: the client is shown what is here, if it allows that, and else is sent to
   * another node, as is one that has seen more than is here. A session that is not known here may
   * well be known to the others.
   */
  serveReadOnly(connection: Connection, greeting: ConnectRequest): void {
    const isAhead = greeting.lastZxidSeen > this.#coordinator.lastAppliedIndex;
    if (greeting.readOnly !== true || isAhead) return connection.destroy();
    const session = this.#coordinator.sessions.get(greeting.sessionId);
    if (session === undefined && greeting.sessionId !== 0) return connection.destroy();
    if (session !== undefined && !knowsPassword(greeting, session)) {
      return refuse(connection, greeting);
    }
    connection.isReadOnly = true;
    this.#readOnly.add(connection);
    this.#sessions.get(session?.id ?? 0)?.end();
    this.#open(connection, greeting, {
      sessionId: session?.id ?? this.#localSessionNext++,
      timeoutMs: session?.timeoutMs ?? this.#timeoutMs(greeting),
      passwd: session?.passwd ?? this.#randomBytes(PASSWORD_BYTES),
    });
  }

  #open(connection: Connection, greeting: ConnectRequest, opened: Opened): void {
    respond(connection, greeting, opened);
    connection.onOpened(opened.sessionId, opened.timeoutMs);
    this.#sessions.open(connection);
    this.#order.readOnAfterTurn(connection);
  }

  #read(bytes: Uint8Array, start: number, end: number): ConnectRequest | undefined {
    try {
      const request = readConnectRequest(this.#reader.reset(bytes, start, end));
      // The password is a view of a chunk that may be gone when it is looked at.
      return { ...request, passwd: Uint8Array.from(request.passwd ?? []) };
    } catch (error) {
      if (error instanceof ProtocolError) return undefined;
      throw error;
    }
  }

  #create(connection: Connection, nodeId: NodeId, greeting: ConnectRequest): void {
    const command = this.#intake.command();
    const password = this.#randomBytes(PASSWORD_BYTES);
    encodeCreateSession(command, password, this.#timeoutMs(greeting), nodeId);
    const { createSession } = OpCode;
    const { requests } = this.#order;
    const request = requests.take(connection, WaitKind.createSession, 0, createSession);
    this.#intake.propose(connection, request, command);
  }

  /**
   * Whatever the client had sent over an earlier connection to this node and comes only now, must not happen
   * behind the entry that brings it back: it may read without that. So the earlier one is not read any more.
   */
  #attach(connection: Connection, nodeId: NodeId, greeting: ConnectRequest): void {
    const session = this.#coordinator.sessions.get(greeting.sessionId);
    const isItsClient = session !== undefined && knowsPassword(greeting, session);
    if (isItsClient) this.#sessions.get(session.id)?.end();
    const command = this.#intake.command();
    const password = greeting.passwd ?? NO_PASSWORD;
    const timeoutMs = this.#timeoutMs(greeting);
    encodeAttachSession(command, greeting.sessionId, password, timeoutMs, nodeId);
    const { createSession } = OpCode;
    const { requests } = this.#order;
    const request = requests.take(connection, WaitKind.attachSession, 0, createSession);
    this.#intake.propose(connection, request, command);
  }

  /**
   * The client has seen more than this log holds: it belongs to another cluster, or this one has
   * lost its data. ZooKeeper closes without a word; a session made for it would only be left behind.
   */
  #reject(connection: Connection, sessionId: number): void {
    if (connection.greeting?.sessionId === 0) this.#intake.closeSession(sessionId);
    connection.destroy();
  }

  #timeoutMs(greeting: ConnectRequest): number {
    const { sessionTimeoutMsMin, sessionTimeoutMsMax } = this.#settings;
    return Math.min(Math.max(greeting.timeoutMs, sessionTimeoutMsMin), sessionTimeoutMsMax);
  }
}

function knowsPassword({ passwd }: ConnectRequest, session: Session): boolean {
  return Buffer.from(passwd ?? NO_PASSWORD).equals(session.passwd);
}

/** The session is gone, or the password is wrong: the client hears the same of both. */
function refuse(connection: Connection, greeting: ConnectRequest): void {
  respond(connection, greeting, { sessionId: 0, timeoutMs: 0, passwd: NO_PASSWORD });
  connection.end();
}

/** In the form of the request: clients before 3.4 know no flag. */
function respond(connection: Connection, greeting: ConnectRequest, response: Opened): void {
  const { output } = connection;
  const readOnly = greeting.readOnly === undefined ? undefined : connection.isReadOnly;
  const frame = output.beginFrame();
  writeConnectResponse(output, { protocolVersion: 0, ...response, readOnly });
  output.endFrame(frame);
  connection.onReplyWritten(output);
}
