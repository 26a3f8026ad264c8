import { Worker } from 'node:worker_threads';
import type { CliOptions } from './cli-options.ts';
import { simulationOptions } from './cli-options.ts';
import { simulate, type SimulationResult } from './simulate.ts';

/** What came of a run, without what only explains a failure. */
export interface RunResult extends Omit<SimulationResult, 'failure'> {
  readonly hasFailed: boolean;
}

/** Runs seeds, one after the other. */
export interface Runner {
  run(seed: number, nodes: number): Promise<RunResult>;
  close(): void;
}

/** What a worker is told to run; it answers with a RunResult. */
export type RunMessage = readonly [seed: number, nodes: number];

export function resultOf(options: CliOptions, [seed, nodes]: RunMessage): RunResult {
  const { failure, ...result } = simulate(simulationOptions(options, seed, nodes));
  return { ...result, hasFailed: failure !== undefined };
}

/** In this thread when it is the only one, on a thread of its own otherwise. */
export function createRunner(options: CliOptions): Runner {
  if (options.jobs > 1) return new WorkerRunner(options);
  return {
    run: (seed, nodes) => Promise.resolve(resultOf(options, [seed, nodes])),
    close: () => undefined,
  };
}

class WorkerRunner implements Runner {
  readonly #worker: Worker;

  constructor(options: CliOptions) {
    this.#worker = new Worker(new URL('./seed-worker.js', import.meta.url), {
      workerData: options,
    });
  }

  run(seed: number, nodes: number): Promise<RunResult> {
    return new Promise((resolve, reject) => {
      this.#worker.once('error', reject);
      this.#worker.once('message', (result: RunResult) => {
        this.#worker.off('error', reject);
        resolve(result);
      });
      this.#worker.postMessage([seed, nodes] satisfies RunMessage);
    });
  }

  close(): void {
    void this.#worker.terminate();
  }
}
