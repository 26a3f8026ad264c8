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
import type { ClientSocket } from './client-socket.ts';
import type { ConnectionEvents } from './connection-events.ts';
import { ConnectionStats } from './connection-stats.ts';
import { Credentials } from './credentials.ts';
import { FrameReader, type FrameSink } from './frame-reader.ts';
import { HELD_BY_SERVER, Hold } from './hold.ts';
import { SERVER_LIMITS } from './limits.ts';
import type { OutputBuffers } from './output-buffers.ts';
import type { ServerStats } from './server-stats.ts';
import { WaitingQueue } from './waiting-request.ts';

/**
 * greeting: nothing has come yet. handshake: its session is being made. open: requests are served.
 * ending: nothing more is read, what was answered still goes out. closed: gone.
 */
export type ConnectionState = 'greeting' | 'handshake' | 'open' | 'ending' | 'closed';

const LENGTH_BYTES = 4;
/** xid, zxid and error of a reply. */
const REPLY_HEADER_BYTES = 16;
const ERROR_AT = 12;
/** How many times its own length a reply may keep in memory while it is sent. */
const OUTPUT_SLACK_FACTOR = 4;

/** One client's socket: frames in, replies out, and the requests that wait in between. */
export class Connection implements FrameSink, Watcher {
  readonly socket: ClientSocket;
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
  /** Its client has asked to close the session, and waits for the answer. */
  isLeaving = false;
  /** What was negotiated. */
  sessionTimeoutMs = 0;
  /** When its session was made, or came back here; monotonic. */
  openedMs = 0;
  /** When something came last; monotonic. */
  heardMs: number;
  /** When it was accepted, ms since 1970. */
  readonly establishedMs: number;
  /** Its session is known to this node only, or attached here without the others: nothing is written. */
  isReadOnly = false;
  /** Watches that its session may have here; 0: no limit. */
  readonly watchesMax: number;
  readonly traffic = new ConnectionStats();
  /** What the client asked for when it connected; undefined once that is answered. */
  greeting: ConnectRequest | undefined;
  readonly #events: ConnectionEvents;
  readonly #buffers: OutputBuffers;
  readonly #stats: ServerStats;
  readonly #reader: FrameReader;
  readonly #frameBytesMax: number;
  #output: JuteWriter | undefined;
  /** Where in `#output` the frame begins that is written next. */
  #frameStart = 0;
  #holds = 0;
  #unsentBytesSeen = 0;

  constructor(
    socket: ClientSocket,
    options: {
      readonly events: ConnectionEvents;
      readonly buffers: OutputBuffers;
      readonly stats: ServerStats;
      readonly frameBytesMax: number;
      readonly watchesMax: number;
      readonly nowMs: number;
      readonly wallMs: number;
    },
  ) {
    this.socket = socket;
    this.remoteAddress = socket.remoteAddress ?? 'unknown';
    this.remote = `${this.remoteAddress}:${socket.remotePort ?? 0}`;
    this.credentials = new Credentials(this.remoteAddress);
    this.transientSinceMs = options.nowMs;
    this.heardMs = options.nowMs;
    this.establishedMs = options.wallMs;
    this.watchesMax = options.watchesMax;
    this.#frameBytesMax = options.frameBytesMax;
    this.#events = options.events;
    this.#buffers = options.buffers;
    this.#stats = options.stats;
    const { greetingFrameBytesMax } = SERVER_LIMITS;
    this.#reader = new FrameReader(Math.min(greetingFrameBytesMax, options.frameBytesMax), this);
    socket.on('data', (chunk) => this.#onData(chunk));
    socket.on('drain', () => this.#onDrain());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#onClose());
  }

  get isHolding(): boolean {
    return this.#holds !== 0;
  }

  /** Its client has a session here from now on. */
  onOpened(sessionId: number, timeoutMs: number): void {
    this.sessionId = sessionId;
    this.sessionTimeoutMs = timeoutMs;
    this.state = 'open';
    this.greeting = undefined;
    this.openedMs = this.#stats.turnMs;
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

  /** java.nio's interest: 1 reads, 4 writes. */
  get interestOps(): number {
    return (this.#holds === 0 ? 1 : 0) | (this.socket.writableLength > 0 ? 4 : 0);
  }

  /**
   * Whether a client whose frames are left lying counts as alive: what it sends, pings too, is not
   * read because of this server, or it has taken replies since this was last asked.
   */
  showsLifeWhileHeld(): boolean {
    const before = this.#unsentBytesSeen;
    this.#unsentBytesSeen = this.socket.writableLength;
    return (this.#holds & HELD_BY_SERVER) !== 0 || this.#unsentBytesSeen < before;
  }

  /** Stops taking frames for this reason. */
  hold(reason: number): void {
    if (this.#holds === 0) {
      this.socket.pause();
      this.#events.onHeld(this);
    }
    this.#holds |= reason;
  }

  /** The reason is gone; frames are taken again when it was the last one. */
  release(reason: number): void {
    if ((this.#holds & reason) === 0) return;
    this.#holds &= ~reason;
    if (this.#holds === 0) this.#resume();
  }

  /**
   * A reply in `output` is complete. One that is longer than a frame may be would make the client
   * drop the connection and ask again, for ever: it gets an error in its place.
   */
  onReplyWritten(output: JuteWriter): void {
    const bytes = output.length - this.#frameStart - LENGTH_BYTES;
    this.#stats.replyBytes.add(bytes);
    if (bytes > this.#frameBytesMax) this.#refuseReply(output, bytes);
    this.#onFrameWritten(output);
  }

  /** What was written of a reply is taken back: it can't be finished. */
  onReplyGivenUp(): void {
    const { output } = this;
    if (output.length === this.#frameStart) return;
    this.#events.onReplyTooLong(this, output.length - this.#frameStart);
    output.truncate(this.#frameStart);
  }

  #refuseReply(output: JuteWriter, bytes: number): void {
    const start = this.#frameStart;
    output.truncate(start + LENGTH_BYTES + REPLY_HEADER_BYTES);
    output.setInt(start + LENGTH_BYTES + ERROR_AT, ErrorCode.marshallingError);
    output.endFrame(start);
    this.#events.onReplyTooLong(this, bytes);
  }

  /**
   * What has come together is sent early when it is much, so that a client that does not take it is
   * noticed within the turn.
   */
  #onFrameWritten(output: JuteWriter): void {
    this.traffic.sent++;
    this.#stats.packetsSent++;
    this.#stats.bytesSent += output.length - this.#frameStart;
    this.#frameStart = output.length;
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
    this.#onFrameWritten(output);
  }

  /** Sends what the turn has put into `output`, as one write. */
  flush(): void {
    const output = this.#output;
    if (output === undefined) return;
    this.#output = undefined;
    this.#frameStart = 0;
    if (!this.socket.writable || output.length === 0) return this.#buffers.release(output);
    this.#send(output);
    this.#checkOutput();
  }

  /** What fills its buffer is sent from there; of what does not, a client that waits keeps a copy. */
  #send(output: JuteWriter): void {
    if (output.length * OUTPUT_SLACK_FACTOR < output.capacity) {
      this.socket.write(Buffer.from(output.view()));
      return this.#buffers.release(output);
    }
    this.socket.write(output.view(), () => this.#buffers.release(output));
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
    // A frame that was announced takes memory at once: strangers can't announce long ones.
    if (this.state === 'greeting') this.#reader.allow(this.#frameBytesMax);
    this.traffic.received++;
    this.#stats.packetsReceived++;
    this.#events.onFrame(this, bytes, start, end);
  }

  onBadLength(length: number, rest: Buffer): void {
    this.#events.onBadLength(this, length, rest);
  }

  /** Calls `onBytes` with the next `count` raw bytes, of which `begun` are here. Nothing else is read. */
  takeRaw(count: number, begun: Buffer, onBytes: (bytes: Buffer) => void): void {
    let bytes = begun;
    const take = (): void => {
      if (bytes.length < count) return;
      this.socket.removeAllListeners('data');
      onBytes(bytes.subarray(0, count));
    };
    this.socket.removeAllListeners('data');
    this.socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      take();
    });
    take();
  }

  #onData(chunk: Buffer): void {
    this.#stats.bytesReceived += chunk.length;
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
