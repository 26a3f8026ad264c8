import { Socket, type SocketConstructorOpts } from 'node:net';
import { ClusterError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { FrameSocket } from '../transport/frame-socket.ts';
import { readToService, writeToConsensus } from './channel-frames.ts';
import type { Begin } from './channel-frames.ts';
import { EventLoop } from './event-loop.ts';
import type { ConsensusOptions, ToConsensus, ToService } from './messages.ts';
import { ReusedInput } from './reused-input.ts';
import type { ChannelHandlers, ThreadChannel } from './thread-channel.ts';

/** A service's way to the consensus in the process that it was started by (see consensus-process.ts). */
export class SocketChannel extends EventLoop implements ThreadChannel {
  readonly #socket: FrameSocket;
  #handlers: ChannelHandlers | undefined;
  #hasStopped = false;
  #isTerminated = false;

  /** @param fd the file descriptor that was inherited for this */
  constructor(options: ConsensusOptions, fd: number) {
    super();
    const input = new ReusedInput((body) => this.#onMessage(readToService(body)));
    const onread = { buffer: () => input.room(), callback: (bytes: number) => input.onRead(bytes) };
    // Node.js has `onread` here as in connect(); its types don't.
    const socket = new Socket({ fd, onread } as SocketConstructorOpts);
    this.#socket = new FrameSocket(socket, {
      // They come by `onread`.
      onFrame: () => undefined,
      onClose: () => setTimeout(() => this.#onClose(), LIMITS.consensusLostMs),
    });
    this.#socket.onInside();
    this.#write({ type: 'begin', options });
  }

  /** Buffers are copied, and stay where they are. */
  post(message: ToConsensus): void {
    this.#write(message);
  }

  listen(handlers: ChannelHandlers): void {
    this.#handlers = handlers;
  }

  terminate(): void {
    this.#isTerminated = true;
    this.#socket.destroy();
  }

  #write(message: ToConsensus | Begin): void {
    this.#socket.write((writer) => writeToConsensus(writer, message));
  }

  #onMessage(message: ToService): void {
    if (message.type === 'stopped') this.#hasStopped = true;
    this.#handlers?.onMessage(message);
  }

  #onClose(): void {
    if (this.#hasStopped || this.#isTerminated) return this.#handlers?.onExit();
    const text = "the node's first process, which has its consensus, is gone";
    this.#handlers?.onError(new ClusterError('CONSENSUS_FAILED', text));
  }
}
