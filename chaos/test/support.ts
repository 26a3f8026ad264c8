import {
  JuteWriter,
  OpCode,
  OPEN_ACL,
  writeConnectRequest,
  writeConnectResponse,
  writeCreateRequest,
  writeCreateResponse,
  writeExistsRequest,
  writeGetDataRequest,
  writeGetDataResponse,
  writeMultiRequest,
  writeMultiResponse,
  writeReplyHeader,
  writeRequestHeader,
  writeSetDataRequest,
  writeSetDataResponse,
  writeStat,
  writeSyncRequest,
  writeWatcherEvent,
  type MultiOperation,
  type MultiResult,
  type Stat,
} from '@bellwether/protocol';
import { ClientRecorder } from '../src/wire/client-recorder.ts';
import type { ConnectionRecorder } from '../src/wire/connection-recorder.ts';
import type { History } from '../src/wire/history.ts';

const PASSWD = new Uint8Array(16);
const CONNECTED = 3;

export function statOf(changes: Partial<Stat>): Stat {
  const times = { czxid: 0, mzxid: 0, pzxid: 0, ctime: 0, mtime: 0 };
  const counts = { version: 0, cversion: 0, aversion: 0, dataLength: 0, numChildren: 0 };
  const owner = { ephemeralOwner: 0, ephemeralOwnerHigh: 0, ephemeralOwnerLow: 0 };
  return { ...times, ...counts, ...owner, ...changes };
}

function frame(write: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter();
  const start = writer.beginFrame();
  write(writer);
  writer.endFrame(start);
  return writer.copy();
}

/** Both ends of a client's connection, byte by byte, as a test has them. */
export class Wire {
  readonly recorder: ClientRecorder;
  connection: ConnectionRecorder;
  #xid = 0;

  constructor(history: History, client: number) {
    this.recorder = new ClientRecorder(history, client);
    this.connection = this.recorder.connect();
  }

  /** A new connection, by which the client asks for `wanted` and is given `given`; 0: it is gone. */
  greet(wanted: number, given: number): this {
    const common = { protocolVersion: 0, passwd: PASSWD, readOnly: false };
    const asked = { ...common, lastZxidSeen: 0, timeoutMs: 4_000, sessionId: wanted };
    this.#sent((writer) => writeConnectRequest(writer, asked));
    const answer = { ...common, timeoutMs: given === 0 ? 0 : 4_000, sessionId: given };
    this.#received((writer) => writeConnectResponse(writer, answer));
    return this;
  }

  reconnect(): this {
    this.connection = this.recorder.connect();
    return this;
  }

  // --- requests ---

  set(path: string, value: string, version = -1): number {
    const request = { path, data: Buffer.from(value), version };
    return this.#ask(OpCode.setData, (writer) => writeSetDataRequest(writer, request));
  }

  create(path: string, value: string, flags: 0 | 1 | 2 = 0): number {
    const request = { path, data: Buffer.from(value), acls: OPEN_ACL, flags };
    return this.#ask(OpCode.create, (writer) => writeCreateRequest(writer, request));
  }

  multi(operations: readonly MultiOperation[]): number {
    return this.#ask(OpCode.multi, (writer) => writeMultiRequest(writer, operations));
  }

  get(path: string, watch = false): number {
    return this.#ask(OpCode.getData, (writer) => writeGetDataRequest(writer, { path, watch }));
  }

  exists(path: string): number {
    return this.#ask(OpCode.exists, (writer) => writeExistsRequest(writer, { path, watch: true }));
  }

  sync(path: string): number {
    return this.#ask(OpCode.sync, (writer) => writeSyncRequest(writer, { path }));
  }

  close(): number {
    return this.#ask(OpCode.closeSession, () => undefined);
  }

  // --- replies ---

  error(xid: number, zxid: number, error: number): void {
    this.#received((writer) => writeReplyHeader(writer, xid, zxid, error));
  }

  done(xid: number, zxid: number): void {
    this.error(xid, zxid, 0);
  }

  wasSet(xid: number, zxid: number, version: number): void {
    const stat = statOf({ version, mzxid: zxid });
    this.#reply(xid, zxid, (writer) => writeSetDataResponse(writer, stat));
  }

  wasCreated(xid: number, zxid: number, path: string): void {
    this.#reply(xid, zxid, (writer) => writeCreateResponse(writer, path));
  }

  wasGot(xid: number, zxid: number, value: string, stat: Partial<Stat>): void {
    this.#reply(xid, zxid, (writer) => {
      writeGetDataResponse(writer, Buffer.from(value), statOf(stat));
    });
  }

  isThere(xid: number, zxid: number, stat: Partial<Stat>): void {
    this.#reply(xid, zxid, (writer) => writeStat(writer, statOf(stat)));
  }

  didMulti(xid: number, zxid: number, results: readonly MultiResult[]): void {
    this.#reply(xid, zxid, (writer) => writeMultiResponse(writer, results));
  }

  event(type: number, path: string): void {
    this.#received((writer) => {
      writeReplyHeader(writer, -1, -1, 0);
      writeWatcherEvent(writer, type, CONNECTED, path);
    });
  }

  #ask(opCode: number, write: (writer: JuteWriter) => void): number {
    const xid = (this.#xid += 1);
    this.#sent((writer) => {
      writeRequestHeader(writer, xid, opCode);
      write(writer);
    });
    return xid;
  }

  #reply(xid: number, zxid: number, write: (writer: JuteWriter) => void): void {
    this.#received((writer) => {
      writeReplyHeader(writer, xid, zxid, 0);
      write(writer);
    });
  }

  #sent(write: (writer: JuteWriter) => void): void {
    for (const byte of frame(write)) this.connection.onSent(Uint8Array.of(byte));
  }

  #received(write: (writer: JuteWriter) => void): void {
    this.connection.onReceived(frame(write));
  }
}
