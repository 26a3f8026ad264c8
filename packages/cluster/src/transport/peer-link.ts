import type { NodeId } from '@bellwether/raft';
import { assert } from '../assert.ts';
import { LIMITS } from '../limits.ts';
import type { ByteWriter } from '../wire/bytes.ts';
import { readMessage } from '../wire/message-codec.ts';
import type { PeerFrames } from '../wire/peer-frames.ts';
import type { PeerMessage } from '../wire/peer-message.ts';
import type { FrameSocket } from './frame-socket.ts';
import type { PeerAddress, TransportHandler } from './transport.ts';

/** The messages to and from one peer, over whatever connection there is at the moment. */
export class PeerLink {
  readonly id: NodeId;
  /** Where it may be; empty once this node has no more to do with it. */
  addresses: readonly PeerAddress[];
  /** Why it could not be reached last, as far as that was said. */
  lastFailure = '';
  /** This node dials it, again and again. */
  isDialled = false;
  readonly #ownId: NodeId;
  readonly #handler: TransportHandler;
  readonly #frames: PeerFrames;
  readonly #queue: PeerMessage[] = [];
  readonly #writeQueue = (writer: ByteWriter): void => {
    for (const message of this.#queue) this.#frames.write(writer, message);
  };
  #socket: FrameSocket | undefined;
  #attempt = 0;
  /** The peer says how it is over this connection, so it never is silent for long. */
  #isRegular = false;
  #isHeard = false;
  #silentChecks = 0;
  #undialledChecks = 0;

  constructor(
    id: NodeId,
    addresses: readonly PeerAddress[],
    ownId: NodeId,
    handler: TransportHandler,
    frames: PeerFrames,
  ) {
    this.id = id;
    this.addresses = addresses;
    this.#ownId = ownId;
    this.#handler = handler;
    this.#frames = frames;
  }

  get isConnected(): boolean {
    return this.#socket !== undefined;
  }

  /** Let in without being a peer: nobody knows where it is. */
  get isGuest(): boolean {
    return this.addresses.length === 0;
  }

  /** Where to try it now. */
  get address(): PeerAddress {
    const address = this.addresses[this.#attempt % this.addresses.length];
    assert(address !== undefined, 'a peer has an address');
    return address;
  }

  /** It was not there. */
  nextAddress(): void {
    this.#attempt += 1;
  }

  /** Goes on over `socket`, whose handshake is done; an older connection is closed. */
  attach(socket: FrameSocket, onLost: (error: Error | undefined) => void): void {
    this.detach();
    this.lastFailure = '';
    this.#socket = socket;
    this.#isRegular = false;
    this.#silentChecks = 0;
    socket.handler = {
      onFrame: (body) => {
        if (this.#socket === socket) this.#onFrame(body);
      },
      onClose: (error) => {
        if (this.#socket === socket) this.#lose();
        onLost(error);
      },
    };
    this.#handler.onConnected(this.id);
  }

  /**
   * To be called every `linkCheckMs`. Gives up a connection over which nothing comes any more, although
   * nobody closed it: after a long break the kernel would take as long again to find that it is mended.
   */
  checkSilence(): void {
    if (!this.#isRegular) return;
    this.#silentChecks = this.#isHeard ? 0 : this.#silentChecks + 1;
    this.#isHeard = false;
    if (this.#silentChecks < LIMITS.linkChecksSilentMax) return;
    this.#socket?.destroy(new Error('nothing comes from it'));
  }

  /**
   * To be called every `linkCheckMs`.
   *
   * @returns whether the peer, who is to dial, has left that undone for too long; then it counts anew
   */
  checkUndialled(): boolean {
    this.#undialledChecks = this.isConnected ? 0 : this.#undialledChecks + 1;
    if (this.#undialledChecks <= LIMITS.linkChecksUndialledMax) return false;
    this.#undialledChecks = 0;
    return true;
  }

  /** Parts from the peer for good, without a word to the handler; what was said is still sent. */
  end(): void {
    const socket = this.#socket;
    this.flush();
    this.#socket = undefined;
    socket?.end();
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
    this.#queue.push(message);
  }

  flush(): void {
    if (this.#queue.length === 0) return;
    this.#socket?.writeAll(this.#writeQueue);
    this.#queue.length = 0;
  }

  #onFrame(body: Uint8Array): void {
    const message = readMessage(body, this.id, this.#ownId);
    this.#isHeard = true;
    // A newer build says more than this one understands.
    if (message === undefined) return;
    if (message.type === 'Vitals') this.#isRegular = true;
    this.#handler.onMessage(message);
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
