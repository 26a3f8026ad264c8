import {
  ErrorCode,
  JuteReader,
  JuteWriter,
  OpCode,
  readConnectRequest,
  readRequestHeader,
  SpecialXid,
  writeConnectResponse,
  writeCreate2Response,
  writeGetDataResponse,
  writeReplyHeader,
  writeStat,
  writeWatcherEvent,
  type ConnectRequest,
  type Stat,
} from '@bellwether/protocol';
import { FrameReader } from '../../src/session/frame-reader.ts';
import type { Transport, TransportHandlers } from '../../src/runtime.ts';

export const STAT: Stat = {
  czxid: 7,
  mzxid: 7,
  ctime: 0,
  mtime: 0,
  version: 3,
  cversion: 0,
  aversion: 0,
  ephemeralOwnerHigh: 0,
  ephemeralOwnerLow: 0,
  ephemeralOwner: 0,
  dataLength: 4,
  numChildren: 0,
  pzxid: 7,
};

/** A request as it came. */
export interface Received {
  readonly xid: number;
  readonly opCode: number;
  /** The body, behind the header. */
  readonly body: Uint8Array;
}

/** What a script does with a request: answer as usual, in its own way, or not at all. */
export type Reaction =
  'answer' | 'ignore' | 'close' | { readonly error: number; readonly body?: BodyWriter };
export type BodyWriter = (writer: JuteWriter) => void;

const PASSWORD = new Uint8Array(16).fill(5);

/** A server that does as it is told, and writes down what it was asked. */
export class FakeServer {
  readonly address: string;
  /** up: accepts. refusing: closes at once. hanging: never answers the dialling. */
  mode: 'up' | 'refusing' | 'hanging' = 'up';
  handshake: 'accept' | 'expire' | 'readOnly' | 'ignore' = 'accept';
  answersPings = true;
  sessionTimeoutMs = 10_000;
  sessionId = 0x42;
  zxid = 100;
  react: (received: Received) => Reaction = () => 'answer';
  readonly handshakes: ConnectRequest[] = [];
  readonly received: Received[] = [];
  readonly connections = new Set<FakeConnection>();

  constructor(address: string) {
    this.address = address;
  }

  accept(handlers: TransportHandlers): Transport {
    const connection = new FakeConnection(this, handlers);
    if (this.mode === 'hanging') return connection;
    queueMicrotask(() => {
      if (this.mode === 'refusing') return connection.close('ECONNREFUSED');
      this.connections.add(connection);
      connection.open();
    });
    return connection;
  }

  /** Op codes of what was asked, without pings. */
  get opCodes(): number[] {
    return this.received.map(({ opCode }) => opCode).filter((code) => code !== OpCode.ping);
  }

  /** All connections break. */
  disconnect(): void {
    for (const connection of this.connections) connection.close('ECONNRESET');
  }

  /** A watch event to everybody. Servers before 3.9 don't say its zxid. */
  sendEvent(type: number, path: string, zxid = -1): void {
    for (const connection of this.connections) {
      connection.send((writer) => {
        writeReplyHeader(writer, SpecialXid.event, zxid, 0);
        writeWatcherEvent(writer, type, 3, path);
      });
    }
  }
}

/** One connection, from the server's side. */
export class FakeConnection implements Transport {
  readonly #server: FakeServer;
  readonly #handlers: TransportHandlers;
  readonly #frames = new FrameReader(1 << 20);
  #isGreeted = false;
  #isOver = false;

  constructor(server: FakeServer, handlers: TransportHandlers) {
    this.#server = server;
    this.#handlers = handlers;
  }

  open(): void {
    if (!this.#isOver) this.#handlers.onConnected();
  }

  write(bytes: Uint8Array, onWritten: () => void): void {
    const copy = bytes.slice();
    queueMicrotask(() => {
      if (this.#isOver) return;
      onWritten();
      if (Buffer.from(copy).toString() === 'isro') return this.#tellWhetherReadOnly();
      this.#frames.push(copy, (frame, start, end) => this.#onFrame(frame.slice(start, end)));
    });
  }

  destroy(): void {
    this.#isOver = true;
    this.#server.connections.delete(this);
  }

  close(reason: string): void {
    if (this.#isOver) return;
    this.destroy();
    this.#handlers.onClosed(new Error(reason));
  }

  send(fill: (writer: JuteWriter) => void): void {
    const writer = new JuteWriter();
    const start = writer.beginFrame();
    fill(writer);
    writer.endFrame(start);
    if (!this.#isOver) this.#handlers.onData(writer.copy());
  }

  #onFrame(frame: Uint8Array): void {
    const reader = new JuteReader(frame);
    if (!this.#isGreeted) return this.#greet(reader);
    const { xid, opCode } = readRequestHeader(reader);
    const received = { xid, opCode, body: frame.subarray(reader.offset) };
    this.#server.received.push(received);
    if (opCode === OpCode.ping && !this.#server.answersPings) return;
    const reaction = this.#server.react(received);
    if (reaction === 'ignore') return;
    if (reaction === 'close') return this.close('ECONNRESET');
    if (reaction === 'answer') return this.answer(received, ErrorCode.ok);
    this.answer(received, reaction.error, reaction.body);
  }

  #tellWhetherReadOnly(): void {
    this.#handlers.onData(Buffer.from(this.#server.handshake === 'readOnly' ? 'ro' : 'rw'));
    this.close('it was a four-letter word');
  }

  #greet(reader: JuteReader): void {
    const server = this.#server;
    server.handshakes.push(readConnectRequest(reader));
    this.#isGreeted = true;
    if (server.handshake === 'ignore') return;
    const isGone = server.handshake === 'expire';
    this.send((writer) =>
      writeConnectResponse(writer, {
        protocolVersion: 0,
        timeoutMs: isGone ? 0 : server.sessionTimeoutMs,
        sessionId: isGone ? 0 : server.sessionId,
        passwd: PASSWORD,
        readOnly: server.handshake === 'readOnly',
      }),
    );
    if (isGone) this.close('expired');
  }

  /** The usual reply, or an error. */
  answer({ xid, opCode, body }: Received, error: number, write?: BodyWriter): void {
    this.send((writer) => {
      this.#server.zxid++;
      writeReplyHeader(writer, xid, this.#server.zxid, error);
      if (error !== ErrorCode.ok) return;
      if (write === undefined) writeBody(writer, opCode, body);
      else write(writer);
    });
  }
}

function writeBody(writer: JuteWriter, opCode: number, body: Uint8Array): void {
  switch (opCode) {
    case OpCode.getData:
      return writeGetDataResponse(writer, Buffer.from('data'), STAT);
    case OpCode.exists:
    case OpCode.setData:
      return writeStat(writer, STAT);
    case OpCode.create2:
      return writeCreate2Response(writer, new JuteReader(body).readPresentString(), STAT);
    case OpCode.getChildren2:
      writer.writeStrings(['a', 'b']);
      return writeStat(writer, STAT);
    case OpCode.sync:
      return writer.writeString(new JuteReader(body).readPresentString());
    case OpCode.addWatch:
      return writer.writeInt(0);
    default:
  }
}
