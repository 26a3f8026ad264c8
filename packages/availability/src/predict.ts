import { meanTimesTo, stationaryDistribution } from './chain.ts';
import { changesOf, clusterChain, hasQuorum, upCounts } from './cluster-chain.ts';
import type { ClusterState } from './cluster-chain.ts';
import { type DataLoss, meanTimesToDataLoss } from './data-loss.ts';
import { FAILURE_KINDS, type FailureKind, failoverTerms, meanFailoverMs } from './failover.ts';
import { downtimeMsPerYear, ninesOf } from './poisson.ts';
import { failureTolerance, quorumOf, type Scenario } from './scenario.ts';
import { stallCost } from './stalls.ts';
import { YEAR_MS } from './time.ts';

/** What stops the service: a quorum that is gone, or a leader that is replaced. */
export const CAUSES = ['quorumLoss', 'crash', 'silence', 'zone', 'handover', 'stall'] as const;
/** One of the above, by its name. */
export type Cause = (typeof CAUSES)[number];

/** How much downtime one cause costs. */
export interface CauseOfDowntime {
  readonly cause: Cause;
  /** How often in a year of 365.25 days. */
  readonly perYear: number;
  /** How long each time, ms. */
  readonly meanMs: number;
  readonly downtimeMsPerYear: number;
  /** Of all downtime; 0 when there is none. */
  readonly share: number;
}

/** What a scenario will give. */
export interface Prediction {
  readonly voters: number;
  readonly quorum: number;
  /** How many voters may be down. */
  readonly failureTolerance: number;
  /** Part of all time in which a write through a node that is up is not acknowledged. */
  readonly unavailability: number;
  readonly availability: number;
  readonly nines: number;
  readonly downtimeMsPerYear: number;
  /** In the order of CAUSES, those that cannot happen left out. */
  readonly causes: readonly CauseOfDowntime[];
  /** Mean recovery of each kind of failure, ms; undefined when too few nodes are left to elect. */
  readonly recoveryMs: Readonly<Record<FailureKind, number>> | undefined;
  /** From the state in which all is well, ms. */
  readonly meanTimeToQuorumLossMs: number;
  readonly meanTimeToDataLoss: DataLoss;
  /** Part of all time in which not one node is up: then not even a stale read is answered. */
  readonly allNodesDown: number;
}

/** What the chain says, per ms of all time. */
interface ChainFigures {
  readonly noQuorum: number;
  readonly allNodesDown: number;
  readonly quorumLossesPerMs: number;
  readonly leaderLossesPerMs: Readonly<Record<'node' | 'zone' | 'maintenance', number>>;
  readonly meanTimeToQuorumLossMs: number;
}

interface Interruption {
  readonly cause: Cause;
  readonly perMs: number;
  readonly meanMs: number;
}

/** A quorum comes and goes over days, a leader is replaced in milliseconds: the two are solved apart. */
export function predict(scenario: Scenario): Prediction {
  const figures = solve(scenario);
  const { voters } = scenario.members;
  const interruptions = interruptionsOf(scenario, figures);
  // Renewal reward (Ross, 7.4): up for 1 / rate, then down for as long as a failover takes.
  const withQuorum = 1 - figures.noQuorum;
  const load =
    interruptions.reduce((sum, { perMs, meanMs }) => sum + perMs * meanMs, 0) / withQuorum;
  const failing = (withQuorum * load) / (1 + load);
  const unavailability = Math.min(1, figures.noQuorum + failing);
  const all = [quorumLoss(figures), ...interruptions].filter(({ perMs }) => perMs > 0);
  return {
    voters,
    quorum: quorumOf(voters),
    failureTolerance: failureTolerance(voters),
    unavailability,
    availability: 1 - unavailability,
    nines: ninesOf(unavailability),
    downtimeMsPerYear: downtimeMsPerYear(unavailability),
    causes: all.map((each) => causeOf(each, all, unavailability)),
    recoveryMs: voters < 3 ? undefined : recoveries(scenario),
    meanTimeToQuorumLossMs: figures.meanTimeToQuorumLossMs,
    meanTimeToDataLoss: meanTimesToDataLoss(scenario),
    allNodesDown: figures.allNodesDown,
  };
}

function recoveries({ members, timing, machine }: Scenario): Record<FailureKind, number> {
  const entries = FAILURE_KINDS.map((kind) => {
    return [kind, meanFailoverMs(failoverTerms(kind, members.voters, timing, machine))] as const;
  });
  return Object.fromEntries(entries) as Record<FailureKind, number>;
}

function solve(scenario: Scenario): ChainFigures {
  const chain = clusterChain(scenario);
  const probabilities = stationaryDistribution(chain);
  const isLost = (state: ClusterState): boolean => !hasQuorum(scenario, state);
  const leaderLossesPerMs = { node: 0, zone: 0, maintenance: 0 };
  let noQuorum = 0;
  let allNodesDown = 0;
  let quorumLossesPerMs = 0;
  for (const [at, state] of chain.states.entries()) {
    const probability = probabilities[at]!;
    if (upCounts(state).voters === 0 && state.sparesUp === 0) allNodesDown += probability;
    if (isLost(state)) {
      noQuorum += probability;
      continue;
    }
    for (const { to, ratePerMs, cause, leaderShare } of changesOf(scenario, state)) {
      const perMs = probability * ratePerMs;
      if (isLost(to)) quorumLossesPerMs += perMs;
      else if (cause !== 'mend') leaderLossesPerMs[cause] += perMs * leaderShare;
    }
  }
  const meanTimeToQuorumLossMs = meanTimesTo(chain, isLost)[0]!;
  return { noQuorum, allNodesDown, quorumLossesPerMs, leaderLossesPerMs, meanTimeToQuorumLossMs };
}

function quorumLoss({ noQuorum, quorumLossesPerMs: perMs }: ChainFigures): Interruption {
  return { cause: 'quorumLoss', perMs, meanMs: perMs === 0 ? 0 : noQuorum / perMs };
}

/** Interruptions of a cluster that has a quorum: each kind with its rate and its mean length. */
function interruptionsOf(scenario: Scenario, figures: ChainFigures): readonly Interruption[] {
  const { members, failures, timing, machine, stalls } = scenario;
  const stallsPerMs = stalls.everyMs === Infinity ? 0 : (1 - figures.noQuorum) / stalls.everyMs;
  if (members.voters < 3) {
    return [{ cause: 'stall', perMs: stallsPerMs, meanMs: stalls.lastsMs }];
  }
  const recoveryMs = recoveries(scenario);
  const { node, zone, maintenance } = figures.leaderLossesPerMs;
  const silence = failoverTerms('silence', members.voters, timing, machine);
  const detectionMs = meanFailoverMs(silence, ['suspect']);
  const stall = stallCost(stalls.lastsMs, detectionMs, recoveryMs.silence - detectionMs);
  return [
    { cause: 'crash', perMs: node * (1 - failures.silentShare), meanMs: recoveryMs.crash },
    { cause: 'silence', perMs: node * failures.silentShare, meanMs: recoveryMs.silence },
    { cause: 'zone', perMs: zone, meanMs: recoveryMs.silence },
    { cause: 'handover', perMs: maintenance, meanMs: recoveryMs.handover },
    { cause: 'stall', perMs: stallsPerMs, meanMs: stall.meanMs },
  ];
}

function causeOf(
  { cause, perMs, meanMs }: Interruption,
  all: readonly Interruption[],
  unavailability: number,
): CauseOfDowntime {
  const total = all.reduce((sum, each) => sum + each.perMs * each.meanMs, 0);
  const share = total === 0 ? 0 : (perMs * meanMs) / total;
  const downtime = downtimeMsPerYear(unavailability) * share;
  return { cause, perYear: perMs * YEAR_MS, meanMs, downtimeMsPerYear: downtime, share };
}
