import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { OpCode } from '@bellwether/protocol';
import { CONNECT, requestName } from './messages.ts';
import type { Answer } from './capture.ts';

/** A client that asks for it has its connection cut. */
const DROP = '/drop-the-connection';
const EVENT_XID = -1;
const NO_EVENTS: readonly Buffer[] = [];

export interface Recorded {
  readonly connection: number;
  readonly operation: string;
  readonly request: Buffer;
  answer: Answer | undefined;
}

/** Stands between a client and a server, and keeps all that they say. */
export class RecordingProxy {
  readonly recorded: Recorded[] = [];
  readonly #server: Server;
  readonly #targetPort: number;
  #connections = 0;

  constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer((socket) => this.#onClient(socket));
  }

  /** Returns the port. */
  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
  }

  #onClient(client: Socket): void {
    const connection = ++this.#connections;
    const server = connect({ port: this.#targetPort, host: '127.0.0.1', noDelay: true });
    const pending: Recorded[] = [];
    const cut = (): void => {
      client.destroy();
      server.destroy();
    };
    let isFirst = true;
    onFrames(client, (frame) => {
      const operation = isFirst ? CONNECT : requestName(frame);
      if (frame.includes(DROP)) return cut();
      isFirst = false;
      const one: Recorded = { connection, operation, request: frame, answer: undefined };
      this.recorded.push(one);
      pending.push(one);
      server.write(framed(frame));
    });
    let events: Buffer[] = [];
    onFrames(server, (frame) => {
      const isEvent = pending[0]?.operation !== CONNECT && frame.readInt32BE(0) === EVENT_XID;
      if (isEvent) events.push(frame);
      else {
        answer(pending, frame, events);
        events = [];
      }
      client.write(framed(frame));
    });
    for (const socket of [client, server]) {
      socket.on('error', cut);
      socket.on('close', cut);
    }
  }
}

/** Pings and auth are answered before their turn, all else in it. */
function answer(pending: Recorded[], reply: Buffer, events: readonly Buffer[]): void {
  const xid = reply.readInt32BE(0);
  const at = pending.findIndex(
    ({ operation, request }) => operation === CONNECT || request.readInt32BE(0) === xid,
  );
  const [found] = pending.splice(at, at === -1 ? 0 : 1);
  if (found === undefined) throw new Error(`a reply to nothing: ${reply.toString('hex')}`);
  found.answer = { events: events.length === 0 ? NO_EVENTS : events, reply };
}

function onFrames(socket: Socket, onFrame: (frame: Buffer) => void): void {
  let bytes = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 4) {
      const end = 4 + bytes.readInt32BE();
      if (bytes.length < end) return;
      onFrame(Buffer.from(bytes.subarray(4, end)));
      bytes = bytes.subarray(end);
    }
  });
}

function framed(content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(content.length);
  return Buffer.concat([length, content]);
}

/** Everything that was answered, and of the pings none, or one that stands before the end of its connection. */
export function tidied(recorded: readonly Recorded[], pings: 'onePing' | 'noPing'): Recorded[] {
  const answered = recorded.filter(({ answer }) => answer !== undefined);
  const rest = answered.filter((each) => !isPing(each));
  if (pings === 'noPing') return rest;
  const ping = answered.find(isPing);
  if (ping === undefined) throw new Error('the client has never pinged');
  const last = rest.findLastIndex(({ connection }) => connection === ping.connection);
  return [...rest.slice(0, last), ping, ...rest.slice(last)];
}

function isPing({ operation, request }: Recorded): boolean {
  return operation !== CONNECT && request.readInt32BE(4) === OpCode.ping;
}
