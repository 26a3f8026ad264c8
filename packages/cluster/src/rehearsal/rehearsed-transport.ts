import type { NodeId } from '@bellwether/raft';
import type { Transport, TransportHandler } from '../transport/transport.ts';
import { ByteWriter } from '../wire/bytes.ts';
import { FrameSplitter } from '../wire/frame.ts';
import { readMessage } from '../wire/message-codec.ts';
import { PeerFrames } from '../wire/peer-frames.ts';
import type { PeerMessage } from '../wire/peer-message.ts';
import type { Stage } from './stage.ts';

interface Way {
  readonly to: RehearsedTransport;
  readonly queue: PeerMessage[];
}

/** Carries messages as the real one does, in frames, but to nodes on the same stage. */
export class RehearsedTransport implements Transport {
  readonly #id: NodeId;
  readonly #handler: TransportHandler;
  readonly #stage: Stage;
  readonly #ways = new Map<NodeId, Way>();
  readonly #frames = new PeerFrames();
  readonly #writer = new ByteWriter();

  constructor(id: NodeId, handler: TransportHandler, stage: Stage) {
    this.#id = id;
    this.#handler = handler;
    this.#stage = stage;
  }

  /** Connects this end; the other one connects itself. */
  connect(peer: RehearsedTransport): void {
    this.#ways.set(peer.#id, { to: peer, queue: [] });
    this.#handler.onConnected(peer.#id);
  }

  disconnect(peer: RehearsedTransport): void {
    this.#ways.delete(peer.#id);
    this.#handler.onDisconnected(peer.#id);
  }

  setPeers(): void {
    // They are on the stage from the beginning.
  }

  send(message: PeerMessage): void {
    this.#ways.get(message.to)?.queue.push(message);
  }

  flush(): void {
    for (const { to, queue } of this.#ways.values()) {
      if (queue.length === 0) continue;
      this.#writer.reset();
      for (const message of queue) this.#frames.write(this.#writer, message);
      queue.length = 0;
      const bytes = new Uint8Array(this.#writer.view());
      this.#stage.later(() => to.#read(this.#id, bytes));
    }
    this.#frames.endTurn();
  }

  streamSnapshot(): void {
    throw new Error('nobody lacks so much in a rehearsal');
  }

  isConnected(peer: NodeId): boolean {
    return this.#ways.has(peer);
  }

  close(): void {
    this.#ways.clear();
  }

  #read(from: NodeId, bytes: Uint8Array): void {
    if (!this.#ways.has(from)) return;
    const splitter = new FrameSplitter((body) => {
      const message = readMessage(body, from, this.#id);
      if (message !== undefined) this.#handler.onMessage(message);
    });
    splitter.push(bytes);
  }
}
