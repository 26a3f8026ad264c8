/** What the command line asks for. */
export interface CliOptions {
  readonly firstSeed: number;
  readonly lastSeed: number;
  /** Sizes of cluster; each seed runs with each. */
  readonly nodes: readonly number[];
  /** Stop after this much real time even if seeds are left; Infinity when not given. */
  readonly minutesMax: number;
  readonly application: 'zookeeper' | 'register';
  readonly showsLog: boolean;
}

export const USAGE = `simulate: runs clusters in a deterministic world and checks every step

  --seed N          one seed
  --seeds A..B      a range of seeds (default 1..100)
  --nodes 3|5|3,5   voters in the cluster (default 3,5)
  --minutes M       stop after M minutes
  --application A   zookeeper (default) or register
  --log             print everything that happens
  --help

A seed decides everything: the same seed does the same again. Exits with 1 when a seed fails.`;

/** A mistake on the command line. */
export class UsageError extends Error {}

/** Reads the command line; throws a UsageError that names what is wrong. Undefined: help is wanted. */
export function parseCliOptions(args: readonly string[]): CliOptions | undefined {
  let seeds: readonly [number, number] = [1, 100];
  let nodes: readonly number[] = [3, 5];
  let minutesMax = Infinity;
  let application: CliOptions['application'] = 'zookeeper';
  let showsLog = false;
  const rest = [...args];
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === '--help') return undefined;
    else if (name === '--log') showsLog = true;
    else if (name === '--seed') seeds = parseSeeds(name, rest.shift());
    else if (name === '--seeds') seeds = parseSeeds(name, rest.shift());
    else if (name === '--nodes') nodes = parseNodes(rest.shift());
    else if (name === '--application') application = parseApplication(rest.shift());
    else if (name === '--minutes') minutesMax = parseMinutes(rest.shift());
    else throw new UsageError(`unknown option ${name}`);
  }
  return { firstSeed: seeds[0], lastSeed: seeds[1], nodes, minutesMax, application, showsLog };
}

function parseSeeds(name: string, value: string | undefined): readonly [number, number] {
  const match = /^(\d+)(?:\.\.(\d+))?$/.exec(value ?? '');
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last) || last < first) {
    throw new UsageError(`${name} takes a whole number, or A..B: not '${value ?? ''}'`);
  }
  return [first, last];
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

function parseMinutes(value: string | undefined): number {
  const minutes = Number(value);
  if (value !== undefined && minutes > 0) return minutes;
  throw new UsageError(`--minutes takes a number above 0: not '${value ?? ''}'`);
}
