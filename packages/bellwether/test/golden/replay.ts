import { connect, type Socket } from 'node:net';
import { JuteReader, readConnectResponse, SpecialXid } from '@bellwether/protocol';
import type { Answer, Exchange } from './capture.ts';
import { CONNECT } from './messages.ts';

/** Where a connect request has the session's id, and its password behind a length. */
const SESSION_ID_AT = 16;
const PASSWORD_AT = 28;
/** Where a connect request and a setWatches have the newest zxid that the client has seen. */
const CONNECT_ZXID_AT = 4;
const WATCHES_ZXID_AT = 8;
const REPLY_ZXID_AT = 4;

/** Sends recorded requests to a server, with its own session ids and zxids in them. */
export class Replay {
  readonly #port: number;
  #connection = 0;
  #socket: Socket | undefined;
  #bytes = Buffer.alloc(0);
  #zxid = 0n;
  #sessionId = 0n;
  #password = Buffer.alloc(0);
  #events: Buffer[] = [];
  #onReply: (reply: Buffer) => void = () => undefined;
  #onClosed: () => void = () => undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** Rejects when the server closes instead of answering. */
  ask({ connection, operation, request }: Exchange): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#onClosed = () => reject(new Error(`closed at ${operation}`));
      this.#onReply = (reply) => {
        const events = this.#events;
        this.#events = [];
        if (operation === CONNECT) this.#onGreeted(reply);
        else this.#see(reply);
        resolve({ events, reply });
      };
      if (connection !== this.#connection) this.#reconnect(connection);
      this.#send(this.#adapted(operation, request));
    });
  }

  end(): void {
    this.#onClosed = () => undefined;
    this.#socket?.destroy();
  }

  #reconnect(connection: number): void {
    this.#socket?.removeAllListeners('close').destroy();
    this.#connection = connection;
    this.#bytes = Buffer.alloc(0);
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    this.#socket = socket;
    socket.on('data', (chunk) => this.#onData(chunk, socket));
    socket.on('close', () => this.#onClosed());
    socket.on('error', () => undefined);
  }

  #adapted(operation: string, request: Buffer): Buffer {
    const adapted = Buffer.from(request);
    if (operation === CONNECT && request.readBigInt64BE(SESSION_ID_AT) !== 0n) {
      adapted.writeBigInt64BE(this.#zxid, CONNECT_ZXID_AT);
      adapted.writeBigInt64BE(this.#sessionId, SESSION_ID_AT);
      this.#password.copy(adapted, PASSWORD_AT);
    }
    if (operation.startsWith('setWatches')) adapted.writeBigInt64BE(this.#zxid, WATCHES_ZXID_AT);
    return adapted;
  }

  #onGreeted(reply: Buffer): void {
    const { sessionId, passwd } = readConnectResponse(new JuteReader(reply));
    this.#sessionId = BigInt(sessionId);
    this.#password = Buffer.from(passwd ?? []);
  }

  #see(reply: Buffer): void {
    const zxid = reply.readBigInt64BE(REPLY_ZXID_AT);
    if (zxid > this.#zxid) this.#zxid = zxid;
  }

  #send(frame: Buffer): void {
    const length = Buffer.alloc(4);
    length.writeInt32BE(frame.length);
    this.#socket?.write(Buffer.concat([length, frame]));
  }

  #onData(chunk: Buffer, socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    while (this.#bytes.length >= 4) {
      const end = 4 + this.#bytes.readInt32BE();
      if (this.#bytes.length < end) return;
      const frame = Buffer.from(this.#bytes.subarray(4, end));
      this.#bytes = this.#bytes.subarray(end);
      if (frame.readInt32BE(0) === SpecialXid.event) this.#events.push(frame);
      else this.#onReply(frame);
    }
  }
}
