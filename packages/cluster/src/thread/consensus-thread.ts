/* The consensus as a thread of the process that its service is in. */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../assert.ts';
import { fatalMessage } from './consensus-end.ts';
import type { ConsensusOptions, ToConsensus } from './messages.ts';
import { openLog } from './open-log.ts';
import { RunningConsensus } from './running-consensus.ts';

assert(parentPort !== null, 'runs in a worker');
const port = parentPort;

try {
  await start(workerData as ConsensusOptions);
} catch (error) {
  port.postMessage(fatalMessage(error));
}

async function start(options: ConsensusOptions): Promise<void> {
  const consensus = new RunningConsensus(options, openLog(options), {
    post: (message, transfer) => port.postMessage(message, transfer),
    close: () => port.close(),
  });
  port.on('message', (message: ToConsensus) => consensus.onMessage(message));
  await consensus.start();
}
