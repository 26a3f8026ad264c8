import { connect, type Socket } from 'node:net';
import {
  CreateMode,
  ErrorCode,
  errorCodeName,
  JuteReader,
  JuteWriter,
  OPEN_ACL,
  OpCode,
  readConnectResponse,
  readGetDataResponse,
  readReplyHeader,
  readSetDataResponse,
  SpecialXid,
  writeConnectRequest,
  writeCreateRequest,
  writeGetDataRequest,
  writeRequestHeader,
  writeSetDataRequest,
  writeSyncRequest,
  type Acl,
  type Stat,
} from '@bellwether/protocol';

const SESSION_TIMEOUT_MS = 30_000;
const LENGTH_BYTES = 4;

/** The connection ended before the answer came: the operation may or may not have happened. */
export class ConnectionLost extends Error {}

/** The server answered with an error. */
export class ServerError extends Error {
  readonly code: number;

  constructor(what: string, code: number) {
    super(`${what}: ${errorCodeName(code)}`);
    this.code = code;
  }
}

interface Pending {
  readonly what: string;
  readonly xid: number;
  readonly resolve: (body: JuteReader) => void;
  readonly reject: (error: Error) => void;
}

/** What is at a path. */
export interface Znode {
  readonly data: string;
  readonly stat: Stat;
}

/** The xid under which the answer to the connect request is waited for: it has none of its own. */
const CONNECT_XID = 0;

/**
 * One session on one server, which never reconnects by itself: a test must see every outcome.
 * Requests may be sent without waiting for each other; answers must come in their order.
 */
export class RawClient {
  readonly #socket: Socket;
  readonly #pending: Pending[] = [];
  readonly #writer = new JuteWriter();
  #received: Buffer = Buffer.alloc(0);
  #nextXid = 1;
  #lost: ConnectionLost | undefined;

  private constructor(address: string) {
    const [host, port] = address.split(':') as [string, string];
    this.#socket = connect({ port: Number(port), host, noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => this.#onClose(address));
  }

  /**
   * Opens a session.
   *
   * @param server host:port, or a port of loopback
   * @throws ConnectionLost when the server is not there or refuses it
   */
  static async connect(server: string | number): Promise<RawClient> {
    const address = typeof server === 'string' ? server : `127.0.0.1:${server}`;
    const client = new RawClient(address);
    const body = await client.#send('connect', CONNECT_XID, (writer) =>
      writeConnectRequest(writer, {
        protocolVersion: 0,
        lastZxidSeen: 0,
        timeoutMs: SESSION_TIMEOUT_MS,
        sessionId: 0,
        passwd: new Uint8Array(16),
        readOnly: false,
      }),
    );
    if (readConnectResponse(body).sessionId === 0) throw new ConnectionLost('session refused');
    return client;
  }

  /** Creates a persistent znode. */
  async create(path: string, data: string, acls: readonly Acl[] = OPEN_ACL): Promise<void> {
    const flags = CreateMode.persistent;
    await this.#request(`create ${path}`, OpCode.create, (writer) =>
      writeCreateRequest(writer, { path, data: Buffer.from(data), acls, flags }),
    );
  }

  /** Sets the data whatever its version is. */
  async setData(path: string, data: string): Promise<Stat> {
    const body = await this.#request(`set ${path}`, OpCode.setData, (writer) =>
      writeSetDataRequest(writer, { path, data: Buffer.from(data), version: -1 }),
    );
    return readSetDataResponse(body).stat;
  }

  async getData(path: string): Promise<Znode> {
    const body = await this.#request(`get ${path}`, OpCode.getData, (writer) =>
      writeGetDataRequest(writer, { path, watch: false }),
    );
    const { data, stat } = readGetDataResponse(body);
    return { data: Buffer.from(data ?? []).toString(), stat };
  }

  /** What was committed before this is seen by this session after it. */
  async sync(): Promise<void> {
    await this.#request('sync', OpCode.sync, (writer) => writeSyncRequest(writer, { path: '/' }));
  }

  /** Ends the session and the connection. */
  async close(): Promise<void> {
    await this.#request('close', OpCode.closeSession, () => {}).catch(() => {});
    this.#socket.destroy();
  }

  #request(what: string, opCode: number, write: (writer: JuteWriter) => void): Promise<JuteReader> {
    const xid = this.#nextXid;
    this.#nextXid += 1;
    return this.#send(what, xid, (writer) => {
      writeRequestHeader(writer, xid, opCode);
      write(writer);
    });
  }

  #send(what: string, xid: number, write: (writer: JuteWriter) => void): Promise<JuteReader> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    this.#writer.reset();
    const start = this.#writer.beginFrame();
    write(this.#writer);
    this.#writer.endFrame(start);
    this.#socket.write(this.#writer.copy());
    return new Promise((resolve, reject) => {
      this.#pending.push({ what, xid, resolve, reject });
    });
  }

  #onData(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + this.#received.readInt32BE(0);
      if (this.#received.length < end) return;
      this.#onFrame(this.#received.subarray(LENGTH_BYTES, end));
      this.#received = this.#received.subarray(end);
    }
  }

  #onFrame(frame: Buffer): void {
    const reader = new JuteReader(frame);
    const pending = this.#pending[0];
    if (pending?.xid === CONNECT_XID) {
      this.#pending.shift();
      pending.resolve(reader);
      return;
    }
    const header = readReplyHeader(reader);
    if (header.xid === SpecialXid.event) return;
    this.#pending.shift();
    if (pending === undefined) throw new Error(`an answer to nothing: xid ${header.xid}`);
    if (pending.xid !== header.xid) {
      pending.reject(new Error(`${pending.what}: xid ${pending.xid} answered by ${header.xid}`));
    } else if (header.error !== ErrorCode.ok) {
      pending.reject(new ServerError(pending.what, header.error));
    } else pending.resolve(reader);
  }

  #onClose(address: string): void {
    const lost = new ConnectionLost(`connection to ${address} lost`);
    this.#lost = lost;
    this.#pending.splice(0).forEach((pending) => pending.reject(lost));
  }
}
