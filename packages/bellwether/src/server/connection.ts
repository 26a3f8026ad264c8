import type { Socket } from 'node:net';
import type { Watcher } from '@bellwether/coordination';
import {
  ErrorCode,
  KeeperState,
  SpecialXid,
  writeReplyHeader,
  writeWatcherEvent,
  type ConnectRequest,
  type Identity,
  type JuteWriter,
  type WatchEventType,
} from '@bellwether/protocol';
import { Credentials } from './credentials.ts';
import { FrameReader, type FrameSink } from './frame-reader.ts';
import { SERVER_LIMITS } from './limits.ts';
import type { OutputBuffers } from './output-buffers.ts';
import type { ServerStats } from './server-stats.ts';
import { WaitingQueue } from './waiting-request.ts';

/**
 * greeting: nothing has come yet. handshake: its session is being made. open: requests are served.
 * ending: nothing more is read, what was answered still goes out. closed: gone.
 */
export type ConnectionState = 'greeting' | 'handshake' | 'open' | 'ending' | 'closed';

/** Why frames are left in the reader, as bits: it goes on when there is none left. */
export const Hold = {
  /** The handshake has to be answered first. */
  handshake: 1,
  /** The client does not take its replies. */
  output: 2,
  /** Too many of its requests wait. */
  outstanding: 4,
  /** Too much is proposed and not applied, by all clients together. */
  proposals: 8,
  /** Nothing will ever be read again. */
  ending: 16,
} as const;

/** What a connection tells its server. */
export interface ConnectionEvents {
  /** A chunk begins; what is measured or collected per turn starts here. */
  onTurnBegin(connection: Connection): void;
  onFrame(connection: Connection, bytes: Buffer, start: number, end: number): void;
  onBadLength(connection: Connection, length: number): void;
  /** All frames of the chunk that could be taken have been: the time to flush. */
  onTurnEnd(connection: Connection): void;
  /** The client takes its replies again. */
  onDrained(connection: Connection): void;
  /** Its unsent replies are beyond the limit; the connection is being cut. */
  onOverflow(connection: Connection): void;
  /** Nothing more is read or answered; comes once, and before `onClosed`. */
  onEnding(connection: Connection): void;
  onClosed(connection: Connection): void;
}

/** One client's socket: frames in, replies out, and the requests that wait in between. */
export class Connection implements FrameSink, Watcher {
  readonly socket: Socket;
  /** `address:port` of the client. */
  readonly remote: string;
  readonly remoteAddress: string;
  /** Since when it has had no session, or is ending; monotonic. */
  transientSinceMs: number;
  readonly credentials: Credentials;
  readonly waiting = new WaitingQueue();
  state: ConnectionState = 'greeting';
  /** 0 until the session is made. */
  sessionId = 0;
  received = 0;
  sent = 0;
  /** What the client asked for when it connected; undefined once that is answered. */
  greeting: ConnectRequest | undefined;
  readonly #events: ConnectionEvents;
  readonly #buffers: OutputBuffers;
  readonly #stats: ServerStats;
  readonly #reader: FrameReader;
  #output: JuteWriter | undefined;
  #holds = 0;

  constructor(
    socket: Socket,
    options: {
      readonly events: ConnectionEvents;
      readonly buffers: OutputBuffers;
      readonly stats: ServerStats;
      readonly frameBytesMax: number;
      readonly nowMs: number;
    },
  ) {
    this.socket = socket;
    this.remoteAddress = socket.remoteAddress ?? 'unknown';
    this.remote = `${this.remoteAddress}:${socket.remotePort ?? 0}`;
    this.credentials = new Credentials(this.remoteAddress);
    this.transientSinceMs = options.nowMs;
    this.#events = options.events;
    this.#buffers = options.buffers;
    this.#stats = options.stats;
    this.#reader = new FrameReader(options.frameBytesMax, this);
    socket.on('data', (chunk) => this.#onData(chunk));
    socket.on('drain', () => this.#onDrain());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#onClose());
  }

  get isHolding(): boolean {
    return this.#holds !== 0;
  }

  get isOpen(): boolean {
    return this.state === 'open';
  }

  get identities(): readonly Identity[] {
    return this.credentials.identities;
  }

  /** Replies go here; they are sent at the end of the turn. Not for a connection that is closed. */
  get output(): JuteWriter {
    return (this.#output ??= this.#buffers.take(this));
  }

  /** The client does not take its replies; nothing more is made for it. */
  get isCongested(): boolean {
    return (this.#holds & Hold.output) !== 0;
  }

  /** Stops taking frames for this reason. */
  hold(reason: number): void {
    if (this.#holds === 0) this.socket.pause();
    this.#holds |= reason;
  }

  /** The reason is gone; frames are taken again when it was the last one. */
  release(reason: number): void {
    if ((this.#holds & reason) === 0) return;
    this.#holds &= ~reason;
    if (this.#holds === 0) this.#resume();
  }

  /**
   * A frame of `output` is complete. What has come together is sent early when it is much, so that
   * a client that does not take it is noticed within the turn.
   */
  onReplyWritten(output: JuteWriter): void {
    this.sent++;
    this.#stats.packetsSent++;
    if (output.length > SERVER_LIMITS.outputFlushBytes) this.flush();
  }

  /** Before any later reply that shows the change, since both go through `output`. */
  onWatchEvent(type: WatchEventType, path: string, zxid: number): void {
    if (this.state !== 'open') return;
    const output = this.output;
    const frame = output.beginFrame();
    writeReplyHeader(output, SpecialXid.event, zxid, ErrorCode.ok);
    writeWatcherEvent(output, type, KeeperState.syncConnected, path);
    output.endFrame(frame);
    this.onReplyWritten(output);
  }

  /** Sends what the turn has put into `output`, as one write. */
  flush(): void {
    const output = this.#output;
    if (output === undefined) return;
    this.#output = undefined;
    if (this.socket.writable && output.length > 0) {
      const bytes = Buffer.allocUnsafe(output.length);
      bytes.set(output.view());
      this.socket.write(bytes);
      this.#checkOutput();
    }
    this.#buffers.release(output);
  }

  /** Sends what is there, and a text where given, then closes. Nothing more is read. */
  end(text?: string): void {
    this.flush();
    if (!this.#beginEnding()) return;
    // The rest of what the client sends is thrown away: left unread, it would turn the close into
    // a reset, and the client might never see the last reply.
    this.socket.removeAllListeners('data');
    this.socket.resume();
    if (text === undefined) this.socket.end();
    else this.socket.end(text);
  }

  /** Closes at once; what was not sent is lost. */
  destroy(): void {
    this.#beginEnding();
    this.socket.destroy();
  }

  onFrame(bytes: Buffer, start: number, end: number): void {
    this.received++;
    this.#stats.packetsReceived++;
    this.#events.onFrame(this, bytes, start, end);
  }

  onBadLength(length: number): void {
    this.#events.onBadLength(this, length);
  }

  #onData(chunk: Buffer): void {
    this.#events.onTurnBegin(this);
    this.#reader.feed(chunk);
    this.#events.onTurnEnd(this);
  }

  #resume(): void {
    if (this.state === 'closed') return;
    this.#events.onTurnBegin(this);
    this.#reader.resume();
    this.#events.onTurnEnd(this);
    if (this.#holds === 0) this.socket.resume();
  }

  #checkOutput(): void {
    const bytes = this.socket.writableLength;
    if (bytes <= SERVER_LIMITS.outputPauseBytes) return;
    if (bytes > SERVER_LIMITS.outputBytesMax) {
      this.#events.onOverflow(this);
      this.destroy();
    } else {
      this.hold(Hold.output);
    }
  }

  #onDrain(): void {
    if ((this.#holds & Hold.output) === 0) return;
    this.#holds &= ~Hold.output;
    this.#events.onTurnBegin(this);
    this.#events.onDrained(this);
    this.#events.onTurnEnd(this);
    if (this.#holds === 0) this.#resume();
  }

  #onClose(): void {
    this.#beginEnding();
    this.state = 'closed';
    this.flush();
    this.#events.onClosed(this);
  }

  #beginEnding(): boolean {
    if (this.state === 'ending' || this.state === 'closed') return false;
    this.state = 'ending';
    this.#holds |= Hold.ending;
    this.#events.onEnding(this);
    return true;
  }
}
