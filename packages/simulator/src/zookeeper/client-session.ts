import type { NodeId } from '@bellwether/raft';
import {
  JuteReader,
  JuteWriter,
  OpCode,
  PASSWORD_BYTES,
  readConnectResponse,
  readReplyHeader,
  readWatcherEvent,
  SpecialXid,
  writeConnectRequest,
  writeRequestHeader,
  writeSetWatchesRequest,
  type ReplyHeader,
  type WatcherEvent,
} from '@bellwether/protocol';
import { assert } from '../assert.ts';
import { Violation } from '../invariants/violation.ts';
import type { RandomSource } from '../random.ts';
import type { World } from '../world.ts';
import type { ClientConnection } from './client-connection.ts';
import type { ClientNetwork } from './client-network.ts';
import { splitFrames } from './frames.ts';

const NO_PASSWORD = new Uint8Array(PASSWORD_BYTES);
/** Between two attempts to connect. */
const RETRY_MS_MAX = 60;
/** What a client does not wait for longer. */
const CONNECT_MS_MAX = 400;

/** One thing that a client asks for. */
export interface Request {
  readonly opCode: number;
  write(writer: JuteWriter): void;
  /** `reader` stands behind the header; there is nothing more when the header has an error. */
  onReply(header: ReplyHeader, reader: JuteReader): void;
  /** The connection was lost first: nobody knows what became of it. */
  onLost(): void;
}

/** What a session tells the one who uses it. */
export interface SessionEvents {
  onOpened(sessionId: number, what: 'opened' | 'resumed'): void;
  onEvent(event: WatcherEvent): void;
  /** The session is over; a new one follows. */
  onExpired(sessionId: number): void;
  /** To be set again on a new connection. */
  watches(): { data: readonly string[]; exist: readonly string[]; children: readonly string[] };
}

export interface SessionPlace {
  readonly world: World;
  readonly network: ClientNetwork;
  readonly random: RandomSource;
  readonly client: number;
  readonly timeoutMs: number;
}

/** A ZooKeeper client as the real ones behave: one session, over one connection after the other. */
export class ClientSession {
  readonly #place: SessionPlace;
  readonly #events: SessionEvents;
  readonly #pending: { readonly xid: number; readonly request: Request }[] = [];
  #connection: ClientConnection | undefined;
  #isOpen = false;
  #isStopped = false;
  /** Rises with every attempt: what belongs to an older one is not heard any more. */
  #attempt = 0;
  #node: NodeId = 0;
  #sessionId = 0;
  #password = NO_PASSWORD;
  #timeoutMs: number;
  #zxidSeen = 0;
  #xid = 0;
  #heardMs = 0;
  #sentMs = 0;

  constructor(place: SessionPlace, events: SessionEvents) {
    this.#place = place;
    this.#events = events;
    this.#timeoutMs = place.timeoutMs;
  }

  /** Requests are taken. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  get sessionId(): number {
    return this.#sessionId;
  }

  get pending(): number {
    return this.#pending.length;
  }

  get nodeId(): NodeId {
    return this.#node;
  }

  start(): void {
    this.#dial();
    this.#keepAlive();
  }

  /** The client's program is gone, without a word; the kernel may still close its connection. */
  abandon(how: 'closed' | 'silent'): void {
    this.#isStopped = true;
    this.#attempt += 1;
    this.#isOpen = false;
    if (how === 'closed') this.#connection?.close();
    this.#connection = undefined;
    this.#dropPending();
  }

  /** The connection breaks; the client makes another one. */
  loseConnection(): void {
    this.#connection?.lose();
  }

  /** To be called while it is open; at once, in the order of the calls. */
  submit(request: Request): void {
    assert(this.#isOpen, 'requests are submitted to an open session');
    this.#xid += 1;
    this.#pending.push({ xid: this.#xid, request });
    this.#send(this.#xid, request.opCode, (writer) => request.write(writer));
  }

  /** The session was closed at the client's own wish: the next one is new. */
  forget(): void {
    this.#sessionId = 0;
    this.#password = NO_PASSWORD;
    this.#connection?.close();
    this.#onLost();
  }

  // --- connecting ---

  #dial(): void {
    if (this.#isStopped) return;
    const { world, network, random, client } = this.#place;
    const attempt = ++this.#attempt;
    this.#node = random.pick(network.nodeIds);
    const isCurrent = (): boolean => attempt === this.#attempt;
    network.dial(client, this.#node, {
      up: (connection) => {
        if (isCurrent()) this.#greet(connection);
        else connection.close();
      },
      refused: () => {
        if (isCurrent()) this.#redial();
      },
    });
    world.after(CONNECT_MS_MAX, () => {
      if (isCurrent() && !this.#isOpen) this.#giveUp();
    });
  }

  #redial(): void {
    this.#attempt += 1;
    const attempt = this.#attempt;
    this.#place.world.after(this.#place.random.range(0, RETRY_MS_MAX), () => {
      if (attempt === this.#attempt) this.#dial();
    });
  }

  #greet(connection: ClientConnection): void {
    this.#connection = connection;
    this.#heardMs = this.#place.world.nowMs;
    const frames = splitFrames((frame) => {
      if (this.#connection === connection) this.#onFrame(frame);
    });
    connection.onData = (bytes) => {
      if (this.#connection !== connection) return;
      this.#heardMs = this.#place.world.nowMs;
      frames(bytes);
    };
    connection.onLost = () => {
      if (this.#connection === connection) this.#onLost();
    };
    this.#sendFrame((writer) =>
      writeConnectRequest(writer, {
        protocolVersion: 0,
        lastZxidSeen: this.#zxidSeen,
        timeoutMs: this.#place.timeoutMs,
        sessionId: this.#sessionId,
        passwd: this.#password,
        readOnly: false,
      }),
    );
  }

  #onConnected(reader: JuteReader): void {
    const { sessionId, timeoutMs, passwd } = readConnectResponse(reader);
    const before = this.#sessionId;
    if (sessionId === 0) {
      this.#sessionId = 0;
      this.#password = NO_PASSWORD;
      this.#events.onExpired(before);
      return this.#giveUp();
    }
    if (before !== 0 && sessionId !== before) {
      throw new Violation('clientOrder', `session ${before} came back as ${sessionId}`);
    }
    this.#sessionId = sessionId;
    this.#password = Uint8Array.from(passwd ?? NO_PASSWORD);
    this.#timeoutMs = timeoutMs;
    this.#isOpen = true;
    this.#events.onOpened(sessionId, before === 0 ? 'opened' : 'resumed');
    this.#setWatches();
  }

  #setWatches(): void {
    const { data, exist, children } = this.#events.watches();
    if (data.length + exist.length + children.length === 0) return;
    this.#send(SpecialXid.setWatches, OpCode.setWatches, (writer) =>
      writeSetWatchesRequest(writer, {
        relativeZxid: this.#zxidSeen,
        dataWatches: data,
        existWatches: exist,
        childWatches: children,
      }),
    );
  }

  // --- frames ---

  #onFrame(frame: Uint8Array): void {
    const reader = new JuteReader(frame);
    if (!this.#isOpen) return this.#onConnected(reader);
    const header = readReplyHeader(reader);
    switch (header.xid) {
      case SpecialXid.event:
        return this.#events.onEvent(readWatcherEvent(reader));
      case SpecialXid.ping:
      case SpecialXid.setWatches:
        return;
      default:
        return this.#onReply(header, reader);
    }
  }

  #onReply(header: ReplyHeader, reader: JuteReader): void {
    const next = this.#pending.shift();
    if (next?.xid !== header.xid) {
      const { client } = this.#place;
      const what = `client ${client} is answered ${header.xid} while ${next?.xid} is next`;
      throw new Violation('clientOrder', what);
    }
    if (header.zxid > this.#zxidSeen) this.#zxidSeen = header.zxid;
    next.request.onReply(header, reader);
  }

  #send(xid: number, opCode: number, write: (writer: JuteWriter) => void): void {
    this.#sendFrame((writer) => {
      writeRequestHeader(writer, xid, opCode);
      write(writer);
    });
  }

  #sendFrame(write: (writer: JuteWriter) => void): void {
    const writer = new JuteWriter();
    const frame = writer.beginFrame();
    write(writer);
    writer.endFrame(frame);
    this.#sentMs = this.#place.world.nowMs;
    this.#connection?.send(writer.view());
  }

  // --- the connection's end ---

  /** Pings an idle server, and leaves one that is silent. */
  #keepAlive(): void {
    const { world } = this.#place;
    world.after(this.#timeoutMs / 6, () => {
      if (this.#isStopped) return;
      if (this.#isOpen) {
        if (world.nowMs - this.#heardMs > (this.#timeoutMs * 2) / 3) this.#giveUp();
        else if (world.nowMs - this.#sentMs > this.#timeoutMs / 3) this.#ping();
      }
      this.#keepAlive();
    });
  }

  #ping(): void {
    this.#send(SpecialXid.ping, OpCode.ping, () => undefined);
  }

  #giveUp(): void {
    this.#connection?.close();
    this.#onLost();
  }

  #onLost(): void {
    this.#connection = undefined;
    this.#isOpen = false;
    this.#dropPending();
    this.#redial();
  }

  #dropPending(): void {
    for (const { request } of this.#pending.splice(0)) request.onLost();
  }
}
