import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { LIMITS } from '../limits.ts';
import type { ConsensusOptions, ToConsensus, ToService } from './messages.ts';
import type { ChannelHandlers, ThreadChannel } from './thread-channel.ts';

/** Starts the consensus thread of one node as a worker. */
export class WorkerChannel implements ThreadChannel {
  readonly #worker: Worker;

  constructor(options: ConsensusOptions) {
    const url = new URL('./consensus-thread.js', import.meta.url);
    this.#worker = withCalmCollector(() => {
      return new Worker(url, { workerData: options, name: `consensus-${options.id}` });
    });
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

/**
 * V8 collects a heap as a whole when it and the memory that belongs to it have grown by some MiB, which
 * buffers of the network do in a fraction of a second. A heap that is made with this setting is let
 * grow to it first; what is young is collected all the same (see YoungCollector). The setting is read
 * when a heap is made, so hardly any other is affected.
 */
function withCalmCollector(start: () => Worker): Worker {
  setFlagsFromString(`--initial-old-space-size=${LIMITS.consensusHeapMibMin}`);
  const worker = start();
  // Its heap is made on its own thread.
  worker.once('online', () => setFlagsFromString('--initial-old-space-size=0'));
  return worker;
}
