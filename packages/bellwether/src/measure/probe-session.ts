import { connect, type Socket } from 'node:net';
import {
  ErrorCode,
  errorCodeName,
  JuteReader,
  JuteWriter,
  readConnectResponse,
  readReplyHeader,
  SpecialXid,
  writeConnectRequest,
  writeRequestHeader,
} from '@bellwether/protocol';
import type { Server } from '../cli/ask-word.ts';

const LENGTH_BYTES = 4;
/** Of an answer; a peer that is no such server must not fill the memory. */
const FRAME_BYTES_MAX = 4 * 1024 * 1024;
const SESSION_TIMEOUT_MS = 30_000;
const NEW_SESSION = {
  protocolVersion: 0,
  lastZxidSeen: 0,
  timeoutMs: SESSION_TIMEOUT_MS,
  sessionId: 0,
  passwd: new Uint8Array(16),
  readOnly: false,
} as const;

/** A request that came to nothing. indeterminate: the connection ended first, so it may have happened. */
export class ProbeError extends Error {
  override readonly name = 'ProbeError';
  readonly outcome: 'refused' | 'indeterminate';

  constructor(message: string, outcome: ProbeError['outcome']) {
    super(message);
    this.outcome = outcome;
  }
}

interface Waiting {
  readonly resolve: (body: JuteReader) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One session on one server, without any of a client's help: it never reconnects and never tries again,
 * because what a client hides is what is to be seen here. Answers come in the order of the requests.
 */
export class ProbeSession {
  readonly #server: Server;
  readonly #socket: Socket;
  readonly #writer = new JuteWriter();
  readonly #waiting: Waiting[] = [];
  #received: Buffer = Buffer.alloc(0);
  #isOpen = false;
  #isClosed = false;
  #nextXid = 1;
  #onClosed: () => void = () => undefined;

  private constructor(server: Server) {
    this.#server = server;
    this.#socket = connect({ port: server.port, host: server.host, noDelay: true });
    this.#socket.on('connect', () =>
      this.#write((writer) => writeConnectRequest(writer, NEW_SESSION)),
    );
    this.#socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    // What went wrong does not matter: `close` follows.
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => this.#end());
  }

  /** @throws ProbeError when the server is not there, or gives no session within `timeoutMs` */
  static async open(server: Server, timeoutMs: number): Promise<ProbeSession> {
    const session = new ProbeSession(server);
    const timer = setTimeout(() => session.destroy(), timeoutMs);
    try {
      const { sessionId } = readConnectResponse(await session.#answer());
      if (sessionId === 0) throw new ProbeError('the session was refused', 'refused');
      session.#isOpen = true;
      return session;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Called once, when the connection has ended; at once if it has already. */
  onClosed(action: () => void): void {
    if (this.#isClosed) action();
    else this.#onClosed = action;
  }

  /** @throws ProbeError when it is refused or the connection ends before the answer */
  request(opCode: number, write: (writer: JuteWriter) => void): Promise<JuteReader> {
    const xid = this.#nextXid;
    this.#nextXid += 1;
    this.#write((writer) => {
      writeRequestHeader(writer, xid, opCode);
      write(writer);
    });
    return this.#answer();
  }

  destroy(): void {
    this.#socket.destroy();
    this.#end();
  }

  #write(write: (writer: JuteWriter) => void): void {
    if (this.#isClosed) return;
    this.#writer.reset();
    const start = this.#writer.beginFrame();
    write(this.#writer);
    this.#writer.endFrame(start);
    this.#socket.write(this.#writer.copy());
  }

  #answer(): Promise<JuteReader> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) reject(this.#lost());
      else this.#waiting.push({ resolve, reject });
    });
  }

  #onData(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= LENGTH_BYTES) {
      const length = this.#received.readInt32BE(0);
      if (length < 0 || length > FRAME_BYTES_MAX) return this.destroy();
      const end = LENGTH_BYTES + length;
      if (this.#received.length < end) return;
      const frame = this.#received.subarray(LENGTH_BYTES, end);
      this.#received = this.#received.subarray(end);
      this.#onFrame(new JuteReader(frame));
    }
  }

  #onFrame(reader: JuteReader): void {
    if (!this.#isOpen) return this.#waiting.shift()?.resolve(reader);
    const { xid, error } = readReplyHeader(reader);
    if (xid === SpecialXid.event) return;
    const waiting = this.#waiting.shift();
    if (error === ErrorCode.ok) waiting?.resolve(reader);
    else waiting?.reject(new ProbeError(errorCodeName(error), 'refused'));
  }

  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#lost());
    this.#onClosed();
  }

  #lost(): ProbeError {
    const { host, port } = this.#server;
    return new ProbeError(`the connection to ${host}:${port} ended`, 'indeterminate');
  }
}
