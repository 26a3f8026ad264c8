import { connect, type Socket } from 'node:net';
import { JuteReader, readConnectResponse, SpecialXid } from '@bellwether/protocol';
import { answeredAnew } from '../server/support/digest-md5-client.ts';
import type { Answer, Exchange } from './capture.ts';
import { CONNECT } from './messages.ts';
import { SASL_USER } from './scenarios.ts';

/** Where a connect request has the session's id, and its password behind a length. */
const SESSION_ID_AT = 16;
const PASSWORD_AT = 28;
/** Where a connect request and a setWatches have the newest zxid that the client has seen. */
const CONNECT_ZXID_AT = 4;
const WATCHES_ZXID_AT = 8;
const REPLY_ZXID_AT = 4;
/** Where a reply to a connect request has the session's id. */
const GREETED_ID_AT = 8;
const REPLY_ERROR_AT = 12;
const REQUEST_BODY_AT = 8;
const REPLY_BODY_AT = 16;
const LENGTH_BYTES = 4;

interface Session {
  readonly id: bigint;
  readonly password: Buffer;
}

/** Sends recorded requests to a server, with its own session ids and zxids in them. */
export class Replay {
  readonly #port: number;
  #connection = 0;
  #socket: Socket | undefined;
  #bytes = Buffer.alloc(0);
  #zxid = 0n;
  /** By the ids that the recorded sessions had. */
  readonly #sessions = new Map<bigint, Session>();
  #challenge = '';
  #events: Buffer[] = [];
  #onReply: (reply: Buffer) => void = () => undefined;
  #onClosed: () => void = () => undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** Rejects when the server closes instead of answering. */
  ask(exchange: Exchange): Promise<Answer> {
    const { connection, operation, answers } = exchange;
    return new Promise((resolve, reject) => {
      this.#onClosed = () => reject(new Error(`closed at ${operation}`));
      this.#onReply = (reply) => {
        const events = this.#events;
        this.#events = [];
        if (operation === CONNECT) this.#onGreeted(answers.zookeeper.reply, reply);
        else this.#see(reply);
        if (operation === 'sasl') this.#challenge = textAt(reply, REPLY_BODY_AT);
        resolve({ events, reply });
      };
      if (connection !== this.#connection) this.#reconnect(connection);
      this.#send(this.#adapted(exchange));
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

  #adapted({ operation, request, answers }: Exchange): Buffer {
    if (operation === CONNECT) return this.#adaptedConnect(request);
    const wasRefused = answers.zookeeper.reply.readInt32BE(REPLY_ERROR_AT) !== 0;
    const password = wasRefused ? 'wrong' : SASL_USER.password;
    if (operation === 'sasl') return this.#adaptedSasl(request, password);
    const adapted = Buffer.from(request);
    if (operation.startsWith('setWatches')) adapted.writeBigInt64BE(this.#zxid, WATCHES_ZXID_AT);
    return adapted;
  }

  /** A session that was never opened stays unknown. */
  #adaptedConnect(request: Buffer): Buffer {
    const session = this.#sessions.get(request.readBigInt64BE(SESSION_ID_AT));
    const adapted = Buffer.from(request);
    if (session === undefined) return adapted;
    adapted.writeBigInt64BE(this.#zxid, CONNECT_ZXID_AT);
    adapted.writeBigInt64BE(session.id, SESSION_ID_AT);
    session.password.copy(adapted, PASSWORD_AT);
    return adapted;
  }

  #adaptedSasl(request: Buffer, password: string): Buffer {
    const answer = textAt(request, REQUEST_BODY_AT);
    if (answer === '') return request;
    const token = Buffer.from(answeredAnew(answer, this.#challenge, password));
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeInt32BE(token.length);
    return Buffer.concat([request.subarray(0, REQUEST_BODY_AT), length, token]);
  }

  #onGreeted(recorded: Buffer, reply: Buffer): void {
    const { sessionId, passwd } = readConnectResponse(new JuteReader(reply));
    const recordedId = recorded.readBigInt64BE(GREETED_ID_AT);
    this.#sessions.set(recordedId, { id: BigInt(sessionId), password: Buffer.from(passwd ?? []) });
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

/** What stands behind a length. */
function textAt(frame: Buffer, at: number): string {
  return frame.toString('utf8', at + LENGTH_BYTES);
}
