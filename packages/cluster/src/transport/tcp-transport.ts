import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { InstallSnapshot, NodeId } from '@bellwether/raft';
import { ClusterError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Hello } from '../wire/handshake.ts';
import {
  PEER_PROTOCOL_VERSION,
  readAnswer,
  readHello,
  writeAccept,
  writeHello,
  writeRefusal,
} from '../wire/handshake.ts';
import type { PeerMessage } from '../wire/peer-message.ts';
import { FrameSocket } from './frame-socket.ts';
import { PeerLink } from './peer-link.ts';
import type { SnapshotOutcome } from './snapshot-stream.ts';
import { sendSnapshot, takeSnapshot } from './snapshot-stream.ts';
import type { SnapshotSource, Transport, TransportHandler } from './transport.ts';

export interface PeerAddress {
  readonly id: NodeId;
  readonly host: string;
  readonly port: number;
}

export interface ListenAddress {
  /** Undefined: every interface. */
  readonly host: string | undefined;
  readonly port: number;
}

export interface TcpTransportOptions {
  readonly id: NodeId;
  readonly clusterId: string;
  /** All members, this node among them. */
  readonly members: readonly PeerAddress[];
  /** Where to listen; a node without peers doesn't. */
  readonly listenOn: ListenAddress | undefined;
  /** A line for the log: what happened with which peer. */
  readonly onEvent: (text: string) => void;
}

/**
 * One TCP connection for each pair of nodes, both ways, dialled by the one with the higher id and
 * kept up with growing pauses between attempts; snapshots on connections of their own.
 */
export class TcpTransport implements Transport {
  readonly #options: TcpTransportOptions;
  readonly #handler: TransportHandler;
  readonly #links = new Map<NodeId, PeerLink>();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #isClosed = false;

  constructor(options: TcpTransportOptions, handler: TransportHandler) {
    this.#options = options;
    this.#handler = handler;
    this.#server = createServer({ noDelay: true }, (socket) => this.#onAccepted(socket));
    for (const member of options.members) {
      if (member.id === options.id) continue;
      this.#links.set(member.id, new PeerLink(member.id, options.id, handler));
    }
  }

  /** Listens, then dials; rejects with LISTEN_FAILED when the port is taken or not ours. */
  async listen(): Promise<void> {
    const { listenOn } = this.#options;
    if (listenOn !== undefined) await this.#listenOn(listenOn);
    for (const link of this.#links.values()) {
      if (link.id < this.#options.id) this.#dial(link, LIMITS.reconnectMsMin);
    }
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
  }

  isConnected(peer: NodeId): boolean {
    return this.#links.get(peer)?.isConnected ?? false;
  }

  streamSnapshot(
    offer: InstallSnapshot,
    source: SnapshotSource,
    onDone: (outcome: SnapshotOutcome) => void,
  ): void {
    this.#options.onEvent(`sending snapshot ${offer.snapshot.index} to node ${offer.to}`);
    this.#open(offer.to, offer, {
      onReady: (socket) => sendSnapshot(socket, source, onDone),
      onFailed: (error) => {
        this.#options.onEvent(`snapshot to node ${offer.to} failed: ${error.message}`);
        source.close();
        onDone('failed');
      },
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #address(id: NodeId): PeerAddress {
    const address = this.#options.members.find((member) => member.id === id);
    if (address !== undefined) return address;
    throw new ClusterError('BAD_OPTIONS', `node ${id} is not in the list of members`);
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.setTimeout(LIMITS.handshakeMsMax, () => socket.destroy(new Error('no handshake')));
  }

  // --- dialling ---

  #dial(link: PeerLink, pauseMs: number): void {
    if (this.#isClosed) return;
    const retry = (nextPauseMs: number): void => {
      const withJitter = nextPauseMs * (0.5 + Math.random() / 2);
      setTimeout(
        () => this.#dial(link, Math.min(nextPauseMs * 2, LIMITS.reconnectMsMax)),
        withJitter,
      );
    };
    this.#open(link.id, undefined, {
      onReady: (socket) => {
        this.#options.onEvent(`connected to node ${link.id}`);
        link.attach(socket, (error) => {
          if (this.#isClosed) return;
          this.#options.onEvent(`lost node ${link.id}: ${error?.message ?? 'connection closed'}`);
          retry(LIMITS.reconnectMsMin);
        });
      },
      onFailed: (error) => {
        if (error instanceof ClusterError)
          this.#options.onEvent(`node ${link.id}: ${error.message}`);
        retry(pauseMs);
      },
    });
  }

  #open(
    peer: NodeId,
    offer: InstallSnapshot | undefined,
    then: { onReady: (socket: FrameSocket) => void; onFailed: (error: Error) => void },
  ): void {
    const { host, port } = this.#address(peer);
    const socket = connect({ host, port, noDelay: true });
    this.#track(socket);
    const frames = new FrameSocket(socket, {
      onFrame: (body) => {
        readAnswer(body);
        socket.setTimeout(0);
        then.onReady(frames);
      },
      onClose: (error) => then.onFailed(error ?? new Error('connection closed')),
    });
    const { id: from, clusterId } = this.#options;
    const hello: Hello = { version: PEER_PROTOCOL_VERSION, clusterId, from, to: peer, offer };
    frames.write((writer) => writeHello(writer, hello));
  }

  // --- accepting ---

  #onAccepted(socket: Socket): void {
    if (this.#isClosed) return void socket.destroy();
    this.#track(socket);
    const frames = new FrameSocket(socket, {
      onFrame: (body) => {
        socket.setTimeout(0);
        this.#onHello(frames, readHello(body));
      },
      onClose: (error) => {
        if (error instanceof ClusterError) this.#options.onEvent(`a peer: ${error.message}`);
      },
    });
  }

  #onHello(socket: FrameSocket, hello: Hello): void {
    const link = this.#links.get(hello.from);
    const reason = this.#refusalOf(hello, link);
    if (reason !== undefined || link === undefined) {
      this.#options.onEvent(`refused node ${hello.from}: ${reason}`);
      socket.write((writer) => writeRefusal(writer, reason ?? 'unknown node'));
      return socket.end();
    }
    if (hello.offer !== undefined) return this.#onOffer(socket, hello.offer);
    socket.write(writeAccept);
    this.#options.onEvent(`accepted node ${hello.from}`);
    link.attach(socket, (error) => {
      if (this.#isClosed) return;
      this.#options.onEvent(`lost node ${link.id}: ${error?.message ?? 'connection closed'}`);
    });
  }

  #refusalOf(hello: Hello, link: PeerLink | undefined): string | undefined {
    const { id, clusterId } = this.#options;
    if (hello.clusterId !== clusterId) {
      return `cluster '${hello.clusterId}', but this node belongs to '${clusterId}'`;
    }
    if (hello.to !== id) return `node ${hello.to} was meant, but this is node ${id}`;
    return link === undefined ? `node ${hello.from} is not a member known here` : undefined;
  }

  #onOffer(socket: FrameSocket, offer: InstallSnapshot): void {
    const sink = this.#handler.onSnapshot(offer);
    if (sink === undefined) {
      socket.write((writer) => writeRefusal(writer, 'the snapshot is not needed'));
      return socket.end();
    }
    socket.write(writeAccept);
    this.#options.onEvent(`receiving snapshot ${offer.snapshot.index} from node ${offer.from}`);
    takeSnapshot(socket, sink);
  }
}
