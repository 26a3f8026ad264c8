import { writeFileSync } from 'node:fs';
import { ClientProcesses, type LoadResult, type Target } from './client-processes.ts';
import { Ensemble, type System } from './ensemble.ts';
import type { Load } from './loads.ts';
import { parseOptions, USAGE, UsageError, type Options } from './options.ts';
import { describeMachine, formatRatios, formatResults, type SystemResult } from './report.ts';
import { findBellwether, findZooKeeper } from './systems.ts';

const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function showProgress(name: string, round: string, load: Load, result: LoadResult): void {
  const operations = Math.round(result.operationsPerSecond).toLocaleString('en');
  const errors = result.errors === 0 ? '' : `, ${result.errors} errors`;
  const p50 = `p50 ${result.p50Ms.toFixed(2)} ms`;
  say(`${name}, ${round}, ${load.name}: ${operations} ops/s, ${p50}${errors}`);
}

/** All loads on one ensemble, round after round. `check` throws when a server is gone. */
async function measure(
  name: string,
  version: string,
  target: Target,
  options: Options,
  check: () => void,
): Promise<SystemResult> {
  const clients = new ClientProcesses(options.processes);
  const results = options.loads.map((load) => ({ load, rounds: [] as LoadResult[] }));
  for (let round = options.warmUp ? 0 : 1; round <= options.rounds; round += 1) {
    for (const { load, rounds } of results) {
      const result = await clients.run(load, target, options.seconds);
      check();
      showProgress(name, round === 0 ? 'warm-up' : `round ${round}`, load, result);
      if (round > 0) rounds.push(result);
    }
  }
  await clients.stop();
  return { name, version, loads: results };
}

async function measureSystem(system: System, options: Options): Promise<SystemResult> {
  say(`starting ${system.name} ${system.version}`);
  const ensemble = await Ensemble.start(system, options.dataDirectory);
  try {
    return await measure(system.name, system.version, ensemble, options, () => {
      ensemble.assertRunning();
    });
  } catch (error) {
    ensemble.assertRunning();
    throw error;
  } finally {
    await ensemble.stop();
  }
}

function findSystems(options: Options): System[] {
  const systems: System[] = [];
  if (options.systems.includes('bellwether')) systems.push(findBellwether());
  if (!options.systems.includes('zookeeper')) return systems;
  const zooKeeper = findZooKeeper();
  if (!('missing' in zooKeeper)) systems.push(zooKeeper);
  else if (options.systems.length > 1) say(`Apache ZooKeeper is left out: ${zooKeeper.missing}`);
  else throw new UsageError(`Apache ZooKeeper can't be measured: ${zooKeeper.missing}`);
  return systems;
}

async function measureAll(options: Options): Promise<SystemResult[]> {
  if (options.hosts.length > 0) {
    const name = options.hosts.join(',');
    return [await measure(name, '', options, options, () => {})];
  }
  const results: SystemResult[] = [];
  for (const system of findSystems(options)) results.push(await measureSystem(system, options));
  return results;
}

function describeRun(options: Options): string {
  const warmUp = options.warmUp ? 'after a warm-up round' : 'without a warm-up';
  const rounds = options.rounds === 1 ? '1 round' : `median of ${options.rounds} rounds`;
  const { seconds, processes } = options;
  return `${seconds} s each, ${rounds} ${warmUp}, ${processes} client processes`;
}

function report(results: readonly SystemResult[], options: Options): void {
  const texts = [`${describeMachine()}\n${describeRun(options)}`, ...results.map(formatResults)];
  const [ours, theirs] = results;
  if (ours !== undefined && theirs !== undefined) texts.push(formatRatios(ours, theirs));
  if (process.platform !== 'linux') texts.push("The servers' CPU time is known on Linux only.");
  process.stdout.write(`${texts.join('\n\n')}\n`);
  if (options.jsonFile === undefined) return;
  const { seconds, rounds, processes } = options;
  const json = { machine: describeMachine(), seconds, rounds, processes, results };
  writeFileSync(options.jsonFile, `${JSON.stringify(json, undefined, 2)}\n`);
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  report(await measureAll(options), options);
}

// Whatever was started ends with this process, by the handlers of its 'exit' event.
process.on('SIGINT', () => process.exit(EXIT_INTERRUPTED));
process.on('SIGTERM', () => process.exit(EXIT_INTERRUPTED));
try {
  await main();
  process.exit(0);
} catch (error) {
  say(`bench: ${(error as Error).message}`);
  if (error instanceof UsageError) say('--help shows the options');
  process.exit(error instanceof UsageError ? EXIT_USAGE : 1);
}
