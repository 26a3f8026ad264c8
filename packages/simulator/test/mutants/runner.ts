/*
 * Runs in a process of its own, in a copy of the packages that has a bug in it: goes through seeds
 * until one fails, or through all of them, and tells its parent. See workbench.ts.
 */
import { writeSync } from 'node:fs';
import {
  ALL_FAULTS,
  registerApplication,
  runSeed as simulate,
  Violation,
  zookeeperApplication,
} from '@bellwether/simulator';

/** What it says, one JSON text a line: after each seed, and in the end. */
export type Report =
  | { readonly kind: 'passed'; readonly seed: number }
  | { readonly kind: 'caught'; readonly seed: number; readonly by: string; readonly why: string };

/** Every other seed has five nodes. */
const nodesOf = (seed: number): number => (seed % 2 === 1 ? 3 : 5);

function nameOf(error: Error): string {
  if (error instanceof Violation) return error.invariant;
  const { code } = error as { code?: unknown };
  if (error.name === 'StorageError' && typeof code === 'string') return `storage: ${code}`;
  if (error.name === 'AssertionFailure') return `assertion: ${error.message}`;
  return `${error.name}: ${error.message}`;
}

/** What it is told to do, as a JSON text. */
export interface Task {
  readonly seedsMax: number;
  readonly application: string;
  readonly until: 'first' | 'all';
  /** Names of those that may strike; all when absent. */
  readonly faults?: readonly string[] | undefined;
}

function runOne(seed: number, task: Task): Report {
  const application =
    task.application === 'zookeeper' ? zookeeperApplication() : registerApplication();
  const faults = ALL_FAULTS.filter(({ name }) => task.faults?.includes(name) ?? true);
  const { failure } = simulate({ seed, nodes: nodesOf(seed), application, faults });
  if (failure === undefined) return { kind: 'passed', seed };
  const { error } = failure;
  const [why = ''] = error.message.split('\n');
  const by = (nameOf(error).split('\n')[0] ?? '').replaceAll(/\d+/g, 'N');
  return { kind: 'caught', seed, by, why };
}

function run(task: Task): void {
  for (let seed = 1; seed <= task.seedsMax; seed++) {
    const report = runOne(seed, task);
    writeSync(1, `${JSON.stringify(report)}\n`);
    if (report.kind === 'caught' && task.until === 'first') return;
  }
}

run(JSON.parse(process.argv[2] ?? '') as Task);
