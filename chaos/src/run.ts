import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RandomSource } from '@bellwether/simulator';
import { whyNoNetworks } from '@bellwether/testbed';
import { Artefacts, readHistory } from './artefacts.ts';
import { Checker } from './checker.ts';
import { missingFaults } from './nemesis/nemesis.ts';
import type { Strike } from './nemesis/schedule.ts';
import { ChaosCluster } from './nodes/chaos-cluster.ts';
import type { ChaosNode } from './nodes/chaos-node.ts';
import { parseOptions, USAGE, UsageError, type ChaosOptions } from './options.ts';
import { brokenPromises, runRound, type RoundResult } from './round.ts';
import { formatSummary, Tally } from './summary.ts';

const EXIT = { fine: 0, found: 1, usage: 2, impossible: 77, interrupted: 130 } as const;
const PACKAGES = fileURLToPath(new URL('../../packages', import.meta.url));

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** The command line program of the build that is put to the test. */
function findCli({ packages = PACKAGES }: ChaosOptions): string {
  const cli = join(packages, 'bellwether', 'dist', 'cli.js');
  if (existsSync(cli)) return cli;
  throw new UsageError(`${cli} is not there: build first (npm run build)`);
}

function showStrike({ fault, durationMs }: Strike, { id }: ChaosNode): void {
  say(`  ${fault} at node ${id} for ${(durationMs / 1000).toFixed(1)} s`);
}

function showRound({ round, counts, skipped, healedMs, failures }: RoundResult): void {
  const { done, failed, indeterminate } = counts;
  const outcome = failures.length === 0 ? 'nothing found' : 'FAILED';
  say(
    `round ${round}: ${done} answered, ${failed} failed, ${indeterminate} without an answer, ` +
      `${skipped} strikes skipped, well after ${(healedMs / 1000).toFixed(1)} s: ${outcome}`,
  );
}

/** Judges a history that was kept. @returns whether nothing is wrong with it */
function judgeAgain(file: string): boolean {
  const failures = brokenPromises({ records: readHistory(file), problems: [] });
  for (const { what } of failures) say(what);
  say(failures.length === 0 ? 'nothing was found' : `${failures.length} FAILURES`);
  return failures.length === 0;
}

/** Round after round until the time is up, or one fails. */
async function runRounds(
  cluster: ChaosCluster,
  options: ChaosOptions,
  artefacts: Artefacts,
  tally: Tally,
): Promise<boolean> {
  const missing = missingFaults(cluster);
  for (const [fault, reason] of missing) {
    if (options.faults.includes(fault)) say(`left out: ${fault}: ${reason}`);
  }
  const faults = options.faults.filter((fault) => !missing.has(fault));
  if (faults.length === 0) throw new UsageError('none of the faults can be had here');
  const random = new RandomSource(options.seed, 'chaos');
  const checker = new Checker();
  const untilMs = performance.now() + options.minutes * 60_000;
  for (let round = 1; round === 1 || performance.now() < untilMs; round += 1) {
    say(`round ${round}`);
    const own = random.fork(`round ${round}`);
    const result = await runRound({
      ...{ round, cluster, checker, random: own, faults, roundMs: options.roundMs },
      onStrike: showStrike,
    });
    tally.add(result);
    showRound(result);
    if (options.keep || result.failures.length > 0) artefacts.addRound(result);
    if (result.failures.length > 0) return false;
  }
  const changes = await checker.findChanges(cluster.nodes);
  tally.fail(
    0,
    changes.map((what) => ({ kind: 'broken promise', what })),
  );
  return changes.length === 0;
}

async function prove(options: ChaosOptions): Promise<number> {
  const reason = whyNoNetworks();
  if (reason !== undefined) {
    say(`proof:chaos is skipped: ${reason}`);
    return EXIT.impossible;
  }
  const cli = findCli(options);
  const artefacts = new Artefacts(options.directory);
  const tally = new Tally();
  let isFine = false;
  try {
    say(`seed ${options.seed}, ${options.nodes} nodes, in ${artefacts.directory}`);
    const { directory } = artefacts;
    const cluster = await ChaosCluster.start({ nodes: options.nodes, directory, cli });
    try {
      isFine = await runRounds(cluster, options, artefacts, tally);
      if (!isFine || options.keep) await cluster.save();
    } finally {
      cluster.destroy();
    }
  } finally {
    if (!isFine || options.keep) {
      artefacts.keep();
      say(`kept: ${artefacts.directory}`);
    }
  }
  const summary = tally.summary(options);
  say(formatSummary(summary));
  if (options.jsonFile !== undefined) {
    writeFileSync(options.jsonFile, `${JSON.stringify(summary, undefined, 2)}\n`);
  }
  return isFine ? EXIT.fine : EXIT.found;
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    say(USAGE);
    return EXIT.fine;
  }
  if (options.judgeFile !== undefined) {
    return judgeAgain(options.judgeFile) ? EXIT.fine : EXIT.found;
  }
  return prove(options);
}

// Whatever was started ends with this process, by the handlers of its 'exit' event.
process.on('SIGINT', () => process.exit(EXIT.interrupted));
process.on('SIGTERM', () => process.exit(EXIT.interrupted));
try {
  process.exit(await main());
} catch (error) {
  const isUsage = error instanceof UsageError;
  process.stderr.write(
    `proof:chaos: ${isUsage ? error.message : String((error as Error).stack)}\n`,
  );
  if (isUsage) process.stderr.write('--help shows the options\n');
  process.exit(isUsage ? EXIT.usage : EXIT.found);
}
