#!/usr/bin/env node
import type { CliOptions } from './cli-options.ts';
import { parseCliOptions, simulationOptions, USAGE, UsageError } from './cli-options.ts';
import { createRunner, type Runner } from './seed-runner.ts';
import { shrink } from './shrink.ts';
import { simulate, type SimulationOptions, type SimulationResult } from './simulate.ts';
import { describeFailure, replayCommand, Summary } from './summary.ts';

const PROGRESS_INTERVAL_MS = 5_000;
/** More failures than this say nothing new. */
const FAILURES_MAX = 5;

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

function* runsOf({ firstSeed, lastSeed, nodes }: CliOptions): Generator<[number, number]> {
  for (let seed = firstSeed; seed <= lastSeed; seed++) {
    for (const count of nodes) yield [seed, count];
  }
}

function report(options: CliOptions, asked: SimulationOptions, result: SimulationResult): void {
  print(describeFailure(result, asked.faults));
  const isDone = !options.shrinks || options.showsLog || options.strikes !== undefined;
  if (isDone) return;
  process.stderr.write('looking for a smaller run that fails in the same way\n');
  const smaller = shrink(asked, result);
  print([
    `${smaller.runs} more runs: ${smaller.result.failure?.error.message ?? ''}`,
    `smaller: ${replayCommand(smaller.result, asked.faults, 'all')}`,
  ]);
}

/** Goes through seeds, as many at once as there are runners. */
class Campaign {
  readonly summary = new Summary();
  readonly #options: CliOptions;
  readonly #runs: Generator<[number, number]>;
  readonly #startedMs = performance.now();
  #toldMs = this.#startedMs;

  constructor(options: CliOptions) {
    this.#options = options;
    this.#runs = runsOf(options);
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedMs;
  }

  /** Takes one run after the other, until none is left or it is time to stop. */
  async work(runner: Runner): Promise<void> {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const [seed, nodes] = next;
      const result = await runner.run(seed, nodes);
      this.summary.add(result);
      this.#tellProgress();
      if (!result.hasFailed) continue;
      // Once more, here: it does the same again, and all of it is at hand.
      const asked = simulationOptions(this.#options, seed, nodes);
      report(this.#options, asked, simulate(asked));
    }
    runner.close();
  }

  #next(): [number, number] | undefined {
    const { minutesMax } = this.#options;
    if (this.elapsedMs >= minutesMax * 60_000 || this.summary.failures >= FAILURES_MAX) {
      return undefined;
    }
    const { done, value } = this.#runs.next();
    return done === true ? undefined : value;
  }

  #tellProgress(): void {
    const nowMs = performance.now();
    if (nowMs - this.#toldMs < PROGRESS_INTERVAL_MS) return;
    this.#toldMs = nowMs;
    process.stderr.write(`${this.summary.progress(this.elapsedMs)}\n`);
  }
}

/** Returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseCliOptions(args);
    if (options === undefined) {
      print([USAGE]);
      return 0;
    }
    const campaign = new Campaign(options);
    const runners = Array.from({ length: options.jobs }, () => createRunner(options));
    await Promise.all(runners.map((runner) => campaign.work(runner)));
    print(campaign.summary.lines(campaign.elapsedMs));
    return campaign.summary.failures === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${USAGE}\n`);
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
