import type { InstallSnapshot, NodeId, SnapshotMetadata } from '@bellwether/raft';
import type { PeerMessage } from '../wire/peer-message.ts';

export interface PeerAddress {
  readonly id: NodeId;
  readonly host: string;
  readonly port: number;
}

/** How a snapshot's chunks are read, in order; undefined at the end. May throw. */
export interface SnapshotSource {
  readonly metadata: SnapshotMetadata;
  readChunk(): Uint8Array | undefined;
  close(): void;
}

/** Where a snapshot's chunks go at the receiver. */
export interface SnapshotSink {
  write(chunk: Uint8Array): void;
  /** All chunks have come: make it durable, then answer. */
  commit(onDone: (error: Error | undefined) => void): void;
  abort(): void;
}

/** What the transport tells the driver. Calls never overlap and never come from within a call of it. */
export interface TransportHandler {
  onMessage(message: PeerMessage): void;
  onConnected(peer: NodeId): void;
  onDisconnected(peer: NodeId): void;
  /**
   * Whether a node of this cluster that is no peer here, and has just introduced itself, is heard all the
   * same: where this node is behind, it may not know its own leader.
   */
  mayBeMember(stranger: NodeId): boolean;
  /** A peer wants to stream the snapshot that `offer` names; undefined refuses. */
  onSnapshot(offer: InstallSnapshot): SnapshotSink | undefined;
}

/**
 * Carries messages to the peers, in order while a connection lasts, or not at all: loss is the
 * core's business. Nothing is sent before flush().
 */
export interface Transport {
  /**
   * With whom to talk from now on, and where they are. Connections to others are closed, without a word
   * to the handler, but for those who were let in because they may be members, as long as they may. A
   * node that is named more than once is tried at one address after the other.
   */
  setPeers(peers: readonly PeerAddress[]): void;
  /** Queues a message. A full queue drops it; ForwardCommands are never dropped silently: the connection is. */
  send(message: PeerMessage): void;
  /** Sends what is queued, in one write for each peer. */
  flush(): void;
  /** Streams a snapshot to `offer.to` on the side; `installed` once it is durable there. */
  streamSnapshot(
    offer: InstallSnapshot,
    source: SnapshotSource,
    onDone: (outcome: 'installed' | 'failed') => void,
  ): void;
  isConnected(peer: NodeId): boolean;
  close(): void;
}
