import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { InstallSnapshot, NodeId } from '@bellwether/raft';
import { ClusterError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Hello } from '../wire/handshake.ts';
import {
  PEER_PROTOCOL,
  type PeerProtocol,
  readAnswer,
  readHello,
  writeAccept,
  writeHello,
  writeRefusal,
} from '../wire/handshake.ts';
import { PeerFrames } from '../wire/peer-frames.ts';
import type { PeerMessage } from '../wire/peer-message.ts';
import { FrameSocket } from './frame-socket.ts';
import { PeerLink } from './peer-link.ts';
import type { SnapshotOutcome } from './snapshot-stream.ts';
import { sendSnapshot, takeSnapshot } from './snapshot-stream.ts';
import type { PeerAddress, SnapshotSource, Transport, TransportHandler } from './transport.ts';

export interface ListenAddress {
  /** Undefined: every interface. */
  readonly host: string | undefined;
  readonly port: number;
}

export interface TcpTransportOptions {
  readonly id: NodeId;
  readonly clusterId: string;
  /** Where to listen; a node without peers doesn't. */
  readonly listenOn: ListenAddress | undefined;
  /** What it speaks: this build's versions when absent. */
  readonly protocol?: PeerProtocol;
  /** A line for the log: what happened with which peer. */
  readonly onEvent: (text: string) => void;
}

const REFUSED_KEPT = 64;

/**
 * One TCP connection for each pair of nodes, both ways, dialled by the one with the higher id and
 * kept up with growing pauses between attempts; snapshots on connections of their own.
 */
export class TcpTransport implements Transport {
  readonly #options: TcpTransportOptions;
  readonly #protocol: PeerProtocol;
  readonly #handler: TransportHandler;
  readonly #links = new Map<NodeId, PeerLink>();
  readonly #frames = new PeerFrames();
  readonly #sockets = new Set<Socket>();
  /** Accepted, and not introduced yet. */
  readonly #strangers = new Set<Socket>();
  readonly #server: Server;
  /** Why others were refused last. */
  readonly #refused = new Map<NodeId | 'of another build', string>();
  #linkChecker: NodeJS.Timeout | undefined;
  #isListening = false;
  #isClosed = false;

  constructor(options: TcpTransportOptions, handler: TransportHandler) {
    this.#options = options;
    this.#protocol = options.protocol ?? PEER_PROTOCOL;
    this.#handler = handler;
    this.#server = createServer({ noDelay: true }, (socket) => this.#onAccepted(socket));
  }

  /** Listens, then dials; rejects with LISTEN_FAILED when the port is taken or not ours. */
  async listen(): Promise<void> {
    const { listenOn } = this.#options;
    if (listenOn !== undefined) await this.#listenOn(listenOn);
    this.#isListening = true;
    this.#linkChecker = setInterval(() => this.#checkLinks(), LIMITS.linkCheckMs).unref();
    for (const link of this.#links.values()) this.#dialIfOurs(link);
  }

  setPeers(peers: readonly PeerAddress[]): void {
    for (const link of this.#links.values()) {
      const wasGuest = link.isGuest;
      link.addresses = peers.filter(({ id }) => id === link.id);
      if (link.isGuest && !wasGuest) this.#drop(link);
      // One that is connected is dialled when that is lost.
      else if (wasGuest && this.#isListening && !link.isConnected) this.#dialIfOurs(link);
    }
    for (const { id } of peers) {
      if (id === this.#options.id || this.#links.has(id)) continue;
      const addresses = peers.filter((peer) => peer.id === id);
      const link = this.#addLink(id, addresses);
      if (this.#isListening) this.#dialIfOurs(link);
    }
  }

  #addLink(id: NodeId, addresses: readonly PeerAddress[]): PeerLink {
    const link = new PeerLink(id, addresses, this.#options.id, this.#handler, this.#frames);
    this.#links.set(id, link);
    return link;
  }

  #checkLinks(): void {
    for (const link of this.#links.values()) {
      link.checkSilence();
      if (link.isGuest) this.#checkGuest(link);
      else if (link.id > this.#options.id && link.checkUndialled()) this.#dialOnce(link);
    }
  }

  #checkGuest(link: PeerLink): void {
    if (!link.isConnected || !this.#handler.mayBeMember(link.id)) this.#drop(link);
  }

  #drop(link: PeerLink): void {
    this.#links.delete(link.id);
    link.end();
  }

  #dialIfOurs(link: PeerLink): void {
    if (link.id > this.#options.id || link.isDialled || link.isGuest) return;
    link.isDialled = true;
    this.#dial(link, LIMITS.reconnectMsMin);
  }

  async #listenOn({ host, port }: ListenAddress): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => {
        const message = `cannot listen for peers on ${host ?? '*'}:${port}: ${error.message}`;
        reject(new ClusterError('LISTEN_FAILED', message, { cause: error }));
      });
      this.#server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
    });
  }

  send(message: PeerMessage): void {
    this.#links.get(message.to)?.send(message);
  }

  flush(): void {
    for (const link of this.#links.values()) link.flush();
    this.#frames.endTurn();
  }

  isConnected(peer: NodeId): boolean {
    return this.#links.get(peer)?.isConnected ?? false;
  }

  streamSnapshot(
    offer: InstallSnapshot,
    source: SnapshotSource,
    onDone: (outcome: SnapshotOutcome) => void,
  ): void {
    const link = this.#links.get(offer.to);
    const onFailed = (error: Error): void => {
      this.#options.onEvent(`snapshot to node ${offer.to} failed: ${error.message}`);
      source.close();
      onDone('failed');
    };
    // Never from within this call.
    if (link === undefined || link.isGuest)
      return void setImmediate(onFailed, new Error('it is no peer any more'));
    this.#options.onEvent(`sending snapshot ${offer.snapshot.index} to node ${offer.to}`);
    this.#open(link, offer, {
      onReady: (socket) => sendSnapshot(socket, source, onDone),
      onFailed,
    });
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#linkChecker);
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /**
   * Until the returned function is called the other side is a stranger, and it is one for a limited
   * time, however busy it looks: who sends a byte a second is not silent.
   */
  #track(socket: Socket): () => void {
    this.#sockets.add(socket);
    const onLate = (): void => void socket.destroy(new Error('no handshake'));
    const deadline = setTimeout(onLate, LIMITS.handshakeMsMax);
    const onIntroduced = (): void => clearTimeout(deadline);
    socket.once('close', () => {
      onIntroduced();
      this.#sockets.delete(socket);
    });
    return onIntroduced;
  }

  // --- dialling ---

  #dial(link: PeerLink, pauseMs: number): void {
    if (!this.#isCurrent(link)) return;
    const retry = (nextPauseMs: number): void => {
      const withJitter = nextPauseMs * (0.5 + Math.random() / 2);
      setTimeout(
        () => this.#dial(link, Math.min(nextPauseMs * 2, LIMITS.reconnectMsMax)),
        withJitter,
      );
    };
    this.#open(link, undefined, {
      onReady: (socket) => {
        if (!this.#isCurrent(link)) return socket.destroy();
        this.#options.onEvent(`connected to node ${link.id}`);
        link.attach(socket, (error) => {
          this.#onLost(link, error);
          retry(LIMITS.reconnectMsMin);
        });
      },
      onFailed: (error) => {
        this.#onFailed(link, error);
        retry(pauseMs);
      },
    });
  }

  /** In the place of a peer that should dial and does not; once it knows this node, it does. */
  #dialOnce(link: PeerLink): void {
    this.#open(link, undefined, {
      onReady: (socket) => {
        if (!this.#isCurrent(link) || link.isConnected) return socket.destroy();
        this.#options.onEvent(`connected to node ${link.id}`);
        link.attach(socket, (error) => this.#onLost(link, error));
      },
      onFailed: (error) => this.#onFailed(link, error),
    });
  }

  #isCurrent(link: PeerLink): boolean {
    return !this.#isClosed && this.#links.get(link.id) === link;
  }

  #onLost(link: PeerLink, error: Error | undefined): void {
    if (!this.#isCurrent(link)) return;
    this.#options.onEvent(`lost node ${link.id}: ${error?.message ?? 'connection closed'}`);
  }

  /** The peer's own reason is worth a line, once. */
  #onFailed(link: PeerLink, error: Error): void {
    link.nextAddress();
    if (!(error instanceof ClusterError) || error.message === link.lastFailure) return;
    link.lastFailure = error.message;
    this.#options.onEvent(`node ${link.id}: ${error.message}`);
  }

  #open(
    link: PeerLink,
    offer: InstallSnapshot | undefined,
    then: { onReady: (socket: FrameSocket) => void; onFailed: (error: Error) => void },
  ): void {
    const { host, port } = link.address;
    const socket = connect({ host, port, noDelay: true });
    const onIntroduced = this.#track(socket);
    const frames = new FrameSocket(socket, {
      onFrame: (body) => {
        readAnswer(body, this.#protocol);
        onIntroduced();
        frames.onIntroduced();
        then.onReady(frames);
      },
      onClose: (error) => then.onFailed(error ?? new Error('connection closed')),
    });
    const { id: from, clusterId } = this.#options;
    const hello: Hello = { protocol: this.#protocol, clusterId, from, to: link.id, offer };
    frames.write((writer) => writeHello(writer, hello));
  }

  // --- accepting ---

  #onAccepted(socket: Socket): void {
    if (this.#isClosed) return void socket.destroy();
    this.#makeRoom();
    this.#strangers.add(socket);
    socket.once('close', () => this.#strangers.delete(socket));
    const onIntroduced = this.#track(socket);
    const frames = new FrameSocket(socket, {
      onFrame: (body) => {
        const greeting = readHello(body, this.#protocol);
        onIntroduced();
        this.#strangers.delete(socket);
        if (greeting.kind === 'hello') this.#onHello(frames, greeting.hello);
        else this.#refuse(frames, 'of another build', greeting.reason);
      },
      onClose: (error) => {
        if (error instanceof ClusterError) this.#options.onEvent(`a peer: ${error.message}`);
      },
    });
  }

  /** The oldest goes: who has something to say has said it by then. */
  #makeRoom(): void {
    if (this.#strangers.size < LIMITS.strangersMax) return;
    const [oldest] = this.#strangers;
    oldest?.destroy();
  }

  #onHello(socket: FrameSocket, hello: Hello): void {
    const reason = this.#refusalOf(hello);
    if (reason !== undefined) return this.#refuse(socket, hello.from, reason);
    socket.onIntroduced();
    if (hello.offer !== undefined) return this.#onOffer(socket, hello.offer);
    const link = this.#links.get(hello.from) ?? this.#addLink(hello.from, []);
    this.#accept(socket);
    this.#refused.delete(link.id);
    this.#options.onEvent(`accepted node ${hello.from}`);
    link.attach(socket, (error) => {
      this.#onLost(link, error);
      // It was a guest, and is a peer now.
      if (this.#isCurrent(link)) this.#dialIfOurs(link);
    });
  }

  #accept(socket: FrameSocket): void {
    socket.write((writer) => writeAccept(writer, this.#protocol));
  }

  /** It will try again and again, for the same reason: that is worth a line, once. */
  #refuse(socket: FrameSocket, from: NodeId | 'of another build', reason: string): void {
    socket.write((writer) => writeRefusal(writer, reason));
    socket.end();
    if (this.#refused.get(from) === reason) return;
    if (this.#refused.size >= REFUSED_KEPT) this.#refused.clear();
    this.#refused.set(from, reason);
    this.#options.onEvent(`refused node ${from}: ${reason}`);
  }

  #refusalOf(hello: Hello): string | undefined {
    const { id, clusterId } = this.#options;
    if (hello.clusterId !== clusterId) {
      return `cluster '${hello.clusterId}', but this node belongs to '${clusterId}'`;
    }
    if (hello.to !== id) return `node ${hello.to} was meant, but this is node ${id}`;
    const isKnown = this.#links.has(hello.from) || this.#handler.mayBeMember(hello.from);
    return isKnown ? undefined : `node ${hello.from} is not a member known here`;
  }

  #onOffer(socket: FrameSocket, offer: InstallSnapshot): void {
    const sink = this.#handler.onSnapshot(offer);
    if (sink === undefined) {
      socket.write((writer) => writeRefusal(writer, 'the snapshot is not needed'));
      return socket.end();
    }
    this.#accept(socket);
    this.#options.onEvent(`receiving snapshot ${offer.snapshot.index} from node ${offer.from}`);
    takeSnapshot(socket, sink);
  }
}
