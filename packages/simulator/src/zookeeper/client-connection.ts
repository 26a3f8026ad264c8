import { JuteReader, readConnectResponse } from '@bellwether/protocol';
import type { ClientSocket } from 'bellwether/testing';
import type { Link } from '../network/link.ts';
import { Pipe } from '../network/pipe.ts';
import type { RandomSource } from '../random.ts';
import type { SimulatedThread } from '../thread.ts';
import type { World } from '../world.ts';

/** Node's default: more than this unsent makes a socket ask for patience. */
const HIGH_WATER_BYTES = 16 * 1024;
/** Of a frame, at its beginning. */
const LENGTH_BYTES = 4;
/** Chance that what a client sends arrives in two pieces. */
const SPLIT = 0.1;

export interface ConnectionPlace {
  readonly world: World;
  readonly there: Link;
  readonly back: Link;
  /** Of the node's service. */
  readonly thread: SimulatedThread;
  readonly random: RandomSource;
  readonly clientAddress: string;
  /** Whether a process, this one or a later one, runs on the machine: its kernel would answer. */
  readonly isMachineUp: () => boolean;
  /** The node takes something that the client of the session has sent. */
  readonly onHeard: (session: number) => void;
}

/** The client's side of one connection to one process. */
export class ClientConnection {
  readonly socket: ServerSocket;
  readonly #there: Pipe;
  readonly #random: RandomSource;
  #isOpen = true;
  #session: number | undefined;
  onData: (bytes: Uint8Array) => void = () => undefined;
  /** The other side, or something on the way, has ended it. */
  onLost: () => void = () => undefined;

  constructor(place: ConnectionPlace) {
    this.#there = new Pipe(place.world, place.there);
    this.#random = place.random;
    this.socket = new ServerSocket(this, place, new Pipe(place.world, place.back));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The session that it serves; 0 before the client knows, and if it got none. */
  get session(): number {
    return this.#session ?? 0;
  }

  send(bytes: Uint8Array): void {
    if (!this.#isOpen) return;
    if (bytes.length < 2 || !this.#random.chance(SPLIT)) return this.#transmit(bytes);
    const at = this.#random.between(1, bytes.length - 1);
    this.#transmit(bytes.subarray(0, at));
    this.#transmit(bytes.subarray(at));
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#there.send(() => this.socket.onClientGone());
  }

  /** The node's end gave out `bytes`: first of all its answer to the greeting, in one piece. */
  receive(bytes: Uint8Array): void {
    if (!this.#isOpen) return;
    this.#session ??= readConnectResponse(new JuteReader(bytes, LENGTH_BYTES)).sessionId;
    this.onData(bytes);
  }

  lose(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#there.send(() => this.socket.onClientGone());
    this.onLost();
  }

  #transmit(bytes: Uint8Array): void {
    const copy = Buffer.from(bytes);
    this.#there.send(() => this.socket.receive(copy));
  }
}

type Listener = (value?: unknown) => void;

/** The node's side: what the server takes for a socket of Node.js. */
export class ServerSocket implements ClientSocket {
  readonly remoteAddress: string;
  readonly remotePort = 1;
  readonly #client: ClientConnection;
  readonly #place: ConnectionPlace;
  readonly #back: Pipe;
  readonly #listeners = new Map<string, Listener[]>();
  readonly #unread: Buffer[] = [];
  #isPaused = false;
  /** open: both ways; ended: nothing more is written; closed: gone. */
  #state: 'open' | 'ended' | 'closed' = 'open';
  #unsentBytes = 0;
  #needsDrain = false;

  constructor(client: ClientConnection, place: ConnectionPlace, back: Pipe) {
    this.remoteAddress = place.clientAddress;
    this.#client = client;
    this.#place = place;
    this.#back = back;
  }

  get writable(): boolean {
    return this.#state === 'open';
  }

  get writableLength(): number {
    return this.#unsentBytes;
  }

  on(event: string, listener: (value: never) => void): void {
    const known = this.#listeners.get(event) ?? [];
    known.push(listener as Listener);
    this.#listeners.set(event, known);
  }

  removeAllListeners(event: string): void {
    this.#listeners.delete(event);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#place.thread.post(0, () => this.#readOn());
  }

  write(bytes: Uint8Array, onTaken?: () => void): void {
    const copy = new Uint8Array(bytes);
    onTaken?.();
    if (this.#state !== 'open') return;
    this.#unsentBytes += copy.length;
    if (this.#unsentBytes > HIGH_WATER_BYTES) this.#needsDrain = true;
    this.#back.send(() => {
      this.#unsentBytes -= copy.length;
      if (this.#unsentBytes === 0) this.#drain();
      this.#client.receive(copy);
    });
  }

  end(text?: string): void {
    if (text !== undefined) this.write(Buffer.from(text));
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    this.#tellClient();
  }

  destroy(): void {
    if (this.#state === 'closed') return;
    const wasOpen = this.#state === 'open';
    this.#close();
    if (wasOpen) this.#tellClient();
  }

  /** The process is gone; its kernel closes what it had open. */
  onProcessKilled(): void {
    if (this.#state === 'open') this.#tellClient();
    this.#state = 'closed';
  }

  /** Bytes of the client arrive at the machine. */
  receive(bytes: Buffer): void {
    if (this.#place.thread.isDead) {
      if (this.#place.isMachineUp()) this.#tellClient();
      return;
    }
    this.#place.thread.run(() => {
      if (this.#state === 'closed') return;
      this.#unread.push(bytes);
      this.#readOn();
    });
  }

  onClientGone(): void {
    this.#place.thread.run(() => this.#close());
  }

  #tellClient(): void {
    this.#back.send(() => this.#client.lose());
  }

  #readOn(): void {
    while (!this.#isPaused && this.#state !== 'closed') {
      const bytes = this.#unread.shift();
      if (bytes === undefined) return;
      this.#noteHeard();
      this.#emit('data', bytes);
    }
  }

  /**
   * A server that has ended the connection throws away what still comes, which may be old: a client that
   * went elsewhere leaves it behind on a link that was cut. Nobody has heard that.
   */
  #noteHeard(): void {
    const { session } = this.#client;
    if (session !== 0 && this.#state === 'open') this.#place.onHeard(session);
  }

  #drain(): void {
    if (!this.#needsDrain) return;
    this.#needsDrain = false;
    this.#place.thread.run(() => {
      if (this.#state !== 'closed') this.#emit('drain');
    });
  }

  #close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#place.thread.post(0, () => this.#emit('close'));
  }

  #emit(event: string, value?: unknown): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(value);
  }
}
