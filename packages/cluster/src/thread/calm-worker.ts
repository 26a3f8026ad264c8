import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { LIMITS } from '../limits.ts';

/**
 * Starts a thread whose heap may grow before it is collected. V8 collects a heap as a whole when it and the
 * memory that belongs to it have grown by some MiB, which buffers of the network do in a fraction of a
 * second. A heap that is made with this setting is let grow to it first; what is young is collected all
 * the same (see YoungCollector). The setting is read when a heap is made, so hardly any other is affected.
 *
 * @param script of this directory
 * @param workerData plain data
 */
export function startCalmWorker(script: string, workerData: unknown, name: string): Worker {
  setFlagsFromString(`--initial-old-space-size=${LIMITS.consensusHeapMibMin}`);
  const worker = new Worker(new URL(script, import.meta.url), { workerData, name });
  // Its heap is made on its own thread.
  worker.once('online', () => setFlagsFromString('--initial-old-space-size=0'));
  return worker;
}
