import type { CliOptions } from './cli-options.ts';
import { parseCliOptions, USAGE, UsageError } from './cli-options.ts';
import { registerApplication } from './services/register-application.ts';
import { simulate } from './simulate.ts';
import { describeFailure, Summary } from './summary.ts';
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
    const onLine = options.showsLog ? (line: string): void => print([line]) : undefined;
    const application =
      options.application === 'zookeeper' ? zookeeperApplication() : registerApplication();
    const result = simulate({
      seed,
      nodes,
      application,
      ...(onLine === undefined ? {} : { onLine }),
    });
    summary.add(result);
    if (result.failure !== undefined) print(describeFailure(result));
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
