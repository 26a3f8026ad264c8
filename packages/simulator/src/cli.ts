#!/usr/bin/env node
import type { CliOptions } from './cli-options.ts';
import { parseCliOptions, USAGE, UsageError } from './cli-options.ts';
import { ALL_FAULTS } from './nemesis/nemesis.ts';
import { registerApplication } from './services/register-application.ts';
import { shrink } from './shrink.ts';
import { simulate, type SimulationOptions, type SimulationResult } from './simulate.ts';
import { describeFailure, replayCommand, Summary } from './summary.ts';
import { zookeeperApplication } from './zookeeper/zookeeper-application.ts';

const PROGRESS_INTERVAL_MS = 5_000;
/** More failures than this say nothing new. */
const FAILURES_MAX = 5;

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

function* runsOf({ firstSeed, lastSeed, nodes }: CliOptions): Iterable<[number, number]> {
  for (let seed = firstSeed; seed <= lastSeed; seed++) {
    for (const count of nodes) yield [seed, count];
  }
}

function optionsOf(options: CliOptions, seed: number, nodes: number): SimulationOptions {
  const { application, safetyMs, clients, strikes, showsLog } = options;
  const faults = ALL_FAULTS.filter(({ name }) => options.faults?.includes(name) ?? true);
  return {
    ...{ seed, nodes, faults, safetyMs, clients, strikes },
    application: application === 'zookeeper' ? zookeeperApplication() : registerApplication(),
    onLine: showsLog ? (line) => print([line]) : undefined,
  };
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

function runAll(options: CliOptions): Summary {
  const summary = new Summary();
  const startedMs = performance.now();
  const untilMs = startedMs + options.minutesMax * 60_000;
  let toldMs = startedMs;
  for (const [seed, nodes] of runsOf(options)) {
    const nowMs = performance.now();
    if (nowMs >= untilMs || summary.failures >= FAILURES_MAX) break;
    if (nowMs - toldMs >= PROGRESS_INTERVAL_MS) {
      toldMs = nowMs;
      process.stderr.write(`${summary.progress(nowMs - startedMs)}\n`);
    }
    const asked = optionsOf(options, seed, nodes);
    const result = simulate(asked);
    summary.add(result);
    if (result.failure !== undefined) report(options, asked, result);
  }
  print(summary.lines(performance.now() - startedMs));
  return summary;
}

/** Returns the exit code. */
function main(args: readonly string[]): number {
  try {
    const options = parseCliOptions(args);
    if (options === undefined) {
      print([USAGE]);
      return 0;
    }
    return runAll(options).failures === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${USAGE}\n`);
    return 2;
  }
}

process.exitCode = main(process.argv.slice(2));
