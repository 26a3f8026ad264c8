import { parseArgs } from 'node:util';

/** A mistake in the arguments: its message is all the user needs. */
export class UsageError extends Error {}

export interface Options {
  readonly seed: number;
  /** Random operations, at least so many. */
  readonly operations: number;
  /** The number of the first round: a run can go on where another has ended. */
  readonly firstRound: number;
  /** Only this round, where given. */
  readonly round: number | undefined;
  readonly steps: number;
  readonly sessions: number;
  readonly nodes: number;
  readonly zooKeeperNodes: number;
  readonly firstPort: number;
  /** The rounds that are written by hand: before the random ones, alone, or not. */
  readonly scripts: 'first' | 'only' | 'none';
  /** Steps to be run instead, in a file of JSON. */
  readonly replayFile: string | undefined;
  /** Where the steps that show a difference are written. */
  readonly outFile: string;
  readonly keepsGoing: boolean;
  readonly shrinks: boolean;
  readonly showsCoverage: boolean;
}

export const USAGE = `Sends the same requests to Bellwether and to Apache ZooKeeper and compares
every answer.

usage: npm run crosscheck -- [options]
  --operations N       random operations, in rounds (default 10000)
  --seed N             what the random operations follow from (default 1)
  --first-round N      begin with this round of the seed (default 0)
  --round N            only this round of the seed: replays it
  --steps N            steps in a round (default 400)
  --sessions N         sessions in a round (default 6)
  --nodes N            servers of Bellwether (default 3)
  --zookeeper-nodes N  servers of ZooKeeper (default 1)
  --first-port N       ports are taken from here on (default 24000)
  --scripts WHEN       the rounds that are written by hand: first, only, none (default first)
  --replay FILE        run the steps in FILE instead
  --out FILE           write the steps that show a difference there (default crosscheck.json)
  --keep-going         count differences instead of stopping at the first
  --no-shrink          show a difference as it was found
  --coverage           count how each operation was answered
  --differences        list the differences that are known and meant
  --help               this text

ZooKeeper needs java in the PATH and a jar: $ZOOKEEPER_CLASSPATH, or
/usr/share/java/zookeeper.jar. The exit code is 0 without differences, 1 with some, 3 when
something is missing.`;

const DEFINITIONS = {
  operations: { type: 'string', default: '10000' },
  seed: { type: 'string', default: '1' },
  'first-round': { type: 'string', default: '0' },
  round: { type: 'string' },
  steps: { type: 'string', default: '400' },
  sessions: { type: 'string', default: '6' },
  nodes: { type: 'string', default: '3' },
  'zookeeper-nodes': { type: 'string', default: '1' },
  'first-port': { type: 'string', default: '24000' },
  scripts: { type: 'string', default: 'first' },
  replay: { type: 'string' },
  out: { type: 'string', default: 'crosscheck.json' },
  'keep-going': { type: 'boolean', default: false },
  'no-shrink': { type: 'boolean', default: false },
  coverage: { type: 'boolean', default: false },
  differences: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** @throws UsageError that names the option and what it may be; a word when just that was asked for. */
export function parseOptions(args: readonly string[]): Options | 'help' | 'differences' {
  const values = parse(args);
  if (values.help) return 'help';
  if (values.differences) return 'differences';
  const { scripts, round } = values;
  if (scripts !== 'first' && scripts !== 'only' && scripts !== 'none') {
    throw new UsageError(`--scripts must be first, only or none, not "${scripts}"`);
  }
  return {
    seed: parseNumber('--seed', values.seed, 0, 2 ** 32 - 1),
    operations: parseNumber('--operations', values.operations, 0, 1e9),
    firstRound: parseNumber('--first-round', values['first-round'], 0, 1e9),
    round: round === undefined ? undefined : parseNumber('--round', round, 0, 1e9),
    steps: parseNumber('--steps', values.steps, 1, 100_000),
    sessions: parseNumber('--sessions', values.sessions, 1, 100),
    nodes: parseNumber('--nodes', values.nodes, 1, 7),
    zooKeeperNodes: parseNumber('--zookeeper-nodes', values['zookeeper-nodes'], 1, 7),
    firstPort: parseNumber('--first-port', values['first-port'], 1024, 65_000),
    scripts,
    replayFile: values.replay,
    outFile: values.out,
    keepsGoing: values['keep-going'],
    shrinks: !values['no-shrink'],
    showsCoverage: values.coverage,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: DEFINITIONS, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function parseNumber(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new UsageError(`${option} must be a whole number from ${min} to ${max}, not "${text}"`);
}
