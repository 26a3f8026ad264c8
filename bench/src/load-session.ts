import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { assert } from './assert.ts';
import type { LatencyHistogram } from './histogram.ts';
import { READ_BUFFER_BYTES, SESSION_TIMEOUT_MS } from './limits.ts';
import type { Load } from './loads.ts';
import { ReplyReader } from './reply-reader.ts';
import {
  encodeConnect,
  encodeCloseSession,
  encodeGetData,
  encodeSetData,
  ERROR_CODE,
  REPLY_HEADER_BYTES,
  STAT_BYTES,
  writeRequest,
} from './wire.ts';

const US_PER_MS = 1000;

/** What the sessions of one process count together. */
export interface Tally {
  readonly histogram: LatencyHistogram;
  acknowledged: number;
  errors: number;
}

interface PlainRequest {
  readonly resolve: (error: number) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One session on one server. Set-up requests go one at a time as promises. A load runs without any:
 * as many operations as were answered by one chunk of the socket are sent in one write.
 */
export class LoadSession {
  readonly #host: string;
  readonly #tally: Tally;
  readonly #reader = new ReplyReader((error, bytes) => this.#onReply(error, bytes));
  #socket: Socket | undefined;
  #plain: PlainRequest | undefined;
  #onDrained: (() => void) | undefined;
  #closing = false;
  #nextXid = 1;

  #running = false;
  #getFrame: Buffer = Buffer.alloc(0);
  #setFrame: Buffer = Buffer.alloc(0);
  #readShare = 0;
  #replyBytesMin = 0;
  #randomState: number;
  #out: Buffer = Buffer.alloc(0);
  /** When each operation in flight was sent, in the order of sending, as a ring. */
  #sentAtMs = new Float64Array(0);
  #oldest = 0;
  #inFlight = 0;
  /** Time of the chunk that is being read, so that the clock is asked once per chunk. */
  #nowMs = 0;

  /** @param host host:port @param seed makes its choice of reads and writes its own; not 0 */
  constructor(host: string, seed: number, tally: Tally) {
    assert(seed !== 0, 'xorshift needs a seed other than 0');
    this.#host = host;
    this.#tally = tally;
    this.#randomState = seed;
  }

  /** Opens the connection and a session on it. */
  async open(): Promise<void> {
    const colon = this.#host.lastIndexOf(':');
    const buffer = Buffer.alloc(READ_BUFFER_BYTES);
    this.#socket = connect({
      host: this.#host.slice(0, colon),
      port: Number(this.#host.slice(colon + 1)),
      noDelay: true,
      onread: { buffer, callback: (length) => this.#onRead(buffer.subarray(0, length)) },
    });
    this.#socket.on('error', (error) => this.#onLost(error.message));
    this.#socket.on('close', () => this.#onLost('the server closed the connection'));
    const sessionIdLow = await this.#send(encodeConnect(SESSION_TIMEOUT_MS));
    if (sessionIdLow === 0) throw new Error(`${this.#host} refused a session`);
  }

  /** Sends one request and returns the error code of its answer. Not while a load runs. */
  async request(frame: Buffer): Promise<number> {
    const copy = Buffer.from(frame);
    writeRequest(copy, 0, frame, this.#takeXid());
    return this.#send(copy);
  }

  /** Keeps `load.window` operations on `path` in flight until `stop`. */
  start(load: Load, path: string): void {
    assert(!this.#running, 'one load at a time');
    assert(this.#inFlight === 0, 'nothing is in flight when a load starts');
    this.#getFrame = encodeGetData(path);
    this.#setFrame = encodeSetData(path, Buffer.alloc(load.dataBytes, 'x'));
    this.#readShare = load.readPercent / 100;
    const bodyBytesMin = this.#readShare === 1 ? load.dataBytes + STAT_BYTES : STAT_BYTES;
    this.#replyBytesMin = REPLY_HEADER_BYTES - 4 + bodyBytesMin;
    this.#sentAtMs = new Float64Array(load.window);
    this.#out = this.#newOut();
    this.#running = true;
    this.#nowMs = performance.now();
    this.#sendOperations(load.window);
  }

  /** Sends nothing more; answers that still come are not counted. Resolves when all have come. */
  async stop(): Promise<void> {
    this.#running = false;
    if (this.#inFlight === 0) return;
    await new Promise<void>((resolve) => {
      this.#onDrained = resolve;
    });
  }

  /** Ends the session, if the connection is still there. */
  async close(): Promise<void> {
    this.#closing = true;
    if (this.#socket?.writable) await this.request(encodeCloseSession()).catch(() => {});
    this.#socket?.destroy();
  }

  #send(bytes: Buffer): Promise<number> {
    assert(this.#plain === undefined, 'one request at a time');
    assert(this.#inFlight === 0, 'no request while a load runs');
    return new Promise((resolve, reject) => {
      this.#plain = { resolve, reject };
      this.#socket?.write(bytes);
    });
  }

  #onRead(chunk: Buffer): boolean {
    this.#nowMs = performance.now();
    const before = this.#inFlight;
    this.#reader.feed(chunk);
    if (this.#running) this.#sendOperations(before - this.#inFlight);
    return true;
  }

  #onReply(error: number, bytes: number): void {
    if (this.#inFlight === 0) {
      const plain = this.#plain;
      this.#plain = undefined;
      plain?.resolve(error);
      return;
    }
    const sentAtMs = this.#sentAtMs[this.#oldest]!;
    this.#oldest = this.#oldest + 1 === this.#sentAtMs.length ? 0 : this.#oldest + 1;
    this.#inFlight -= 1;
    if (this.#running) this.#count(error, bytes, sentAtMs);
    else if (this.#inFlight === 0) this.#onDrained?.();
  }

  #count(error: number, bytes: number, sentAtMs: number): void {
    // An answer that lacks its data would be a fast one.
    if (error !== ERROR_CODE.ok || bytes < this.#replyBytesMin) {
      this.#tally.errors += 1;
      return;
    }
    this.#tally.acknowledged += 1;
    this.#tally.histogram.record((this.#nowMs - sentAtMs) * US_PER_MS);
  }

  #sendOperations(count: number): void {
    if (count === 0) return;
    const size = this.#sentAtMs.length;
    let end = 0;
    for (let i = 0; i < count; i += 1) {
      const frame = this.#random() < this.#readShare ? this.#getFrame : this.#setFrame;
      end = writeRequest(this.#out, end, frame, this.#takeXid());
      this.#sentAtMs[(this.#oldest + this.#inFlight) % size] = this.#nowMs;
      this.#inFlight += 1;
    }
    assert(this.#inFlight <= size, 'no more in flight than the window');
    this.#socket?.write(this.#out.subarray(0, end));
    // What the kernel did not take at once is still read from the buffer: leave it alone.
    if (this.#socket?.writableLength !== 0) this.#out = this.#newOut();
  }

  #newOut(): Buffer {
    const frameBytesMax = Math.max(this.#getFrame.length, this.#setFrame.length);
    return Buffer.allocUnsafe(this.#sentAtMs.length * frameBytesMax);
  }

  #takeXid(): number {
    const xid = this.#nextXid;
    this.#nextXid = xid === 0x7fffffff ? 1 : xid + 1;
    return xid;
  }

  /** Xorshift (Marsaglia 2003), uniform in [0, 1): cheap, and the same choices in every run. */
  #random(): number {
    let x = this.#randomState;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#randomState = x;
    return (x >>> 0) / 2 ** 32;
  }

  #onLost(reason: string): void {
    const plain = this.#plain;
    this.#plain = undefined;
    plain?.reject(new Error(`${this.#host}: ${reason}`));
    if (this.#closing) return;
    this.#tally.errors += this.#inFlight;
    this.#inFlight = 0;
    if (this.#running) process.stderr.write(`client of ${this.#host}: ${reason}\n`);
    this.#running = false;
    this.#onDrained?.();
  }
}
