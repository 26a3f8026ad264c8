/** The program: `npm run crosscheck`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { Checker } from './checker.ts';
import { Coverage } from './coverage.ts';
import type { Divergence } from './divergence.ts';
import { Ensemble, type System } from './ensemble.ts';
import { generateRound } from './generate.ts';
import { KNOWN_DIFFERENCES, KnownCounts } from './known-differences.ts';
import { parseOptions, USAGE, UsageError, type Options } from './options.ts';
import { Random, roundSeed } from './random.ts';
import { describeDivergence, describeSteps } from './report.ts';
import { runRound } from './round.ts';
import type { Script } from './script.ts';
import { SCRIPTS } from './scripts.ts';
import { shrink } from './shrink.ts';
import type { Step } from './steps.ts';
import { findBellwether, findZooKeeper } from './systems.ts';

const EXIT = { same: 0, different: 1, usage: 2, missing: 3, interrupted: 130 } as const;
const PORTS_PER_SYSTEM = 100;
/** Between two lines about how far it is. */
const PROGRESS_MS = 10_000;

interface Round {
  readonly name: string;
  readonly steps: readonly Step[];
  /** The options that run just this round. */
  readonly replay: string;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Those that need servers which look often for what goes by itself. */
function* mortalRounds({ scripts, round, replayFile }: Options): Generator<Round> {
  if (scripts === 'none' || round !== undefined || replayFile !== undefined) return;
  yield* SCRIPTS.filter(({ needs }) => needs === 'mortals').map(roundOf);
}

function roundOf({ name, steps }: Script): Round {
  return { name: `script "${name}"`, steps, replay: '--scripts only' };
}

function* usualRounds(options: Options): Generator<Round> {
  if (options.replayFile !== undefined) {
    const steps = JSON.parse(readFileSync(options.replayFile, 'utf8')) as Step[];
    yield { name: options.replayFile, steps, replay: `--replay ${options.replayFile}` };
    return;
  }
  if (options.scripts !== 'none' && options.round === undefined) {
    const isEnsemble = options.zooKeeperNodes > 1;
    const usual = SCRIPTS.filter(({ needs }) => needs === undefined || isEnsemble);
    yield* usual.filter(({ needs }) => needs !== 'mortals').map(roundOf);
  }
  if (options.scripts === 'only') return;
  const { seed, steps, sessions, round: only, firstRound } = options;
  const first = only ?? firstRound;
  const count = only === undefined ? Math.ceil(options.operations / steps) : 1;
  for (let round = first; round < first + count; round += 1) {
    const random = new Random(roundSeed(seed, round));
    const nodes = `--zookeeper-nodes ${options.zooKeeperNodes}`;
    const plan = `--seed ${seed} --round ${round} --steps ${steps} --sessions ${sessions} ${nodes}`;
    yield { name: `round ${round}`, steps: generateRound(random, options), replay: plan };
  }
}

async function shrunk(
  checker: Checker,
  steps: readonly Step[],
  divergence: Divergence,
): Promise<readonly Step[] | undefined> {
  const shows = async (candidate: readonly Step[]) => {
    const result = await runRound(checker, candidate);
    return result.kind === 'different' && result.divergence.signature === divergence.signature;
  };
  return (await shows(steps)) ? shrink(steps, shows) : undefined;
}

async function explain(
  checker: Checker,
  round: Round,
  stepsDone: number,
  divergence: Divergence,
  options: Options,
): Promise<void> {
  say(`\n${describeDivergence(divergence)}`);
  say(`at step ${stepsDone} of ${round.steps.length} of ${round.name}; again:`);
  say(`  npm run crosscheck -- ${round.replay}`);
  if (!options.shrinks) return;
  const steps = await shrunk(checker, round.steps.slice(0, stepsDone), divergence);
  if (steps === undefined) return say('it did not happen again: this depends on timing');
  writeFileSync(options.outFile, `${JSON.stringify(steps, undefined, 1)}\n`);
  say(`${steps.length} steps are enough, npm run crosscheck -- --replay ${options.outFile}`);
  say(describeSteps(steps));
}

interface Tally {
  operations: number;
  rounds: number;
  cutShort: number;
  readonly differences: Map<string, number>;
  readonly coverage: Coverage;
}

async function runAll(
  checker: Checker,
  rounds: Iterable<Round>,
  tally: Tally,
  options: Options,
  check: () => void,
): Promise<void> {
  let toldMs = performance.now();
  for (const round of rounds) {
    if (performance.now() - toldMs > PROGRESS_MS) {
      toldMs = performance.now();
      process.stderr.write(`${tally.operations} operations so far; next is ${round.name}\n`);
    }
    const result = await runRound(checker, round.steps);
    check();
    tally.rounds += 1;
    tally.operations += operationsIn(round.steps.slice(0, result.steps));
    if (result.kind === 'ended') tally.cutShort += 1;
    if (result.kind !== 'different') continue;
    const { signature } = result.divergence;
    const times = tally.differences.get(signature) ?? 0;
    tally.differences.set(signature, times + 1);
    if (times === 0) await explain(checker, round, result.steps, result.divergence, options);
    if (!options.keepsGoing) break;
  }
}

/** The rounds between both systems, which run for as long; `check` says that all servers still do. */
async function compare(
  systems: { readonly bellwether: System; readonly zookeeper: System },
  rounds: Iterable<Round>,
  tally: Tally,
  known: KnownCounts,
  options: Options,
): Promise<void> {
  const { bellwether, zookeeper } = systems;
  const { firstPort, nodes, zooKeeperNodes } = options;
  const theirPort = firstPort + PORTS_PER_SYSTEM;
  const [ours, theirs] = await Promise.all([
    Ensemble.start(bellwether, nodes, firstPort),
    Ensemble.start(zookeeper, zooKeeperNodes, theirPort),
  ]);
  const hosts = { bellwether: ours.hosts, zookeeper: theirs.hosts };
  const checker = new Checker(hosts, zookeeper.version, known, tally.coverage);
  await runAll(checker, rounds, tally, options, () => {
    ours.assertRunning();
    theirs.assertRunning();
  });
  await Promise.all([ours.stop(), theirs.stop()]);
}

function operationsIn(steps: readonly Step[]): number {
  return steps.reduce(
    (sum, step) => sum + (step.kind === 'pipeline' ? step.requests.length : 1),
    0,
  );
}

function report(tally: Tally, known: KnownCounts, seconds: number): void {
  const { operations, rounds, cutShort, differences } = tally;
  const short = cutShort === 0 ? '' : ` (${cutShort} cut short by a known difference)`;
  say(`\n${operations} operations in ${rounds} rounds${short}, ${seconds.toFixed(0)} s`);
  for (const { id, reason } of KNOWN_DIFFERENCES) {
    const count = known.counts.get(id);
    if (count !== undefined) say(`  ${String(count).padStart(6)} x ${id}: ${reason}`);
  }
  for (const [signature, count] of differences) {
    say(`  ${String(count).padStart(6)} x UNEXPLAINED ${signature}`);
  }
  if (differences.size === 0) say('no unexplained difference');
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    say(USAGE);
    return EXIT.same;
  }
  if (options === 'differences') {
    for (const { id, reason } of KNOWN_DIFFERENCES) say(`${id}: ${reason}`);
    return EXIT.same;
  }
  const zooKeeper = findZooKeeper('never');
  if ('missing' in zooKeeper) {
    say(`crosscheck: there is no ZooKeeper to compare with: ${zooKeeper.missing}`);
    return EXIT.missing;
  }
  const startedMs = performance.now();
  const counts = { operations: 0, rounds: 0, cutShort: 0 };
  const tally: Tally = { ...counts, differences: new Map(), coverage: new Coverage() };
  const known = new KnownCounts();
  const usual = { bellwether: findBellwether('never'), zookeeper: zooKeeper };
  const { nodes, zooKeeperNodes, seed } = options;
  say(
    `Bellwether ${usual.bellwether.version} (${nodes} nodes), ` +
      `ZooKeeper ${zooKeeper.version} (${zooKeeperNodes} nodes), seed ${seed}`,
  );
  await compare(usual, usualRounds(options), tally, known, options);
  const mortals = [...mortalRounds(options)];
  const often = findZooKeeper('often');
  if (mortals.length > 0 && !('missing' in often)) {
    const systems = { bellwether: findBellwether('often'), zookeeper: often };
    await compare(systems, mortals, tally, known, options);
  }
  if (options.showsCoverage) say(`\n${tally.coverage.lines().join('\n')}`);
  report(tally, known, (performance.now() - startedMs) / 1000);
  return tally.differences.size === 0 ? EXIT.same : EXIT.different;
}

// Whatever was started ends with this process, by the handlers of its 'exit' event.
process.on('SIGINT', () => process.exit(EXIT.interrupted));
process.on('SIGTERM', () => process.exit(EXIT.interrupted));
try {
  process.exit(await main());
} catch (error) {
  process.stderr.write(`crosscheck: ${(error as Error).stack}\n`);
  if (error instanceof UsageError) process.stderr.write('--help shows the options\n');
  process.exit(error instanceof UsageError ? EXIT.usage : EXIT.different);
}
