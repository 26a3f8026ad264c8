import type { PeerMessage, SnapshotSource, Transport, TransportHandler } from '@bellwether/cluster';
import { ClusterError, LIMITS } from '@bellwether/cluster';
import type { InstallSnapshot, NodeId } from '@bellwether/raft';
import type { RandomSource } from '../random.ts';
import type { SimulatedThread } from '../thread.ts';
import { ConnectionEnd } from './connection.ts';
import { describeMessage, isLossy } from './describe-message.ts';
import type { Edition } from './edition.ts';
import { moreFields, somethingElse, understandEachOther } from './edition.ts';
import { decodeFrame, encodeFrame, frameOf } from './frame-codec.ts';
import type { Network } from './network.ts';
import { Pipe } from './pipe.ts';
import { SnapshotTransfer } from './snapshot-transfer.ts';

/** How long a kernel tries to connect to a peer that does not answer. */
const DIAL_MS_MIN = 200;
const DIAL_MS_MAX = 1000;
/** Of a frame, at its beginning. */
const LENGTH_BYTES = 4;
/** Within this time a process hears that a connection was reset. */
const RESET_MS_MAX = 50;

/**
 * The production transport's promises over simulated links: one connection for each pair of nodes,
 * dialled by the one with the higher id and kept up with growing pauses; in order while it lasts.
 */
export class SimulatedTransport implements Transport {
  readonly nodeId: NodeId;
  readonly thread: SimulatedThread;
  readonly handler: TransportHandler;
  readonly edition: Edition;
  readonly #network: Network;
  readonly #random: RandomSource;
  readonly #ends = new Map<NodeId, ConnectionEnd>();
  /** What goes out with the next flush, each over the connection that there was when it was said. */
  #queue: { readonly message: PeerMessage; readonly end: ConnectionEnd }[] = [];
  #isClosed = false;

  constructor(
    network: Network,
    process: { nodeId: NodeId; thread: SimulatedThread; random: RandomSource; edition: Edition },
    handler: TransportHandler,
  ) {
    this.#network = network;
    this.nodeId = process.nodeId;
    this.thread = process.thread;
    this.#random = process.random;
    this.edition = process.edition;
    this.handler = handler;
  }

  /** Accepts and dials from now on. */
  listen(): void {
    this.#network.onProcessStarted(this.nodeId, this);
    for (const peer of this.#network.nodeIds) {
      if (peer < this.nodeId) this.#dial(peer, LIMITS.reconnectMsMin);
    }
  }

  /** Everybody may talk to everybody here: who is a member is the core's business. */
  setPeers(): void {}

  /** Dropped where there is no connection: one that comes before the flush must not carry it. */
  send(message: PeerMessage): void {
    const end = this.#ends.get(message.to);
    if (end !== undefined) this.#queue.push({ message, end });
  }

  flush(): void {
    if (this.#queue.length === 0) return;
    const queue = this.#queue;
    this.#queue = [];
    for (const { message, end } of queue) {
      if (this.#ends.get(message.to) === end) this.#transmit(message, end);
    }
  }

  streamSnapshot(
    offer: InstallSnapshot,
    source: SnapshotSource,
    onDone: (outcome: 'installed' | 'failed') => void,
  ): void {
    new SnapshotTransfer(this.#network, this.thread, { offer, source, onDone }).start();
  }

  isConnected(peer: NodeId): boolean {
    return this.#ends.has(peer);
  }

  close(): void {
    this.#isClosed = true;
    for (const end of this.#ends.values()) end.close();
    this.#ends.clear();
  }

  /** The process is gone: its ends of all connections, for its kernel to deal with. */
  abandonAll(): ConnectionEnd[] {
    this.#isClosed = true;
    const ends = [...this.#ends.values()];
    for (const end of ends) end.abandon();
    return ends;
  }

  /** The connection to `peer` breaks; this side hears of it soon. */
  breakConnection(peer: NodeId): void {
    const end = this.#ends.get(peer);
    if (end === undefined) return;
    const delayMs = this.#random.range(0, RESET_MS_MAX);
    this.#network.world.after(delayMs, () => {
      if (!end.isOpen) return;
      end.lose();
      end.tellOther();
    });
  }

  /** The side that was dialled goes on over `end`. */
  attach(end: ConnectionEnd, onLost: () => void): void {
    const peer = end.peerId;
    const older = this.#ends.get(peer);
    if (older !== undefined) {
      this.#ends.delete(peer);
      older.close();
      this.handler.onDisconnected(peer);
    }
    this.#ends.set(peer, end);
    end.isAttached = true;
    end.onLost = () => {
      if (this.#ends.get(peer) === end) {
        this.#ends.delete(peer);
        this.#network.world.note(`${this.nodeId} lost ${peer}`);
        this.handler.onDisconnected(peer);
      }
      onLost();
    };
    this.#network.world.note(`${this.nodeId} connected to ${peer}`);
    this.handler.onConnected(peer);
  }

  // --- messages ---

  #transmit(message: PeerMessage, end: ConnectionEnd): void {
    this.#network.counts.sent += 1;
    const isNewer = this.edition.says === 'more';
    if (isNewer) this.#saySomethingElse(end);
    const frame = encodeFrame(message, isNewer ? moreFields(this.#random) : undefined);
    this.#maybeDamage(frame, end);
    const toPeer = (): void => this.#network.transportOf(message.to)?.onFrame(frame, this.nodeId);
    if (isLossy(message)) this.#sendLossy(message, end, toPeer);
    else end.send(toPeer);
  }

  #saySomethingElse(end: ConnectionEnd): void {
    const to = end.peerId;
    const something = somethingElse(this.#random, this.nodeId, to);
    if (something === undefined) return;
    this.#network.counts.unknown += 1;
    const isBody = something instanceof Uint8Array;
    const frame = isBody ? frameOf((body) => body.raw(something)) : encodeFrame(something);
    end.send(() => this.#network.transportOf(to)?.onFrame(frame, this.nodeId));
  }

  /** A frame arrives from `from`. A damaged one ends the connection, as in production. */
  onFrame(frame: Uint8Array, from: NodeId): void {
    const { world, counts } = this.#network;
    let message: PeerMessage | undefined;
    try {
      message = decodeFrame(frame, from, this.nodeId);
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error;
      counts.damaged += 1;
      world.note(`${this.nodeId} drops ${from}: ${error.message}`);
      this.#ends.get(from)?.breakOff();
      return;
    }
    if (message === undefined) return world.note(`${from}>${this.nodeId} is of a newer build`);
    world.note(describeMessage(message));
    this.handler.onMessage(message);
  }

  /** What the network's own checksums don't find. A wrong length would only make a receiver wait. */
  #maybeDamage(frame: Uint8Array, { pipe }: ConnectionEnd): void {
    const { random, quality } = pipe.link;
    if (quality.damage === 0 || !random.chance(quality.damage)) return;
    const at = random.between(LENGTH_BYTES, frame.length - 1);
    frame[at] = (frame[at] as number) ^ (1 << random.below(8));
  }

  #sendLossy({ type }: PeerMessage, end: ConnectionEnd, deliver: () => void): void {
    const { counts } = this.#network;
    const { link } = end.pipe;
    const { loss, lost, duplication, reordering, lateMsMax } = link.quality;
    if (type === lost || (loss > 0 && link.random.chance(loss))) {
      counts.lost += 1;
      return;
    }
    if (duplication > 0 && !link.isCut && link.random.chance(duplication)) {
      counts.doubled += 1;
      end.deliverAside(deliver, link.random.range(0, lateMsMax));
    }
    if (reordering > 0 && !link.isCut && link.random.chance(reordering)) {
      counts.reordered += 1;
      return end.deliverAside(deliver, link.latencyMs() + link.random.range(0, lateMsMax));
    }
    end.send(deliver);
  }

  // --- dialling ---

  #dial(peer: NodeId, pauseMs: number): void {
    if (this.#isClosed || this.thread.isDead) return;
    const target = this.#network.transportOf(peer);
    if (this.#network.isCutBetween(this.nodeId, peer) || target === undefined) {
      const delayMs = this.#random.range(DIAL_MS_MIN, DIAL_MS_MAX);
      return this.#redial(peer, pauseMs, target === undefined ? 1 : delayMs);
    }
    this.#connect(peer, target, pauseMs);
  }

  #redial(peer: NodeId, pauseMs: number, failsAfterMs: number): void {
    const withJitterMs = pauseMs * this.#random.range(0.5, 1);
    const nextMs = Math.min(pauseMs * 2, LIMITS.reconnectMsMax);
    this.thread.post(failsAfterMs + withJitterMs, () => this.#dial(peer, nextMs));
  }

  /** The hello goes over, the answer comes back; either may be too late. */
  #connect(peer: NodeId, target: SimulatedTransport, pauseMs: number): void {
    const { world } = this.#network;
    const there = new Pipe(world, this.#network.link(this.nodeId, peer));
    const back = new Pipe(world, this.#network.link(peer, this.nodeId));
    const own = new ConnectionEnd(peer, this.thread, there);
    const other = new ConnectionEnd(this.nodeId, target.thread, back);
    ConnectionEnd.join(own, other);
    let isSettled = false;
    const fail = (): void => {
      if (isSettled) return;
      isSettled = true;
      own.close();
      this.#redial(peer, pauseMs, 0);
    };
    own.onLost = fail;
    this.thread.post(LIMITS.handshakeMsMax, fail);
    own.send(() => {
      if (target.isGone || !understandEachOther(this.edition, target.edition)) return other.close();
      other.send(() => {
        if (isSettled) return;
        isSettled = true;
        this.attach(own, () => this.#redial(peer, LIMITS.reconnectMsMin, 0));
      });
      target.attach(other, () => {});
    });
    // A process that dies before it answers: its kernel says so when the hello arrives.
    there.send(() => {
      if (target.thread.isDead) own.lose();
    });
  }

  get isGone(): boolean {
    return this.#isClosed || this.thread.isDead;
  }
}
