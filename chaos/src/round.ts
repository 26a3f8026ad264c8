import { setTimeout as sleep } from 'node:timers/promises';
import type { RandomSource } from '@bellwether/simulator';
import { judge, OracleError } from '@bellwether/simulator/oracle';
import type { Checker } from './checker.ts';
import { Crowd } from './clients/crowd.ts';
import { pathsOf } from './clients/paths.ts';
import { SETTLE_MS } from './limits.ts';
import { checkLiveness } from './liveness.ts';
import type { FaultName } from './nemesis/fault-names.ts';
import { Nemesis } from './nemesis/nemesis.ts';
import { scheduleOf, type Strike } from './nemesis/schedule.ts';
import type { ChaosCluster } from './nodes/chaos-cluster.ts';
import type { ChaosNode } from './nodes/chaos-node.ts';
import { History, type OutcomeCounts } from './wire/history.ts';

export interface RoundOptions {
  /** From 1. */
  readonly round: number;
  readonly cluster: ChaosCluster;
  readonly checker: Checker;
  readonly random: RandomSource;
  readonly faults: readonly FaultName[];
  /** How long faults strike. */
  readonly roundMs: number;
  readonly onStrike: (strike: Strike, node: ChaosNode) => void;
}

/** What was wrong: what was promised and broken, or what did not come to pass. */
export interface Failure {
  readonly kind: 'broken promise' | 'stuck' | 'node ended' | 'client' | 'harness';
  readonly what: string;
}

export interface RoundResult {
  readonly round: number;
  readonly schedule: readonly Strike[];
  readonly history: History;
  readonly struck: ReadonlyMap<FaultName, number>;
  readonly skipped: number;
  readonly counts: OutcomeCounts;
  /** From the end of all faults until all was well. */
  readonly healedMs: number;
  readonly failures: readonly Failure[];
}

/** Faults strike while clients are at work; then all heals, and what clients were told is judged. */
export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const { round, cluster, checker, random, faults, roundMs } = options;
  const schedule = scheduleOf(random.fork('schedule'), faults, cluster.network.hosts, roundMs);
  const history = new History(() => performance.now());
  const paths = pathsOf(round);
  const crowd = new Crowd({
    targets: cluster.targets,
    paths,
    history,
    random: random.fork('crowd'),
  });
  const nemesis = new Nemesis(cluster, options.onStrike);
  let stuck: string | undefined;
  let healedMs = 0;
  try {
    await crowd.start();
    await sleep(SETTLE_MS);
    await nemesis.run(schedule, roundMs);
    crowd.settle();
    const overMs = performance.now();
    stuck = await checkLiveness({ cluster, crowd, checker, paths });
    healedMs = performance.now() - overMs;
  } finally {
    crowd.drop();
  }
  const failures: Failure[] = [
    ...brokenPromises(history),
    ...(stuck === undefined ? [] : [{ kind: 'stuck', what: stuck } as const]),
    ...endsOf(cluster).map((what) => ({ kind: 'node ended', what }) as const),
    ...crowd.problems().map((what) => ({ kind: 'client', what }) as const),
    ...nemesis.problems.map((what) => ({ kind: 'harness', what }) as const),
  ];
  const { struck, skipped } = nemesis;
  return { round, schedule, history, struck, skipped, counts: history.counts, healedMs, failures };
}

/** What the oracle has to say, and whatever was no protocol at all. */
export function brokenPromises({
  records,
  problems,
}: Pick<History, 'records' | 'problems'>): Failure[] {
  const failures = problems.map((error): Failure => {
    return error instanceof OracleError
      ? brokenPromise(error)
      : { kind: 'client', what: String(error) };
  });
  try {
    judge(records);
  } catch (error) {
    if (!(error instanceof OracleError)) throw error;
    failures.push(brokenPromise(error));
  }
  return failures;
}

const brokenPromise = ({ promise, message }: OracleError): Failure => ({
  kind: 'broken promise',
  what: `${promise}: ${message}`,
});

/** Takes note of them: the next round is not to blame. */
function endsOf({ nodes }: ChaosCluster): readonly string[] {
  return nodes.flatMap((node) => node.unexpectedEnds.splice(0));
}
