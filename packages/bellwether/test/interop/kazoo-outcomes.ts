import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROGRAMS } from './requirements.ts';

/** How Apache ZooKeeper does in kazoo's tests, recorded by a run with REWRITE=1. */
export const REFERENCE_FILE = join(PROGRAMS, 'kazoo', 'reference.json');
const DIFFERENCES_FILE = join(PROGRAMS, 'kazoo', 'differences.json');

/** A test of kazoo's as the plug-in outcomes.py reports it. */
export interface KazooOutcome {
  /** module::class::method */
  readonly test: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly seconds: number;
  readonly why: string;
}

export interface KazooReference {
  /** The server that it was recorded on. */
  readonly server: string;
  /** The modules in the order in which they were run. */
  readonly seconds: Readonly<Record<string, number>>;
  /** By test: passed, failed or skipped. */
  readonly outcomes: Readonly<Record<string, string>>;
}

export function readReference(): KazooReference {
  return JSON.parse(readFileSync(REFERENCE_FILE, 'utf8')) as KazooReference;
}

/** Tests that pass on Apache ZooKeeper and not here, with the reason. */
export function readDifferences(): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(DIFFERENCES_FILE, 'utf8')) as Readonly<Record<string, string>>;
}

export function readOutcomes(file: string): readonly KazooOutcome[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as KazooOutcome);
}

export const moduleOf = (test: string): string => test.split('::', 1)[0]!;

/** What a run on Apache ZooKeeper has shown, as it is kept. */
export function makeReference(server: string, outcomes: readonly KazooOutcome[]): KazooReference {
  const seconds: Record<string, number> = {};
  for (const each of outcomes) {
    const module = moduleOf(each.test);
    seconds[module] = Math.round(((seconds[module] ?? 0) + each.seconds) * 10) / 10;
  }
  const sorted = outcomes.toSorted((a, b) => (a.test < b.test ? -1 : 1));
  return {
    server,
    seconds: Object.fromEntries(Object.entries(seconds).sort(([a], [b]) => (a < b ? -1 : 1))),
    outcomes: Object.fromEntries(sorted.map(({ test, outcome }) => [test, outcome])),
  };
}

/**
 * Divides the modules so that all parts take about as long: the longest first, each to the part that
 * has least.
 */
export function divideModules(
  { seconds }: KazooReference,
  parts: number,
): readonly (readonly string[])[] {
  const divided = Array.from({ length: parts }, () => ({ seconds: 0, modules: [] as string[] }));
  const longestFirst = Object.entries(seconds).sort(([, a], [, b]) => b - a);
  for (const [module, own] of longestFirst) {
    const least = divided.reduce((a, b) => (b.seconds < a.seconds ? b : a));
    least.modules.push(module);
    least.seconds += own;
  }
  return divided.map(({ modules }) => modules);
}

/** Tests that ended in another way than is expected, whose cause may be a machine that was busy. */
export function unexpectedTests(
  seen: readonly KazooOutcome[],
  reference: KazooReference,
  differences: Readonly<Record<string, string>>,
): readonly string[] {
  return seen
    .filter(({ test }) => test in reference.outcomes && !(test in differences))
    .filter(({ test, outcome }) => outcome !== reference.outcomes[test])
    .map(({ test }) => test);
}

/** The later outcome of each test holds. */
export function replaceOutcomes(
  seen: readonly KazooOutcome[],
  later: readonly KazooOutcome[],
): readonly KazooOutcome[] {
  const again = new Set(later.map(({ test }) => test));
  return [...seen.filter(({ test }) => !again.has(test)), ...later];
}

/**
 * Sentences about each test that did not end as it should: as on Apache ZooKeeper, or as the list of
 * differences says. A difference that is none any more is reported too.
 */
export function compareOutcomes(
  seen: readonly KazooOutcome[],
  reference: KazooReference,
  differences: Readonly<Record<string, string>>,
): readonly string[] {
  const byTest = new Map(seen.map((each) => [each.test, each]));
  const problems = Object.entries(reference.outcomes).flatMap(([test, outcome]) => {
    const own = byTest.get(test);
    if (own === undefined) return [`${test}: ${outcome} there, was not run here`];
    const differs = own.outcome !== outcome;
    if (differs === test in differences) return [];
    return differs
      ? [`${test}: ${outcome} there, ${own.outcome} here: ${own.why}`]
      : [`${test}: ${outcome} here too, so it is no difference: "${differences[test]}"`];
  });
  const unknown = seen.filter(({ test }) => !(test in reference.outcomes));
  return [...problems, ...unknown.map(({ test }) => `${test}: not in the recorded reference`)];
}
