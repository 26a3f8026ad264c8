import type { Socket } from 'node:net';
import type { JuteWriter } from '@bellwether/protocol';
import { FrameReader, type FrameSink } from './frame-reader.ts';
import { SERVER_LIMITS } from './limits.ts';
import type { OutputBuffers } from './output-buffers.ts';
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
  onClosed(connection: Connection): void;
}

/** One client's socket: frames in, replies out, and the requests that wait in between. */
export class Connection implements FrameSink {
  readonly socket: Socket;
  /** `address:port` of the client. */
  readonly remote: string;
  readonly remoteAddress: string;
  readonly acceptedMs: number;
  readonly waiting = new WaitingQueue();
  state: ConnectionState = 'greeting';
  /** 0 until the session is made. */
  sessionId = 0;
  /** Something came since the leader was last told. */
  isTouched = false;
  received = 0;
  sent = 0;
  readonly #events: ConnectionEvents;
  readonly #buffers: OutputBuffers;
  readonly #reader: FrameReader;
  #output: JuteWriter | undefined;
  #holds = 0;

  constructor(
    socket: Socket,
    options: {
      readonly events: ConnectionEvents;
      readonly buffers: OutputBuffers;
      readonly frameBytesMax: number;
      readonly nowMs: number;
    },
  ) {
    this.socket = socket;
    this.remoteAddress = socket.remoteAddress ?? 'unknown';
    this.remote = `${this.remoteAddress}:${socket.remotePort ?? 0}`;
    this.acceptedMs = options.nowMs;
    this.#events = options.events;
    this.#buffers = options.buffers;
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

  /** Replies go here; they are sent at the end of the turn. Not for a connection that is closed. */
  get output(): JuteWriter {
    return (this.#output ??= this.#buffers.take(this));
  }

  /** Bytes that the client has not taken: this turn's and those in the socket. */
  get outputBytes(): number {
    return (this.#output?.length ?? 0) + this.socket.writableLength;
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

  /** Sends what the turn has put into `output`, as one write. */
  flush(): void {
    const output = this.#output;
    if (output === undefined) return;
    this.#output = undefined;
    if (this.state !== 'closed' && output.length > 0) {
      const bytes = Buffer.allocUnsafe(output.length);
      bytes.set(output.view());
      this.socket.write(bytes);
      this.#checkOutput();
    }
    this.#buffers.release(output);
  }

  /** Sends what is there, and a text where given, then closes. Nothing more is read. */
  end(text?: string): void {
    if (this.state === 'closed' || this.state === 'ending') return;
    this.flush();
    this.state = 'ending';
    this.#holds |= Hold.ending;
    // The rest of what the client sends is thrown away: left unread, it would turn the close into
    // a reset, and the client might never see the last reply.
    this.socket.removeAllListeners('data');
    this.socket.resume();
    if (text === undefined) this.socket.end();
    else this.socket.end(text);
  }

  /** Closes at once; what was not sent is lost. */
  destroy(): void {
    this.#holds |= Hold.ending;
    this.socket.destroy();
  }

  onFrame(bytes: Buffer, start: number, end: number): void {
    this.received++;
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
    this.#events.onDrained(this);
    this.release(Hold.output);
  }

  #onClose(): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.#holds |= Hold.ending;
    this.flush();
    this.#events.onClosed(this);
  }
}
