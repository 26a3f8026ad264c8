import type { Worker } from 'node:worker_threads';
import { startCalmWorker } from './calm-worker.ts';
import { EventLoop } from './event-loop.ts';
import type { ConsensusOptions, ToConsensus, ToService } from './messages.ts';
import type { ChannelHandlers, ThreadChannel } from './thread-channel.ts';

/** Starts the consensus thread of one node as a worker. */
export class WorkerChannel extends EventLoop implements ThreadChannel {
  readonly #worker: Worker;

  constructor(options: ConsensusOptions) {
    super();
    this.#worker = startCalmWorker('./consensus-thread.js', options, `consensus-${options.id}`);
  }

  post(message: ToConsensus, transfer?: readonly ArrayBuffer[]): void {
    this.#worker.postMessage(message, transfer);
  }

  listen(handlers: ChannelHandlers): void {
    this.#worker.on('message', (message: ToService) => handlers.onMessage(message));
    this.#worker.on('error', (error) => handlers.onError(error));
    this.#worker.on('exit', () => handlers.onExit());
  }

  terminate(): void {
    void this.#worker.terminate();
  }
}
