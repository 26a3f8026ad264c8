import { ClusterError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { readToService, writeToConsensus } from './channel-frames.ts';
import type { Begin } from './channel-frames.ts';
import { ChannelSocket } from './channel-socket.ts';
import { ConsensusChild } from './consensus-child.ts';
import { EventLoop } from './event-loop.ts';
import type { ConsensusOptions, ToConsensus, ToService } from './messages.ts';
import type { ChannelHandlers, ThreadChannel } from './thread-channel.ts';

/** Starts the consensus of one node as a process of its own (see consensus-process.ts). */
export class ProcessChannel extends EventLoop implements ThreadChannel {
  readonly #child = new ConsensusChild();
  readonly #socket: ChannelSocket | undefined;
  #handlers: ChannelHandlers | undefined;
  #hasStopped = false;
  #isTerminated = false;

  constructor(options: ConsensusOptions) {
    super();
    const { stream } = this.#child;
    const onClose = (): void => void setTimeout(() => this.#onClose(), LIMITS.consensusLostMs);
    const onBody = (body: Uint8Array): void => this.#onMessage(readToService(body));
    if (stream === undefined) onClose();
    else this.#socket = new ChannelSocket({ stream }, { onBody, onClose });
    this.#write({ type: 'begin', options });
  }

  /** Buffers are copied, and stay where they are. */
  post(message: ToConsensus): void {
    this.#write(message);
  }

  listen(handlers: ChannelHandlers): void {
    this.#handlers = handlers;
  }

  /** It ends when nobody is at the other end. */
  terminate(): void {
    this.#isTerminated = true;
    this.#socket?.destroy();
  }

  #write(message: ToConsensus | Begin): void {
    this.#socket?.write((writer) => writeToConsensus(writer, message));
  }

  #onMessage(message: ToService): void {
    if (message.type === 'stopped') this.#hasStopped = true;
    this.#handlers?.onMessage(message);
  }

  #onClose(): void {
    if (this.#hasStopped || this.#isTerminated) return this.#handlers?.onExit();
    const text = `the node's consensus process ${this.#child.ending ?? 'is gone'}`;
    this.#handlers?.onError(new ClusterError('CONSENSUS_FAILED', text));
  }
}
