import type { Consensus } from '@bellwether/cluster';
import { encodeCloseSession, encodeRequestCommand, type QuotaRule } from '@bellwether/coordination';
import {
  ErrorCode,
  JuteReader,
  JuteWriter,
  OpCode,
  ProtocolError,
  readAuthRequest,
  readSaslToken,
} from '@bellwether/protocol';
import type { Answers } from './answers.ts';
import { assert } from './assert.ts';
import type { Connection } from './connection.ts';
import type { OwnEntries } from './own-entries.ts';
import { DigestScheme } from './digest-scheme.ts';
import { Hold } from './hold.ts';
import { isRefusedWhenReadOnly } from './read-only-rules.ts';
import type { ReplyOrder } from './reply-order.ts';
import { SaslAuthentication, type SaslStep } from './sasl-authentication.ts';
import type { ServerSettings } from './server-settings.ts';
import type { ServerStats } from './server-stats.ts';
import { WaitKind, type WaitingRequest } from './waiting-request.ts';

const REQUEST_HEADER_BYTES = 8;

/**
 * Takes the requests of open connections: a write is proposed at once, however many are in flight;
 * a read is answered at once when nothing of its connection waits; everything else queues.
 */
export class RequestIntake {
  readonly #answers: Answers;
  readonly #order: ReplyOrder;
  readonly #own: OwnEntries;
  readonly #stats: ServerStats;
  readonly #quotaRule: QuotaRule;
  readonly #digest: DigestScheme;
  readonly #sasl: SaslAuthentication;
  readonly #onSaslFailed: (connection: Connection, reason: string) => void;
  readonly #reader = new JuteReader();
  readonly #command = new JuteWriter();
  #consensus: Consensus | undefined;

  constructor(parts: {
    readonly answers: Answers;
    readonly order: ReplyOrder;
    readonly own: OwnEntries;
    readonly stats: ServerStats;
    readonly settings: ServerSettings;
    readonly onSaslFailed: (connection: Connection, reason: string) => void;
  }) {
    this.#answers = parts.answers;
    this.#order = parts.order;
    this.#own = parts.own;
    this.#stats = parts.stats;
    this.#quotaRule = parts.settings.quotas;
    this.#digest = new DigestScheme(parts.settings.digest);
    this.#sasl = new SaslAuthentication(parts.settings.saslUsers);
    this.#onSaslFailed = parts.onSaslFailed;
  }

  attach(consensus: Consensus): void {
    this.#consensus = consensus;
  }

  /** A frame of an open connection: bytes[start..end), which stay as they are. */
  onRequest(connection: Connection, bytes: Uint8Array, start: number, end: number): void {
    // ZooKeeper, too, closes what is too short to be answered.
    if (end - start < REQUEST_HEADER_BYTES) return connection.destroy();
    const reader = this.#reader.reset(bytes, start, end);
    const xid = reader.readInt();
    const opCode = reader.readInt();
    const bodyStart = reader.offset;
    if (connection.isReadOnly && this.#isAnsweredReadOnly(connection, xid, opCode)) return;
    switch (opCode) {
      case OpCode.create:
      case OpCode.create2:
      case OpCode.createContainer:
      case OpCode.createTTL:
      case OpCode.delete:
      case OpCode.setData:
      case OpCode.setACL:
      case OpCode.check:
      case OpCode.multi:
        return this.#onWrite(connection, xid, opCode, bytes.subarray(bodyStart, end));
      case OpCode.sync:
        return this.#onSync(connection, xid, bytes, bodyStart, end);
      case OpCode.reconfig:
        return this.#onReconfig(connection, xid, bytes, bodyStart, end);
      case OpCode.ping:
        return this.#onPing(connection, xid);
      case OpCode.auth:
        return this.#onAuth(connection, xid, reader);
      case OpCode.sasl:
        return this.#onSasl(connection, xid, reader);
      case OpCode.closeSession:
        return this.#onCloseSession(connection, xid);
      default:
        return this.#onRead(connection, xid, opCode, bytes, bodyStart, end);
    }
  }

  /** Proposes the command in `command`; `request` waits for its entry. */
  propose(connection: Connection, request: WaitingRequest, command: JuteWriter): void {
    request.sequence = this.#attached.propose(command.view());
    this.#own.push(request);
    this.#order.push(connection, request);
  }

  /** An empty writer for one command, which is to be proposed before the next one is asked for. */
  command(): JuteWriter {
    this.#command.reset();
    return this.#command;
  }

  /** Ends a session that no client waits for. */
  closeSession(sessionId: number): void {
    const command = this.command();
    encodeCloseSession(command, sessionId, 'client');
    this.#attached.propose(command.view());
  }

  get #attached(): Consensus {
    assert(this.#consensus !== undefined, 'clients come after the consensus');
    return this.#consensus;
  }

  #onWrite(connection: Connection, xid: number, opCode: number, body: Uint8Array): void {
    const request = this.#order.requests.take(connection, WaitKind.write, xid, opCode);
    const command = this.command();
    const { sessionId, credentials } = connection;
    const { nodeId } = this.#attached;
    const { encoded } = credentials;
    encodeRequestCommand(command, sessionId, nodeId, opCode, encoded, body, this.#quotaRule);
    this.propose(connection, request, command);
  }

  #onCloseSession(connection: Connection, xid: number): void {
    const { closeSession } = OpCode;
    const request = this.#order.requests.take(connection, WaitKind.write, xid, closeSession);
    const command = this.command();
    encodeCloseSession(command, connection.sessionId, 'client');
    connection.isLeaving = true;
    this.propose(connection, request, command);
  }

  /** Without a quorum nothing is written, and a session that the cluster knows is not ended. */
  #isAnsweredReadOnly(connection: Connection, xid: number, opCode: number): boolean {
    const isClose = opCode === OpCode.closeSession;
    if (!isClose && !isRefusedWhenReadOnly(opCode)) return false;
    const isLocal = isClose && this.#order.isLocal(connection.sessionId);
    this.#onAnsweredAtOnce(connection, xid, opCode);
    this.#answers.refusal(connection, xid, isLocal ? ErrorCode.ok : ErrorCode.notReadOnly);
    if (isLocal) connection.end();
    return true;
  }

  #onAnsweredAtOnce({ traffic }: Connection, xid: number, opCode: number): void {
    const { turnMs } = this.#stats;
    this.#stats.onAnsweredAtOnce();
    traffic.onAnswered(xid, opCode, this.#order.zxid, turnMs, turnMs);
  }

  #onSync(
    connection: Connection,
    xid: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const request = this.#order.requests.take(connection, WaitKind.sync, xid, OpCode.sync);
    request.keepFrame(bytes, start, end);
    request.readRequestId = this.#attached.readIndex();
    this.#order.push(connection, request);
  }

  /** Nothing more is read of the connection until it is answered: it may take a while. */
  #onReconfig(
    connection: Connection,
    xid: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const { reconfig } = OpCode;
    const request = this.#order.requests.take(connection, WaitKind.reconfig, xid, reconfig);
    request.keepFrame(bytes, start, end);
    request.readRequestId = this.#attached.readIndex();
    connection.hold(Hold.reconfig);
    this.#order.push(connection, request);
  }

  /** Before its turn: a client without a leader must not think that its server is dead. */
  #onPing(connection: Connection, xid: number): void {
    this.#onAnsweredAtOnce(connection, xid, OpCode.ping);
    this.#answers.toPing(connection);
  }

  /** Before its turn and with zxid 0, as in ZooKeeper. Who can't prove what it says is sent away. */
  #onAuth(connection: Connection, xid: number, reader: JuteReader): void {
    this.#onAnsweredAtOnce(connection, xid, OpCode.auth);
    const result = authenticate(connection, reader, this.#digest);
    if (result === ErrorCode.marshallingError) return connection.destroy();
    this.#answers.header(connection, xid, 0, result);
    if (result === ErrorCode.ok) return;
    this.#stats.authFailures++;
    connection.end();
  }

  /** Before its turn and with zxid 0, as `auth`; clients send nothing else until it is done. */
  #onSasl(connection: Connection, xid: number, reader: JuteReader): void {
    this.#onAnsweredAtOnce(connection, xid, OpCode.sasl);
    const step = this.#saslStep(connection, reader);
    const { ok, authFailed } = ErrorCode;
    if (step.outcome === 'continues') return this.#answers.toSasl(connection, xid, ok, step.token);
    this.#stats.authFailures++;
    this.#onSaslFailed(connection, step.reason);
    this.#answers.toSasl(connection, xid, authFailed, null);
    connection.end();
  }

  #saslStep(connection: Connection, reader: JuteReader): SaslStep {
    try {
      return this.#sasl.step(connection, readSaslToken(reader).token);
    } catch (error) {
      if (error instanceof ProtocolError) return { outcome: 'failed', reason: 'it is malformed' };
      throw error;
    }
  }

  #onRead(
    connection: Connection,
    xid: number,
    opCode: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    if (connection.waiting.first() === undefined) {
      this.#onAnsweredAtOnce(connection, xid, opCode);
      return this.#answers.toRead(connection, xid, opCode, bytes, start, end);
    }
    const request = this.#order.requests.take(connection, WaitKind.read, xid, opCode);
    request.keepFrame(bytes, start, end);
    this.#order.push(connection, request);
  }
}

/** marshallingError: no answer but the end of the connection, as in ZooKeeper. */
function authenticate(connection: Connection, reader: JuteReader, digest: DigestScheme): ErrorCode {
  try {
    const { scheme, auth } = readAuthRequest(reader);
    const isProved = connection.credentials.authenticate(scheme, auth, digest);
    return isProved ? ErrorCode.ok : ErrorCode.authFailed;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return error.code === 'missingString' ? ErrorCode.authFailed : ErrorCode.marshallingError;
  }
}
