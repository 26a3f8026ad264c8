import { assert } from './assert.ts';
import type { Distribution } from './distribution.ts';
import { quorumOf, silenceBoundMs } from './scenario.ts';
import type { Machine, Timing } from './scenario.ts';
import { splitVoteProbability } from './split-vote.ts';
import { constant, distributionOf, meanMsOf, type Term } from './terms.ts';

/**
 * How a leader goes. crash: its kernel closes its connections. silence: they stay open and nothing comes.
 * handover: it appoints another, whom nobody has to elect, and is stopped then.
 */
export const FAILURE_KINDS = ['crash', 'silence', 'handover'] as const;
/** One of the above, by its name. */
export type FailureKind = (typeof FAILURE_KINDS)[number];

/** In this order, and none begins before the one before has ended. */
export const PHASES = ['suspect', 'confirm', 'elect', 'catchUp', 'serve'] as const;
/** One of the above, by its name. */
export type Phase = (typeof PHASES)[number];

/** Where a failover's time goes: each phase as a sum of independent terms. */
export type FailoverTerms = Readonly<Record<Phase, readonly Term[]>>;

/** Points of the grid on which distributions are computed. */
const GRID_POINTS = 2_000;
/** Part of a flush that always takes as long; the rest is exponential. */
const FLUSH_FLOOR = 0.5;

/**
 * What happens between a leader's failure and the next acknowledged write of a client of a survivor,
 * phase by phase, for a cluster of `voters` >= 3 of which all others are up and in contact.
 */
export function failoverTerms(
  kind: FailureKind,
  voters: number,
  timing: Timing,
  machine: Machine,
): FailoverTerms {
  assert(voters >= 3, 'two survivors are needed to elect');
  const suspicion = {
    crash: closedConnection,
    silence: silenceDetection,
    handover: (): Term[] => [constant(trip(machine))],
  };
  const isAppointed = kind === 'handover';
  return {
    suspect: suspicion[kind](voters, timing, machine),
    confirm: isAppointed ? [] : [constant(2 * trip(machine))],
    elect: isAppointed
      ? []
      : [...vote(voters, machine), ...splitRetry(kind, voters, timing, machine)],
    catchUp: [constant(transferMs(machine)), ...quorumWrite(voters, machine)],
    serve: heldWrite(voters, machine),
  };
}

/** Closed form of the mean of one phase or of all, ms. */
export function meanFailoverMs(terms: FailoverTerms, phases: readonly Phase[] = PHASES): number {
  return meanMsOf(phases.flatMap((phase) => terms[phase]));
}

/** The distribution of the whole. */
export function failoverDistribution(terms: FailoverTerms): Distribution {
  const all = PHASES.flatMap((phase) => terms[phase]);
  const stepMs = Math.max(meanMsOf(all) * 3, 1e-3) / GRID_POINTS;
  return distributionOf(all, stepMs);
}

/** A message to another node, ms: half a round trip, and what its receiver takes to act upon it. */
function trip({ rttMs, hopMs }: Machine): number {
  return rttMs / 2 + hopMs;
}

/**
 * A crash is noticed when the kernel has closed the dead process's connections: whoever comes first in the order
 * of the survivors campaigns at once.
 */
function closedConnection(_voters: number, _timing: Timing, machine: Machine): Term[] {
  return [constant(machine.closeMs + trip(machine))];
}

/**
 * Silence is suspected when nothing has been heard for the bound B, which came up to one interval before the
 * failure: half an interval is subtracted on average, as the age of the last of regular heartbeats at a random
 * instant is uniform. Each of s = voters - 1 followers judges at its next tick, and campaigns a step later for
 * each that comes before it in their order; the first one counts.
 *
 * Source: the age in a renewal process, Ross, Introduction to Probability Models, 7.7; the detector is of the
 * kind of Chen, Toueg, Aguilera, On the Quality of Service of Failure Detectors, IEEE ToC 51(5), 2002.
 */
function silenceDetection(voters: number, timing: Timing, machine: Machine): Term[] {
  const { tickMs, heartbeatMs, campaignStepMs } = timing;
  return [
    // heartbeatMs - age is as uniform as the age itself, and is no subtraction of a random time.
    constant(trip(machine) + silenceBoundMs(timing, machine) - heartbeatMs),
    { kind: 'uniform', widthMs: heartbeatMs, k: 1, count: 1 },
    { kind: 'firstStaggered', widthMs: tickMs, stepMs: campaignStepMs, count: voters - 1 },
  ];
}

/**
 * The others are asked for their votes, and the quorum - 1 fastest of voters - 2 flush theirs (Raft paper, 5.2)
 * while the candidate flushes its own. It leads once that is done too: with c = two trips, n others of which k
 * are waited for, and an exponential part of mean m of every flush, the own one is the last with probability
 * exp(-c / m) (n - k + 1) / (n + 1), and then takes m longer, as an exponential time does not age.
 */
function vote(voters: number, machine: Machine): Term[] {
  const meanMs = machine.flushMs * (1 - FLUSH_FLOOR);
  const asked = voters - 2;
  const awaited = quorumOf(voters) - 1;
  const headStart = meanMs === 0 ? 0 : Math.exp((-2 * trip(machine)) / meanMs);
  const probability = (headStart * (asked - awaited + 1)) / (asked + 1);
  const late: Term = { kind: 'exponential', meanMs, k: 1, count: 1 };
  return [...quorumWrite(voters, machine), { kind: 'sometimes', probability, terms: [late] }];
}

/** To the other survivors and back, and the flushes of the fastest that make a majority with the own one. */
function quorumWrite(voters: number, machine: Machine): Term[] {
  return [constant(2 * trip(machine)), ...flush(machine, quorumOf(voters) - 1, voters - 2)];
}

function flush({ flushMs }: Machine, k: number, count: number): Term[] {
  return [
    constant(flushMs * FLUSH_FLOOR),
    { kind: 'exponential', meanMs: flushMs * (1 - FLUSH_FLOOR), k, count },
  ];
}

/**
 * Pre-vote lets one of two who ask at once go first, and whoever grants a pre-vote puts off its own campaign:
 * both need the other's request to arrive in time, and it does when all messages take equally long. They do
 * not quite, so campaigns that begin within a hop of each other are counted as met. With one other survivor
 * (three voters) nobody is left to divide. Further rounds are as likely to split as the first: p / (1 - p) of
 * them on average, counted here as one wait.
 */
function splitRetry(
  kind: 'crash' | 'silence',
  voters: number,
  timing: Timing,
  machine: Machine,
): Term[] {
  if (voters <= 3) return [];
  const { campaignStepMs, tickMs } = timing;
  // In order, a step apart: they meet only where a hop takes longer than a step.
  if (kind === 'crash' && machine.hopMs <= campaignStepMs) return [];
  const rangeMs = campaignStepMs * (voters - 2) + (kind === 'crash' ? 0 : tickMs);
  const probability = splitVoteProbability({ voters, rangeMs, windowMs: machine.hopMs });
  const rounds = 1 / (1 - Math.min(probability, 0.99));
  return [{ kind: 'sometimes', probability, terms: [constant(timing.retryMs * rounds)] }];
}

/** What the followers lack, at the speed at which they get it, ms. */
function transferMs({ lagBytes, bytesPerSecond }: Machine): number {
  return (lagBytes / bytesPerSecond) * 1_000;
}

/**
 * A write that was held while there was no leader. Those of the new leader's own clients (one survivor of
 * voters - 1) are flushed together with its first entry. Those of others come a message later than that entry's
 * notice has gone out, and then have a round of their own: it begins when they are there, two trips after
 * the election, or when the disks are done with the first entry, whichever is later.
 */
function heldWrite(voters: number, machine: Machine): Term[] {
  const elsewhere = (voters - 2) / (voters - 1);
  const terms = [constant(trip(machine)), ...laterOfTripsAndFlush(machine)];
  return [constant(2 * machine.hopMs), { kind: 'sometimes', probability: elsewhere, terms }];
}

/** The longer of two trips and a flush. */
function laterOfTripsAndFlush(machine: Machine): Term[] {
  const tripsMs = 2 * trip(machine);
  const floorMs = machine.flushMs * FLUSH_FLOOR;
  const meanMs = machine.flushMs * (1 - FLUSH_FLOOR);
  const overMs = Math.max(0, tripsMs - floorMs);
  const probability = meanMs === 0 ? 0 : Math.exp(-overMs / meanMs);
  const rest: Term = { kind: 'exponential', meanMs, k: 1, count: 1 };
  return [constant(floorMs + overMs), { kind: 'sometimes', probability, terms: [rest] }];
}
