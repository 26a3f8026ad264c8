import { JuteReader } from '@bellwether/protocol';
import type { HostPort } from '../connect-string.ts';
import type { Runtime, Transport } from '../runtime.ts';
import { FrameReader } from './frame-reader.ts';
import {
  encodeHandshake,
  readHandshake,
  type HandshakeRequest,
  type HandshakeResponse,
} from './handshake.ts';
import { Output } from './output.ts';

/** What a connection tells its session. After `onClosed` comes nothing more. */
export interface ConnectionHandlers {
  onHandshake(response: HandshakeResponse): void;
  /** The reader is at the reply's header, and is used again afterwards. */
  onReply(reader: JuteReader): void;
  /** Something is about to leave. */
  onSent(nowMs: number): void;
  onClosed(reason: Error): void;
}

/** What it takes to dial. */
export interface ConnectionOptions {
  readonly runtime: Runtime;
  readonly target: HostPort;
  readonly handshake: HandshakeRequest;
  readonly replyBytesMax: number;
}

/** One connection to one server: handshake first, then requests and replies. */
export class Connection {
  readonly target: HostPort;
  readonly output: Output;
  /** When this connection was dialled, was open, and last brought bytes. */
  readonly dialledMs: number;
  connectedMs = 0;
  lastHeardMs: number;
  /** When bytes last left. */
  lastSentMs: number;
  readonly #runtime: Runtime;
  readonly #transport: Transport;
  readonly #handlers: ConnectionHandlers;
  readonly #frames: FrameReader;
  readonly #reader = new JuteReader();
  #isGreeted = false;
  #isClosed = false;

  constructor(options: ConnectionOptions, handlers: ConnectionHandlers) {
    const { runtime, target, handshake, replyBytesMax } = options;
    this.target = target;
    this.#runtime = runtime;
    this.#handlers = handlers;
    this.#frames = new FrameReader(replyBytesMax);
    this.dialledMs = runtime.nowMs();
    this.lastHeardMs = this.dialledMs;
    this.lastSentMs = this.dialledMs;
    this.#transport = runtime.dial(target, {
      onConnected: () => this.#greet(handshake),
      onData: (bytes) => this.#receive(bytes),
      onClosed: (reason) => this.close(reason),
    });
    this.output = new Output(runtime, this.#transport, () => {
      this.lastSentMs = runtime.nowMs();
      handlers.onSent(this.lastSentMs);
    });
  }

  /** Ends it; the handlers hear of it unless it had ended. */
  close(reason: Error): void {
    if (this.#isClosed) return;
    this.abandon();
    this.#handlers.onClosed(reason);
  }

  /** Ends it, and the handlers hear nothing. */
  abandon(): void {
    this.#isClosed = true;
    this.output.close();
    this.#transport.destroy();
  }

  #greet(handshake: HandshakeRequest): void {
    this.connectedMs = this.#runtime.nowMs();
    this.lastSentMs = this.connectedMs;
    this.output.writer.writeRaw(encodeHandshake(handshake));
    this.output.flushSoon();
  }

  #receive(bytes: Uint8Array): void {
    this.lastHeardMs = this.#runtime.nowMs();
    try {
      this.#frames.push(bytes, this.#onFrame);
    } catch (error) {
      this.close(error as Error);
    }
  }

  readonly #onFrame = (bytes: Uint8Array, start: number, end: number): void => {
    if (this.#isClosed) return;
    const reader = this.#reader.reset(bytes, start, end);
    if (this.#isGreeted) return this.#handlers.onReply(reader);
    this.#isGreeted = true;
    this.#handlers.onHandshake(readHandshake(reader));
  };
}
