import type { NodeId } from '@bellwether/raft';
import { LIMITS } from '../limits.ts';
import type { ByteWriter } from '../wire/bytes.ts';
import { readMessage, writeMessage } from '../wire/message-codec.ts';
import type { PeerMessage } from '../wire/peer-message.ts';
import type { FrameSocket } from './frame-socket.ts';
import type { TransportHandler } from './transport.ts';

/** The messages to and from one peer, over whatever connection there is at the moment. */
export class PeerLink {
  readonly id: NodeId;
  readonly #ownId: NodeId;
  readonly #handler: TransportHandler;
  readonly #queue: ((writer: ByteWriter) => void)[] = [];
  #socket: FrameSocket | undefined;

  constructor(id: NodeId, ownId: NodeId, handler: TransportHandler) {
    this.id = id;
    this.#ownId = ownId;
    this.#handler = handler;
  }

  get isConnected(): boolean {
    return this.#socket !== undefined;
  }

  /** Goes on over `socket`, whose handshake is done; an older connection is closed. */
  attach(socket: FrameSocket, onLost: (error: Error | undefined) => void): void {
    this.detach();
    this.#socket = socket;
    socket.handler = {
      onFrame: (body) => {
        if (this.#socket !== socket) return;
        this.#handler.onMessage(readMessage(body, this.id, this.#ownId));
      },
      onClose: (error) => {
        if (this.#socket === socket) this.#lose();
        onLost(error);
      },
    };
    this.#handler.onConnected(this.id);
  }

  /** Closes the connection, if there is one. */
  detach(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#lose();
    socket.destroy();
  }

  send(message: PeerMessage): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    if (socket.queuedBytes > LIMITS.peerQueueBytesMax) return this.#onFull(message);
    this.#queue.push((writer) => writeMessage(writer, message));
  }

  flush(): void {
    if (this.#queue.length === 0) return;
    this.#socket?.writeAll(this.#queue);
    this.#queue.length = 0;
  }

  /** Raft repeats what is lost; commands are only resent over a new connection. */
  #onFull(message: PeerMessage): void {
    if (message.type === 'ForwardCommands') this.#socket?.destroy();
  }

  #lose(): void {
    this.#socket = undefined;
    this.#queue.length = 0;
    this.#handler.onDisconnected(this.id);
  }
}
