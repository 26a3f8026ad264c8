import { writeFileSync } from 'node:fs';
import { UsageError } from '../options.ts';
import { describeMachine } from '../report.ts';
import { measureSystem } from './measure.ts';
import { FAILOVER_USAGE, parseFailoverOptions, type FailoverOptions } from './options.ts';
import {
  formatFailovers,
  formatLinks,
  formatLoad,
  formatPhases,
  type FailoverResult,
} from './report.ts';
import { FINDERS, type FailoverSystem } from './systems.ts';

const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

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

function report(results: readonly FailoverResult[], options: FailoverOptions): void {
  const tree = options.znodes === 0 ? '' : `, ${options.znodes.toLocaleString('en')} znodes`;
  const load = options.load === 0 ? '' : `, ${options.load} more writes in flight`;
  const title = `Longest time between two acknowledged writes through a surviving server${tree}${load}`;
  const tables = [formatFailovers, formatPhases, formatLinks, formatLoad].flatMap((format) =>
    results.map(format).filter((text) => text !== ''),
  );
  process.stdout.write(`${[describeMachine(), title, ...tables].join('\n\n')}\n`);
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
      results.push(await measureSystem(system, options, say));
    } catch (error) {
      // What the others have shown is not thrown away for it.
      say(`${system.name} is left out: ${(error as Error).message}`);
      isComplete = false;
    }
  }
  report(results, options);
  return isComplete && results.every(isSound);
}

function isSound({ cases, links, load }: FailoverResult): boolean {
  const rounds = [...cases, ...links].flatMap((each) => each.rounds as readonly Checked[]);
  const all = load === undefined ? rounds : [...rounds, load];
  return all.every(({ doubled, lost }) => doubled + lost === 0);
}

interface Checked {
  readonly doubled: number;
  readonly lost: number;
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
