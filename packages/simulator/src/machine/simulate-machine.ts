import type { StateMachine } from '@bellwether/cluster';
import type { OperationCounts } from '../application.ts';
import { shrink } from '../shrink.ts';
import { simulate as runSeed, type SimulationOptions, type SimulationResult } from '../simulate.ts';
import { machineApplication } from './machine-application.ts';
import type { MachineRunOptions, MachineTest } from './machine-options.ts';
import { decodeReplay, type ReplayedRun } from './replay.ts';
import { SimulationError } from './simulation-error.ts';

const SEEDS = 100;
const NODES = 3;
const SAFETY_MS = 3_000;
const REPLAY_VARIABLE = 'BELLWETHER_REPLAY';

/** What runs that all went well amounted to, so that a test can see that something happened. */
export interface SimulationReport {
  readonly seeds: number;
  /** What clients asked for, commands and queries. */
  readonly operations: OperationCounts;
  /** Commands that were executed. */
  readonly commands: number;
  readonly elections: number;
  /** How often each kind of fault struck. */
  readonly faults: Readonly<Record<string, number>>;
  readonly virtualMs: number;
  /** Equal for equal runs. */
  readonly digest: string;
}

/**
 * Runs a state machine on simulated clusters, one for each seed, with nodes that die and stand still, networks
 * that break and disks that fail, while clients do what the workload says. Everything follows from the
 * seed. Checked all along: every command comes to the same on every node and when it is executed once more;
 * snapshots are of one moment, and bring back the state; queries change nothing; invariants hold;
 * what clients are told is linearizable, and as the model says.
 *
 * @throws SimulationError with what went wrong, and how to see it again, made as small as can be
 */
export function simulate<
  Command,
  Result,
  Query,
  Answer,
  Machine extends StateMachine<Command, Result, Query, Answer>,
>(
  options: MachineTest<Command, Result, Query, Answer, Machine> & MachineRunOptions,
): SimulationReport {
  const run = (given: SimulationOptions): SimulationResult =>
    runSeed({ ...given, application: machineApplication(options) });
  const results: SimulationResult[] = [];
  for (const asked of runsOf(options)) {
    const { faults, onLine } = options;
    const given: SimulationOptions = { ...asked, faults, onLine };
    const result = run(given);
    if (result.failure !== undefined) throw failureOf(given, result, run);
    results.push(result);
  }
  return reportOf(results);
}

function runsOf({ seeds = SEEDS, nodes, safetyMs, replay }: MachineRunOptions): ReplayedRun[] {
  const named = replay ?? process.env[REPLAY_VARIABLE] ?? '';
  if (named !== '') return [decodeReplay(named)];
  const list = typeof seeds === 'number' ? Array.from({ length: seeds }, (_, i) => i + 1) : seeds;
  const rest = { nodes: nodes ?? NODES, safetyMs: safetyMs ?? SAFETY_MS };
  return list.map((seed) => ({ seed, ...rest, clients: undefined, strikes: undefined }));
}

function failureOf(
  given: SimulationOptions,
  result: SimulationResult,
  run: (options: SimulationOptions) => SimulationResult,
): SimulationError {
  if (given.strikes !== undefined) return new SimulationError(result, result, 0);
  const silent = { ...given, onLine: undefined };
  const smaller = shrink(silent, result, run);
  return new SimulationError(result, smaller.result, smaller.runs);
}

function reportOf(results: readonly SimulationResult[]): SimulationReport {
  const sum = (of: (result: SimulationResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  const faults: Record<string, number> = {};
  for (const result of results) {
    for (const [name, count] of result.faults) faults[name] = (faults[name] ?? 0) + count;
  }
  return {
    seeds: results.length,
    operations: {
      done: sum(({ operations }) => operations.done),
      failed: sum(({ operations }) => operations.failed),
      indeterminate: sum(({ operations }) => operations.indeterminate),
    },
    commands: sum(({ commands }) => commands.done),
    elections: sum(({ elections }) => elections),
    faults,
    virtualMs: sum(({ virtualMs }) => virtualMs),
    digest: results.map(({ digest }) => digest).join(' '),
  };
}
