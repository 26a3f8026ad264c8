/*
 * Runs in a process of its own, in a copy of the packages that has a bug in it: goes through seeds
 * until one fails, or through all of them, and tells its parent. See workbench.ts.
 */
import { writeSync } from 'node:fs';
import {
  registerApplication,
  simulate,
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

function runOne(seed: number, name: string | undefined): Report {
  const application = name === 'zookeeper' ? zookeeperApplication() : registerApplication();
  const { failure } = simulate({ seed, nodes: nodesOf(seed), application });
  if (failure === undefined) return { kind: 'passed', seed };
  const { error } = failure;
  const [why = ''] = error.message.split('\n');
  const by = (nameOf(error).split('\n')[0] ?? '').replaceAll(/\d+/g, 'N');
  return { kind: 'caught', seed, by, why };
}

function run(seedsMax: number, name: string | undefined, until: string | undefined): void {
  for (let seed = 1; seed <= seedsMax; seed++) {
    const report = runOne(seed, name);
    writeSync(1, `${JSON.stringify(report)}\n`);
    if (report.kind === 'caught' && until === 'first') return;
  }
}

run(Number(process.argv[2]), process.argv[3], process.argv[4]);
