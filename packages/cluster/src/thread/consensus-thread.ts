/* The consensus as a thread of the process that its service is in. */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../assert.ts';
import type { ConsensusOptions, ToConsensus } from './messages.ts';
import { RunningConsensus } from './running-consensus.ts';

assert(parentPort !== null, 'runs in a worker');
const port = parentPort;
const consensus = new RunningConsensus(workerData as ConsensusOptions, {
  post: (message, transfer) => port.postMessage(message, transfer),
  close: () => port.close(),
});
port.on('message', (message: ToConsensus) => consensus.onMessage(message));
await consensus.start();
