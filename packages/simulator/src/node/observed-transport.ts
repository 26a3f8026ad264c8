import type { PeerAddress, PeerMessage, SnapshotSource, Transport } from '@bellwether/cluster';
import type { InstallSnapshot, NodeId } from '@bellwether/raft';

/** Passes everything on, and shows each message to the invariants as it leaves. */
export class ObservedTransport implements Transport {
  readonly #transport: Transport;
  readonly #onSend: (message: PeerMessage) => void;

  constructor(transport: Transport, onSend: (message: PeerMessage) => void) {
    this.#transport = transport;
    this.#onSend = onSend;
  }

  setPeers(peers: readonly PeerAddress[]): void {
    this.#transport.setPeers(peers);
  }

  send(message: PeerMessage): void {
    this.#onSend(message);
    this.#transport.send(message);
  }

  flush(): void {
    this.#transport.flush();
  }

  streamSnapshot(
    offer: InstallSnapshot,
    source: SnapshotSource,
    onDone: (outcome: 'installed' | 'failed') => void,
  ): void {
    this.#transport.streamSnapshot(offer, source, onDone);
  }

  isConnected(peer: NodeId): boolean {
    return this.#transport.isConnected(peer);
  }

  close(): void {
    this.#transport.close();
  }
}
