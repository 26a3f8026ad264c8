import { connect, type Socket } from 'node:net';
import { ANSWER_TIMEOUT_MS, SESSION_TIMEOUT_MS } from '../limits.ts';
import {
  encodeCloseSession,
  encodeConnect,
  encodeCreate,
  encodeGetData,
  encodeSetData,
  encodeSync,
  ERROR_CODE,
  writeRequest,
} from '../wire.ts';
import type { Content, Register } from './register.ts';

const LENGTH_BYTES = 4;
/** Of a reply without its length: xid, zxid, error. */
const HEADER_BYTES = 16;
const ERROR_OFFSET = 12;
/** In a Stat, behind czxid, mzxid, ctime and mtime. */
const VERSION_OFFSET = 32;

interface Waiting {
  readonly resolve: (reply: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/** A znode, in a session of its own on one server, with one request in flight at a time. */
export class ZookeeperRegister implements Register {
  readonly #host: string;
  readonly #path: string;
  #socket: Socket | undefined;
  #waiting: Waiting | undefined;
  #received = Buffer.alloc(0);
  #xid = 0;

  /** @param host host:port */
  constructor(host: string, name: string) {
    this.#host = host;
    this.#path = `/${name}`;
  }

  async open(): Promise<void> {
    const colon = this.#host.lastIndexOf(':');
    const socket = connect({
      host: this.#host.slice(0, colon),
      port: Number(this.#host.slice(colon + 1)),
      noDelay: true,
    });
    this.#socket = socket;
    this.#received = Buffer.alloc(0);
    socket.on('data', (chunk) => this.#onData(chunk));
    socket.on('error', () => {});
    socket.on('close', () => this.#onClose(socket));
    await this.#send(encodeConnect(SESSION_TIMEOUT_MS));
    const reply = await this.#request(encodeCreate(this.#path, Buffer.alloc(0)));
    expectError(reply, 'create', ERROR_CODE.ok, ERROR_CODE.nodeExists);
  }

  async write(value: string): Promise<number> {
    const reply = await this.#request(encodeSetData(this.#path, Buffer.from(value)));
    expectError(reply, 'set', ERROR_CODE.ok);
    return reply.readInt32BE(HEADER_BYTES + VERSION_OFFSET);
  }

  async read(): Promise<Content> {
    expectError(await this.#request(encodeSync(this.#path)), 'sync', ERROR_CODE.ok);
    const reply = await this.#request(encodeGetData(this.#path));
    expectError(reply, 'get', ERROR_CODE.ok);
    const end = HEADER_BYTES + LENGTH_BYTES + Math.max(0, reply.readInt32BE(HEADER_BYTES));
    const value = reply.toString('utf8', HEADER_BYTES + LENGTH_BYTES, end);
    return { version: reply.readInt32BE(end + VERSION_OFFSET), value };
  }

  close(): void {
    this.#socket?.end(encodeCloseSession());
  }

  async #request(frame: Buffer): Promise<Buffer> {
    this.#xid += 1;
    const copy = Buffer.from(frame);
    writeRequest(copy, 0, frame, this.#xid);
    return this.#send(copy);
  }

  #send(bytes: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const socket = this.#socket;
      if (socket === undefined || socket.destroyed) return reject(new Error('not connected'));
      const timer = setTimeout(() => socket.destroy(), ANSWER_TIMEOUT_MS);
      const settle = (): void => {
        clearTimeout(timer);
        this.#waiting = undefined;
      };
      this.#waiting = {
        resolve: (reply) => (settle(), resolve(reply)),
        reject: (error) => (settle(), reject(error)),
      };
      socket.write(bytes);
    });
  }

  #onData(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + this.#received.readInt32BE(0);
      if (this.#received.length < end) return;
      const reply = this.#received.subarray(LENGTH_BYTES, end);
      this.#received = this.#received.subarray(end);
      this.#waiting?.resolve(reply);
    }
  }

  #onClose(socket: Socket): void {
    if (this.#socket !== socket) return;
    this.#waiting?.reject(new Error(`${this.#host} closed the connection`));
  }
}

function expectError(reply: Buffer, what: string, ...allowed: readonly number[]): void {
  const error = reply.readInt32BE(ERROR_OFFSET);
  if (!allowed.includes(error)) throw new Error(`${what} failed with error ${error}`);
}
