import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { FAULTS_MS, NODES } from './limits.ts';
import { FAULT_NAMES, FAULTS, type FaultName } from './nemesis/fault-names.ts';

/** A mistake in the arguments: its message is all the user needs. */
export class UsageError extends Error {}

export interface ChaosOptions {
  readonly minutes: number;
  /** How long faults strike in each round. */
  readonly roundMs: number;
  readonly seed: number;
  readonly nodes: number;
  readonly faults: readonly FaultName[];
  readonly jsonFile: string | undefined;
  /** Where the run's directory is made. */
  readonly directory: string;
  readonly keep: boolean;
  /** A history of an earlier run, to be judged again. */
  readonly judgeFile: string | undefined;
  /** A directory with other packages than those of this checkout. */
  readonly packages: string | undefined;
}

const listOf = (names: readonly FaultName[]): string =>
  names.map((name) => `  ${name.padEnd(12)} ${FAULTS[name].what}`).join('\n');

export const USAGE = `Real nodes in networks of their own, real clients, real faults: what clients were told is
held against what is promised. Needs Linux and root.

usage: npm run proof:chaos -- [options]
  --minutes N       how long; the round under way is finished (default 10)
  --round SECONDS   how long faults strike before all has to heal (default ${FAULTS_MS / 1_000})
  --seed N          of the schedule of faults and what clients do (default: drawn)
  --nodes N         from 3 to 9 (default ${NODES})
  --only FAULT,...  only these faults (below)
  --data DIR        where the run's directory is made (default ${tmpdir()})
  --keep            keep it, whatever the outcome; otherwise only when something is wrong
  --json FILE       write the summary to FILE too
  --judge FILE      judge the history of an earlier run again, and do nothing else
  --packages DIR    run the nodes of the packages in DIR, as they were built there
  --help            this text

Exit code: 0 nothing was found, 1 something was, 2 a mistake in the arguments, 77 it can't run here.

The same seed is the same schedule of strikes. It is not the same run: real processes and networks do not
repeat themselves.

${listOf(FAULT_NAMES)}`;

const DEFINITIONS = {
  minutes: { type: 'string', default: '10' },
  round: { type: 'string', default: String(FAULTS_MS / 1_000) },
  seed: { type: 'string' },
  nodes: { type: 'string', default: String(NODES) },
  only: { type: 'string' },
  data: { type: 'string' },
  keep: { type: 'boolean', default: false },
  json: { type: 'string' },
  judge: { type: 'string' },
  packages: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const SEED_MAX = 2 ** 32;

/** @throws UsageError that names the option and what it may be; 'help' when that was asked for. */
export function parseOptions(args: readonly string[]): ChaosOptions | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  return {
    minutes: parseNumber('--minutes', values.minutes, 0.05, 10_000),
    roundMs: 1_000 * parseNumber('--round', values.round, 1, 3_600),
    seed: parseSeed(values.seed),
    nodes: parseWhole('--nodes', values.nodes, 3, 9),
    faults: selectFaults(values.only),
    jsonFile: values.json === undefined ? undefined : checkParent('--json', values.json),
    directory: checkThere('--data', values.data ?? tmpdir()),
    keep: values.keep,
    judgeFile: values.judge === undefined ? undefined : checkThere('--judge', values.judge),
    packages: values.packages === undefined ? undefined : checkThere('--packages', values.packages),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: DEFINITIONS, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function parseSeed(text: string | undefined): number {
  if (text === undefined) return Math.floor(Math.random() * SEED_MAX);
  return parseWhole('--seed', text, 0, SEED_MAX);
}

function parseWhole(option: string, text: string, min: number, max: number): number {
  if (/^\d+$/.test(text)) return parseNumber(option, text, min, max);
  throw new UsageError(`${option} must be a whole number from ${min} to ${max}, not "${text}"`);
}

function parseNumber(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value >= min && value <= max) return value;
  throw new UsageError(`${option} must be a number from ${min} to ${max}, not "${text}"`);
}

function selectFaults(only: string | undefined): readonly FaultName[] {
  if (only === undefined) return FAULT_NAMES;
  return only.split(',').map((name) => {
    const found = FAULT_NAMES.find((each) => each === name.trim());
    if (found !== undefined) return found;
    throw new UsageError(`--only doesn't know "${name}"; there are ${FAULT_NAMES.join(', ')}`);
  });
}

function checkThere(option: string, path: string): string {
  if (existsSync(path)) return resolve(path);
  throw new UsageError(`${option}: ${path} is not there`);
}

function checkParent(option: string, path: string): string {
  checkThere(option, dirname(resolve(path)));
  return resolve(path);
}
