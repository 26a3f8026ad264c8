import { availableParallelism } from 'node:os';
import { ALL_FAULTS } from './nemesis/nemesis.ts';
import { registerApplication } from './services/register-application.ts';
import type { SimulationOptions } from './simulate.ts';
import { zookeeperApplication } from './zookeeper/zookeeper-application.ts';

/** What the command line asks for. */
export interface CliOptions {
  readonly firstSeed: number;
  readonly lastSeed: number;
  /** Sizes of cluster; each seed runs with each. */
  readonly nodes: readonly number[];
  /** Stop after this much real time even if seeds are left; Infinity when not given. */
  readonly minutesMax: number;
  readonly application: 'zookeeper' | 'register';
  /** Of a run that was made smaller; as the seed decides when undefined. */
  readonly safetyMs: number | undefined;
  readonly clients: number | undefined;
  readonly strikes: readonly number[] | undefined;
  /** Names of the faults that may strike; all when undefined. */
  readonly faults: readonly string[] | undefined;
  /** Runs at once. */
  readonly jobs: number;
  readonly shrinks: boolean;
  readonly showsLog: boolean;
}

export const USAGE = `simulate: runs clusters in a deterministic world and checks every step

  --seeds N         seeds 1 to N (default 100), or A..B
  --seed N          one seed
  --minutes M       stop after M minutes
  --nodes 3|5|3,5   voters in the cluster (default 3,5)
  --application A   zookeeper (default) or register
  --faults A,B,..   only these: ${wrapped(ALL_FAULTS.map(({ name }) => name))}
  --jobs N          so many at once (as many as there are cores)
  --log             print everything that happens
  --no-shrink       don't look for a smaller run that fails in the same way
  --help

Of a run that was made smaller:
  --safety-ms T     length of the phase with faults, of virtual time (default 5000)
  --clients N       programs that use the cluster
  --strikes 2,7,..  only these strikes of the nemesis

A seed decides everything: the same seed does the same again. Exits with 1 when a seed fails.`;

function wrapped(names: readonly string[]): string {
  const lines = [''];
  for (const name of names) {
    if ((lines.at(-1) ?? '').length + name.length > 60) lines.push('');
    lines.push(`${lines.pop() ?? ''} ${name}`);
  }
  return lines.map((line) => line.trim()).join('\n                    ');
}

/** A mistake on the command line. */
export class UsageError extends Error {}

const DEFAULTS: CliOptions = {
  firstSeed: 1,
  lastSeed: 100,
  nodes: [3, 5],
  minutesMax: Infinity,
  application: 'zookeeper',
  safetyMs: undefined,
  clients: undefined,
  strikes: undefined,
  faults: undefined,
  jobs: availableParallelism(),
  shrinks: true,
  showsLog: false,
};

type Take = (value: string | undefined) => Partial<CliOptions>;

/** What each option that takes a value does with it. */
const WITH_VALUE: Readonly<Record<string, Take>> = {
  '--seed': (value) => parseSeeds('--seed', value, 'one'),
  '--seeds': (value) => parseSeeds('--seeds', value, 'many'),
  '--nodes': (value) => ({ nodes: parseNodes(value) }),
  '--minutes': (value) => ({ minutesMax: parseNumber('--minutes', value) }),
  '--application': (value) => ({ application: parseApplication(value) }),
  '--safety-ms': (value) => ({ safetyMs: parseNumber('--safety-ms', value) }),
  '--clients': (value) => ({ clients: parseNumber('--clients', value) }),
  '--strikes': (value) => ({ strikes: parseStrikes(value) }),
  '--faults': (value) => ({ faults: parseFaults(value) }),
  '--jobs': (value) => ({ jobs: Math.ceil(parseNumber('--jobs', value)) }),
};

const WITHOUT_VALUE: Readonly<Record<string, Partial<CliOptions>>> = {
  '--log': { showsLog: true },
  '--no-shrink': { shrinks: false },
};

/** Reads the command line; throws a UsageError that names what is wrong. Undefined: help is wanted. */
export function parseCliOptions(args: readonly string[]): CliOptions | undefined {
  const options: CliOptions = { ...DEFAULTS };
  const rest = [...args];
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === '--help') return undefined;
    const take = WITH_VALUE[name];
    const given = take === undefined ? WITHOUT_VALUE[name] : take(rest.shift());
    if (given === undefined) throw new UsageError(`unknown option ${name}`);
    Object.assign(options, given);
  }
  // Lines of two runs would be mixed, and one run has nothing beside it.
  const runs = (options.lastSeed - options.firstSeed + 1) * options.nodes.length;
  return { ...options, jobs: options.showsLog ? 1 : Math.min(options.jobs, runs) };
}

/** One run of those that were asked for. */
export function simulationOptions(
  options: CliOptions,
  seed: number,
  nodes: number,
): SimulationOptions {
  const { application, safetyMs, clients, strikes, showsLog } = options;
  const faults = ALL_FAULTS.filter(({ name }) => options.faults?.includes(name) ?? true);
  return {
    ...{ seed, nodes, faults, safetyMs, clients, strikes },
    application: application === 'zookeeper' ? zookeeperApplication() : registerApplication(),
    onLine: showsLog ? (line) => void process.stdout.write(`${line}\n`) : undefined,
  };
}

function parseSeeds(
  name: string,
  value: string | undefined,
  of: 'one' | 'many',
): Pick<CliOptions, 'firstSeed' | 'lastSeed'> {
  const match = /^(\d+)(?:\.\.(\d+))?$/.exec(value ?? '');
  const given = Number(match?.[1]);
  const isCount = of === 'many' && match?.[2] === undefined;
  const firstSeed = isCount ? 1 : given;
  const lastSeed = Number(match?.[2] ?? given);
  if (!Number.isSafeInteger(firstSeed) || !Number.isSafeInteger(lastSeed) || lastSeed < firstSeed) {
    throw new UsageError(`${name} takes a whole number, or A..B: not '${value ?? ''}'`);
  }
  return { firstSeed, lastSeed };
}

function parseNodes(value: string | undefined): readonly number[] {
  const nodes = (value ?? '').split(',').map(Number);
  if (nodes.every((count) => Number.isInteger(count) && count >= 1 && count <= 9)) return nodes;
  throw new UsageError(`--nodes takes numbers from 1 to 9: not '${value ?? ''}'`);
}

function parseApplication(value: string | undefined): CliOptions['application'] {
  if (value === 'zookeeper' || value === 'register') return value;
  throw new UsageError(`--application takes zookeeper or register: not '${value ?? ''}'`);
}

function parseNumber(name: string, value: string | undefined): number {
  const number = Number(value);
  if (value !== undefined && number > 0) return number;
  throw new UsageError(`${name} takes a number above 0: not '${value ?? ''}'`);
}

function parseStrikes(value: string | undefined): readonly number[] {
  if (value === 'none') return [];
  const strikes = (value ?? '').split(',').map(Number);
  if (strikes.every((number) => Number.isInteger(number) && number > 0)) return strikes;
  throw new UsageError(`--strikes takes numbers above 0, or none: not '${value ?? ''}'`);
}

function parseFaults(value: string | undefined): readonly string[] {
  const names = (value ?? '').split(',');
  const unknown = names.find((name) => !ALL_FAULTS.some((fault) => fault.name === name));
  if (unknown === undefined) return names;
  throw new UsageError(`--faults: there is no '${unknown}'`);
}
