import { writeFileSync } from 'node:fs';
import { ClientProcesses } from '../client-processes.ts';
import { Ensemble } from '../ensemble.ts';
import { UsageError } from '../options.ts';
import { describeMachine } from '../report.ts';
import { fillTree } from './fill-tree.ts';
import { FAULTS, type Fault } from './faults.ts';
import { FAILOVER_USAGE, parseFailoverOptions, type FailoverOptions } from './options.ts';
import { formatFailovers, formatPhases, type FailoverResult } from './report.ts';
import { runRound, type Background, type RoundResult } from './round.ts';
import { FINDERS, type FailoverSystem } from './systems.ts';

const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;
/** Sessions among which the background load is spread. */
const LOAD_SESSIONS_MAX = 10;

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function findSystems(options: FailoverOptions): FailoverSystem[] {
  const systems: FailoverSystem[] = [];
  for (const name of options.systems) {
    const found = FINDERS[name]();
    if (!('missing' in found)) systems.push(found);
    else say(`${name} is left out: ${found.missing}`);
  }
  if (systems.length === 0) throw new UsageError('there is nothing to measure');
  return systems;
}

function backgroundOf(options: FailoverOptions): Background | undefined {
  if (options.load === 0) return undefined;
  const clients = Math.min(LOAD_SESSIONS_MAX, options.load);
  const window = Math.ceil(options.load / clients);
  const load = { name: 'background', operation: 'set', clients, window, dataBytes: 100 } as const;
  return { clients: new ClientProcesses(1), load: { ...load, readPercent: 0 } };
}

function showRound(name: string, fault: Fault, number: number, result: RoundResult): void {
  const { gapMs, failed, doubled, lost, failures } = result;
  const bad = failed + doubled + lost === 0 ? '' : `, ${failed} failed (${failures[0] ?? 'load'})`;
  const wrong = doubled + lost === 0 ? '' : `, ${doubled} doubled, ${lost} LOST`;
  say(`${name}, leader ${fault.title}, ${number}: ${gapMs.toFixed(1)} ms${bad}${wrong}`);
}

async function measure(
  system: FailoverSystem,
  ensemble: Ensemble,
  options: FailoverOptions,
): Promise<FailoverResult> {
  const background = system.hasTree ? backgroundOf(options) : undefined;
  const faults = FAULTS.filter(({ name }) => options.faults.includes(name));
  const possible = faults.filter(({ name }) => name !== 'transfer' || system.transfer);
  const cases = possible.map((fault) => ({ fault, rounds: [] as RoundResult[] }));
  for (const { fault, rounds } of cases) {
    for (let number = 1; number <= options.rounds; number += 1) {
      const result = await runRound(system, ensemble, fault, number, background);
      showRound(system.name, fault, number, result);
      rounds.push(result);
    }
  }
  await background?.clients.stop();
  return { name: system.name, version: system.version, cases };
}

async function measureSystem(
  system: FailoverSystem,
  options: FailoverOptions,
): Promise<FailoverResult> {
  say(`starting ${system.name} ${system.version}`);
  const ensemble = await Ensemble.start(system, options.dataDirectory);
  try {
    if (options.znodes > 0 && system.hasTree) {
      await fillTree(ensemble.hosts[0]!, options.znodes, say);
    }
    return await measure(system, ensemble, options);
  } finally {
    await ensemble.stop();
  }
}

function report(results: readonly FailoverResult[], options: FailoverOptions): void {
  const tree = options.znodes === 0 ? '' : `, ${options.znodes.toLocaleString('en')} znodes`;
  const load = options.load === 0 ? '' : `, ${options.load} more writes in flight`;
  const title = `Longest time between two acknowledged writes through a surviving server${tree}${load}`;
  const texts = [describeMachine(), title, ...results.map(formatFailovers)];
  texts.push(...results.map(formatPhases).filter((text) => text !== ''));
  process.stdout.write(`${texts.join('\n\n')}\n`);
  if (options.jsonFile === undefined) return;
  const json = { machine: describeMachine(), options, results };
  writeFileSync(options.jsonFile, `${JSON.stringify(json, undefined, 2)}\n`);
}

/** @returns whether all systems were measured, and nothing was doubled or lost */
async function main(): Promise<boolean> {
  const options = parseFailoverOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(`${FAILOVER_USAGE}\n`);
    return true;
  }
  const results: FailoverResult[] = [];
  let isComplete = true;
  for (const system of findSystems(options)) {
    try {
      results.push(await measureSystem(system, options));
    } catch (error) {
      // What the others have shown is not thrown away for it.
      say(`${system.name} is left out: ${(error as Error).message}`);
      isComplete = false;
    }
  }
  report(results, options);
  const rounds = results.flatMap(({ cases }) => cases.flatMap((each) => each.rounds));
  return isComplete && rounds.every(({ doubled, lost }) => doubled + lost === 0);
}

// Whatever was started ends with this process, by the handlers of its 'exit' event.
process.on('SIGINT', () => process.exit(EXIT_INTERRUPTED));
process.on('SIGTERM', () => process.exit(EXIT_INTERRUPTED));
try {
  process.exit((await main()) ? 0 : 1);
} catch (error) {
  say(`bench:failover: ${(error as Error).message}`);
  if (error instanceof UsageError) say('--help shows the options');
  process.exit(error instanceof UsageError ? EXIT_USAGE : 1);
}
