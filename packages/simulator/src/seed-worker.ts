/* A thread that runs the seeds that it is told to: see seed-runner.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import type { CliOptions } from './cli-options.ts';
import { type RunMessage, resultOf } from './seed-runner.ts';

const options = workerData as CliOptions;

parentPort?.on('message', (message: RunMessage) => {
  parentPort?.postMessage(resultOf(options, message));
});
