import { assert } from './assert.ts';
import type { Distribution } from './distribution.ts';
import { quorumOf, silenceBoundMs } from './scenario.ts';
import type { Machine, Timing } from './scenario.ts';
import { splitVoteProbability } from './split-vote.ts';
import { constant, distributionOf, meanMsOf, type Term } from './terms.ts';

/**
 * How a leader goes. crash: its kernel closes its connections. silence: they stay open and nothing comes.
 * handover: it asks another to take over, and is stopped then.
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
  const isAsked = kind === 'handover';
  return {
    suspect: suspicion[kind](voters, timing, machine),
    confirm: isAsked ? [] : [constant(2 * trip(machine))],
    elect: [
      ...vote(voters, machine),
      ...(isAsked ? [] : splitRetry(kind, voters, timing, machine)),
    ],
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
 * A crash is noticed when the kernel has closed the dead process's connections: each follower campaigns
 * after a random part of the jitter J, and the first of s = voters - 1 does so after J / (s + 1) on average.
 */
function closedConnection(voters: number, timing: Timing, machine: Machine): Term[] {
  return [
    constant(machine.closeMs + trip(machine)),
    { kind: 'uniform', widthMs: timing.campaignJitterMs, k: 1, count: voters - 1 },
  ];
}

/**
 * Silence is suspected when nothing has been heard for the bound B, which came up to one interval before the
 * failure: half an interval is subtracted on average, as the age of the last of regular heartbeats at a random
 * instant is uniform. Each of s = voters - 1 followers judges at its next tick and campaigns after a random
 * part of the jitter; the first one counts.
 *
 * Source: the age in a renewal process, Ross, Introduction to Probability Models, 7.7; the detector is of the
 * kind of Chen, Toueg, Aguilera, On the Quality of Service of Failure Detectors, IEEE ToC 51(5), 2002.
 */
function silenceDetection(voters: number, timing: Timing, machine: Machine): Term[] {
  const { tickMs, heartbeatMs, campaignJitterMs } = timing;
  return [
    // heartbeatMs - age is as uniform as the age itself, and is no subtraction of a random time.
    constant(trip(machine) + silenceBoundMs(timing, machine) - heartbeatMs),
    { kind: 'uniform', widthMs: heartbeatMs, k: 1, count: 1 },
    { kind: 'firstSum', aMs: tickMs, bMs: campaignJitterMs, count: voters - 1 },
  ];
}

/**
 * The candidate's own term and vote are flushed before it asks; then the quorum - 1 fastest of the voters
 * - 2 other survivors have to flush theirs (Raft paper, 5.2).
 */
function vote(voters: number, machine: Machine): Term[] {
  return [...flush(machine, 1, 1), ...quorumWrite(voters, machine)];
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
  const rangeMs = timing.campaignJitterMs + (kind === 'crash' ? 0 : timing.tickMs);
  const probability = splitVoteProbability({ voters, rangeMs, windowMs: machine.hopMs });
  const rounds = 1 / (1 - Math.min(probability, 0.99));
  return [{ kind: 'sometimes', probability, terms: [constant(timing.retryMs * rounds)] }];
}

/** What the followers lack, at the speed at which they get it, ms. */
function transferMs({ lagBytes, bytesPerSecond }: Machine): number {
  return (lagBytes / bytesPerSecond) * 1_000;
}

/**
 * A write that was held while there was no leader. The new leader's own clients (one survivor of voters - 1)
 * wait for one more quorum write. Those of others wait besides for the notice that the term has begun, for
 * the way of their write to the leader, and for the notice that it is decided.
 */
function heldWrite(voters: number, machine: Machine): Term[] {
  const elsewhere = (voters - 2) / (voters - 1);
  return [
    constant(2 * machine.hopMs),
    ...quorumWrite(voters, machine),
    { kind: 'sometimes', probability: elsewhere, terms: [constant(3 * trip(machine))] },
  ];
}
