import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { LIMITS } from '../limits.ts';
import { EventLoop } from './event-loop.ts';
import type { ConsensusOptions, ToConsensus, ToService } from './messages.ts';
import type { ChannelHandlers, ThreadChannel } from './thread-channel.ts';

/** Starts the consensus thread of one node as a worker. */
export class WorkerChannel extends EventLoop implements ThreadChannel {
  readonly #worker: Worker;

  constructor(options: ConsensusOptions) {
    super();
    this.#worker = startCalmWorker(options);
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

/**
 * Its heap may grow before it is collected. V8 collects a heap as a whole when it and the
 * memory that belongs to it have grown by some MiB, which buffers of the network do in a fraction of a
 * second. A heap that is made with this setting is let grow to it first; what is young is collected all
 * the same (see YoungCollector). The setting is read when a heap is made, so hardly any other is affected.
 */
function startCalmWorker(options: ConsensusOptions): Worker {
  setFlagsFromString(`--initial-old-space-size=${LIMITS.consensusHeapMibMin}`);
  const script = new URL('./consensus-thread.js', import.meta.url);
  const worker = new Worker(script, { workerData: options, name: `consensus-${options.id}` });
  // Its heap is made on its own thread.
  worker.once('online', () => setFlagsFromString('--initial-old-space-size=0'));
  return worker;
}
