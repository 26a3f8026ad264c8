import { existsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { LOADS, type Load } from './loads.ts';

/** A mistake in the arguments: its message is all the user needs. */
export class UsageError extends Error {}

export interface Options {
  readonly seconds: number;
  readonly rounds: number;
  readonly warmUp: boolean;
  readonly processes: number;
  readonly loads: readonly Load[];
  readonly systems: readonly SystemName[];
  /** A running ensemble to measure instead of starting any. */
  readonly hosts: readonly string[];
  readonly pids: readonly number[];
  readonly jsonFile: string | undefined;
  readonly dataDirectory: string;
}

export type SystemName = 'bellwether' | 'zookeeper';
const SYSTEMS: readonly SystemName[] = ['bellwether', 'zookeeper'];

export const USAGE = `Measures a 3-node Bellwether cluster on loopback and, where it is
installed, Apache ZooKeeper beside it.

usage: npm run bench -- [options]
  --seconds N       length of each measurement (default 5)
  --rounds N        rounds that count; the table shows the median of each figure (default 1)
  --no-warm-up      leave out the round that comes first and doesn't count
  --processes N     client processes (default 2)
  --only LOAD,...   of: ${LOADS.map((load) => load.name).join(', ')}; "set" means all that begin so
  --system NAME,... of: ${SYSTEMS.join(', ')} (default: both)
  --hosts H:P,...   measure this running ensemble and start none
  --pids N,...      with --hosts: process ids of its servers here, for their CPU time
  --data DIR        where the servers' temporary directories are made (default ${tmpdir()})
  --json FILE       write everything that was measured to FILE too
  --help            this text

ZooKeeper needs java in the PATH and a jar: $ZOOKEEPER_CLASSPATH, or
/usr/share/java/zookeeper.jar.`;

const DEFINITIONS = {
  seconds: { type: 'string', default: '5' },
  rounds: { type: 'string', default: '1' },
  'no-warm-up': { type: 'boolean', default: false },
  processes: { type: 'string', default: '2' },
  only: { type: 'string' },
  system: { type: 'string' },
  hosts: { type: 'string' },
  pids: { type: 'string' },
  data: { type: 'string' },
  json: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** @throws UsageError that names the option and what it may be; 'help' when that was asked for. */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  const hosts = splitList(values.hosts).map(checkHost);
  if (values.pids !== undefined && hosts.length === 0) throw new UsageError('--pids needs --hosts');
  if (values.system !== undefined && hosts.length > 0) {
    throw new UsageError(
      '--system starts ensembles, --hosts measures one that runs: give one of them',
    );
  }
  return {
    seconds: parseNumber('--seconds', values.seconds, 1, 3600),
    rounds: parseNumber('--rounds', values.rounds, 1, 100),
    warmUp: !values['no-warm-up'],
    processes: parseNumber('--processes', values.processes, 1, 64),
    loads: selectLoads(values.only),
    systems: selectSystems(values.system),
    hosts,
    pids: splitList(values.pids).map((pid) => parseNumber('--pids', pid, 1, 2 ** 31)),
    jsonFile: values.json === undefined ? undefined : checkJsonFile(values.json),
    dataDirectory: checkDirectory('--data', values.data ?? tmpdir()),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: DEFINITIONS, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

export function splitList(text: string | undefined): string[] {
  return text === undefined ? [] : text.split(',').map((part) => part.trim());
}

export function parseNumber(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new UsageError(`${option} must be a whole number from ${min} to ${max}, not "${text}"`);
}

function checkHost(text: string): string {
  const port = Number(/^.+:(\d+)$/.exec(text)?.[1]);
  if (port >= 1 && port <= 65_535) return text;
  throw new UsageError(`--hosts must be host:port,host:port,..., not "${text}"`);
}

function selectLoads(only: string | undefined): readonly Load[] {
  if (only === undefined) return LOADS;
  const prefixes = splitList(only);
  const unknown = prefixes.find(
    (prefix) => prefix === '' || !LOADS.some((load) => isIn(load, prefix)),
  );
  if (unknown === undefined) return LOADS.filter((load) => prefixes.some((p) => isIn(load, p)));
  const names = LOADS.map((load) => load.name).join(', ');
  throw new UsageError(`--only doesn't know "${unknown}"; the loads are ${names}`);
}

function isIn(load: Load, prefix: string): boolean {
  return load.name.startsWith(prefix);
}

function selectSystems(text: string | undefined): readonly SystemName[] {
  if (text === undefined) return SYSTEMS;
  return splitList(text).map((name) => {
    const system = SYSTEMS.find((each) => each === name);
    if (system !== undefined) return system;
    throw new UsageError(`--system doesn't know "${name}"; the systems are ${SYSTEMS.join(', ')}`);
  });
}

export function checkDirectory(option: string, path: string): string {
  if (existsSync(path) && statSync(path).isDirectory()) return resolve(path);
  throw new UsageError(`${option}: ${path} is not a directory`);
}

export function checkJsonFile(path: string): string {
  checkDirectory('--json', dirname(resolve(path)));
  return resolve(path);
}
