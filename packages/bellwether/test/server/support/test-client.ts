import { connect, type Socket } from 'node:net';
import {
  JuteReader,
  JuteWriter,
  OPEN_ACL,
  OpCode,
  SpecialXid,
  readConnectResponse,
  readReplyHeader,
  readStat,
  readWatcherEvent,
  writeAuthRequest,
  writeConnectRequest,
  writeCreateRequest,
  writeDeleteRequest,
  writeGetDataRequest,
  writeRequestHeader,
  writeSetDataRequest,
  writeSetWatchesRequest,
  writeSyncRequest,
  type Acl,
  type ConnectRequest,
  type ConnectResponse,
  type SetWatchesRequest,
  type Stat,
  type WatcherEvent,
} from '@bellwether/protocol';

export const NO_PASSWORD = new Uint8Array(16);

export interface Reply {
  readonly xid: number;
  readonly zxid: number;
  readonly error: number;
  readonly body: Buffer;
}

type Waiter<T> = { resolve(value: T): void; reject(error: Error): void };

/** Speaks the protocol frame by frame; everything that arrives is kept in the order of arrival. */
export class TestClient {
  readonly socket: Socket;
  /** Replies and events, in the order in which they arrived. */
  readonly arrived: (Reply | WatcherEvent)[] = [];
  readonly closed: Promise<void>;
  #isClosed = false;
  #xid = 0;
  #bytes = Buffer.alloc(0);
  #connectWaiter: Waiter<ConnectResponse & { readonly frameBytes: number }> | undefined;
  readonly #replyWaiters: { readonly xid: number; readonly waiter: Waiter<Reply> }[] = [];
  readonly #eventWaiters: { count: number; waiter: Waiter<void> }[] = [];

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (chunk) => this.#onData(chunk));
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.on('close', () => {
        this.#isClosed = true;
        const error = new Error('the server closed the connection');
        this.#connectWaiter?.reject(error);
        for (const { waiter } of this.#replyWaiters.splice(0)) waiter.reject(error);
        resolve();
      });
    });
  }

  /** Connected, with a new session. */
  static async open(port: number, request: Partial<ConnectRequest> = {}): Promise<TestClient> {
    const client = new TestClient(port);
    await client.connect(request);
    return client;
  }

  sessionId = 0;
  password: Uint8Array = NO_PASSWORD;

  async connect(
    request: Partial<ConnectRequest> = {},
  ): Promise<ConnectResponse & { readonly frameBytes: number }> {
    const response = new Promise<ConnectResponse & { readonly frameBytes: number }>(
      (resolve, reject) => {
        this.#connectWaiter = { resolve, reject };
      },
    );
    this.sendFrame((writer) =>
      writeConnectRequest(writer, {
        protocolVersion: 0,
        lastZxidSeen: 0,
        timeoutMs: 10_000,
        sessionId: 0,
        passwd: NO_PASSWORD,
        readOnly: false,
        ...request,
      }),
    );
    const result = await response;
    this.sessionId = result.sessionId;
    this.password = Uint8Array.from(result.passwd ?? []);
    return result;
  }

  /** A reply of any kind, sent without waiting for those before it. */
  send(opCode: number, body: (writer: JuteWriter) => void, xid = ++this.#xid): Promise<Reply> {
    const reply = new Promise<Reply>((resolve, reject) => {
      if (this.#isClosed) reject(new Error('the connection is closed'));
      this.#replyWaiters.push({ xid, waiter: { resolve, reject } });
    });
    reply.catch(() => undefined);
    this.sendFrame((writer) => {
      writeRequestHeader(writer, xid, opCode);
      body(writer);
    });
    return reply;
  }

  create(path: string, data = '', flags = 0, acls: readonly Acl[] = OPEN_ACL): Promise<Reply> {
    return this.send(OpCode.create, (writer) =>
      writeCreateRequest(writer, { path, data: Buffer.from(data), acls, flags }),
    );
  }

  setData(path: string, data: string, version = -1): Promise<Reply> {
    return this.send(OpCode.setData, (writer) =>
      writeSetDataRequest(writer, { path, data: Buffer.from(data), version }),
    );
  }

  getData(path: string, watch = false): Promise<Reply> {
    return this.send(OpCode.getData, (writer) => writeGetDataRequest(writer, { path, watch }));
  }

  exists(path: string, watch = false): Promise<Reply> {
    return this.send(OpCode.exists, (writer) => writeGetDataRequest(writer, { path, watch }));
  }

  getChildren(path: string, watch = false): Promise<Reply> {
    return this.send(OpCode.getChildren, (writer) => writeGetDataRequest(writer, { path, watch }));
  }

  delete(path: string, version = -1): Promise<Reply> {
    return this.send(OpCode.delete, (writer) => writeDeleteRequest(writer, { path, version }));
  }

  sync(path: string): Promise<Reply> {
    return this.send(OpCode.sync, (writer) => writeSyncRequest(writer, { path }));
  }

  ping(): Promise<Reply> {
    return this.send(OpCode.ping, () => undefined, SpecialXid.ping);
  }

  auth(scheme: string, auth: string): Promise<Reply> {
    return this.send(
      OpCode.auth,
      (writer) => writeAuthRequest(writer, { type: 0, scheme, auth: Buffer.from(auth) }),
      SpecialXid.auth,
    );
  }

  setWatches(request: SetWatchesRequest): Promise<Reply> {
    return this.send(
      OpCode.setWatches,
      (writer) => writeSetWatchesRequest(writer, request),
      SpecialXid.setWatches,
    );
  }

  closeSession(): Promise<Reply> {
    return this.send(OpCode.closeSession, () => undefined);
  }

  sendFrame(body: (writer: JuteWriter) => void): void {
    const writer = new JuteWriter();
    const frame = writer.beginFrame();
    body(writer);
    writer.endFrame(frame);
    this.socket.write(writer.copy());
  }

  get events(): WatcherEvent[] {
    return this.arrived.filter((item): item is WatcherEvent => 'state' in item);
  }

  /** Resolves when `count` events have arrived in all. */
  eventsArrived(count: number): Promise<void> {
    if (this.events.length >= count) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#eventWaiters.push({ count, waiter: { resolve, reject } });
    });
  }

  /** Breaks the connection without closing the session. */
  async drop(): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }

  #onData(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    while (this.#bytes.length >= 4) {
      const end = 4 + this.#bytes.readInt32BE();
      if (this.#bytes.length < end) return;
      this.#onFrame(this.#bytes.subarray(4, end));
      this.#bytes = this.#bytes.subarray(end);
    }
  }

  #onFrame(frame: Buffer): void {
    const reader = new JuteReader(frame);
    if (this.#connectWaiter !== undefined) {
      const waiter = this.#connectWaiter;
      this.#connectWaiter = undefined;
      waiter.resolve({ ...readConnectResponse(reader), frameBytes: frame.length });
      return;
    }
    const header = readReplyHeader(reader);
    if (header.xid === SpecialXid.event) return this.#onEvent(readWatcherEvent(reader));
    const reply = { ...header, body: Buffer.from(frame.subarray(reader.offset)) };
    this.arrived.push(reply);
    this.#settle(reply);
  }

  /** Replies answer requests in their order; only a ping's may come before its turn. */
  #settle(reply: Reply): void {
    const waiters = this.#replyWaiters;
    const isPing = reply.xid === SpecialXid.ping;
    const at = waiters.findIndex(({ xid }) => (xid === SpecialXid.ping) === isPing);
    const found = waiters.splice(at, 1)[0];
    if (found === undefined) return;
    if (found.xid === reply.xid) found.waiter.resolve(reply);
    else found.waiter.reject(new Error(`reply ${reply.xid} instead of ${found.xid}`));
  }

  #onEvent(event: WatcherEvent): void {
    this.arrived.push(event);
    const count = this.events.length;
    for (const { count: wanted, waiter } of this.#eventWaiters) {
      if (count >= wanted) waiter.resolve();
    }
  }
}

/** Data and Stat of a getData reply. */
export function dataOf(reply: Reply): { readonly data: string; readonly stat: Stat } {
  const reader = new JuteReader(reply.body);
  const data = Buffer.from(reader.readBuffer() ?? []).toString();
  return { data, stat: readStat(reader) };
}

/** The path in a create reply. */
export function pathOf(reply: Reply): string {
  return new JuteReader(reply.body).readPresentString();
}

/** Sends raw bytes and collects all that comes back until the server closes. */
export function exchange(port: number, bytes: Buffer | string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
    socket.write(bytes);
  });
}
