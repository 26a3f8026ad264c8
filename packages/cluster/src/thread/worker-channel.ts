import type { Worker } from 'node:worker_threads';
import { startCalmWorker } from './calm-worker.ts';
import type { ConsensusOptions, ToConsensus, ToService } from './messages.ts';
import type { ChannelHandlers, ThreadChannel } from './thread-channel.ts';

/** Starts the consensus thread of one node as a worker. */
export class WorkerChannel implements ThreadChannel {
  readonly #worker: Worker;

  constructor(options: ConsensusOptions) {
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

  soon(action: () => void): void {
    setImmediate(action);
  }

  every(intervalMs: number, action: () => void): () => void {
    const timer = setInterval(action, intervalMs);
    return () => clearInterval(timer);
  }

  terminate(): void {
    void this.#worker.terminate();
  }
}
