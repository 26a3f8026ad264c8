import { assert } from './assert.ts';
import { binomialMass, binomialTail } from './order-statistics.ts';

/** An election among those that the leader left behind. */
export interface Contest {
  /** Voters of the cluster, the failed leader included. */
  readonly voters: number;
  /** Each survivor's start is drawn uniformly from a range so wide, ms. */
  readonly rangeMs: number;
  /** Whoever starts less than this after the first one becomes a candidate too, ms. */
  readonly windowMs: number;
}

/**
 * P(the first to start is not alone): 1 - (1 - w / R)^s for s = voters - 1 survivors, window w, range R.
 * The gap between the two smallest of s uniform numbers exceeds w with probability (1 - w / R)^s.
 *
 * Source: spacings of uniform numbers; David and Nagaraja, Order Statistics, 6.4. What it means for
 * elections: Ongaro, Consensus: Bridging Theory and Practice, 9.2.
 */
export function collisionProbability({ voters, rangeMs, windowMs }: Contest): number {
  const width = relativeWidth(rangeMs, windowMs);
  return binomialTail(1, voters - 1, width);
}

/**
 * P(nobody is elected in the first round).
 *
 * The number of those that start within the window after the first is at least j with the probability that
 * a Binomial(s, w / R) is at least j: the sum of j spacings is Beta(j, s + 1 - j). With m candidates each
 * of the v = s - m others votes for any of them alike, and each for itself; two candidates cannot both
 * reach a majority, so P(one is elected) = m P(Binomial(v, 1/m) >= quorum - 1).
 *
 * @returns 0 for fewer than two survivors: nobody to split with
 */
export function splitVoteProbability(contest: Contest): number {
  const { voters, rangeMs, windowMs } = contest;
  const survivors = voters - 1;
  const width = relativeWidth(rangeMs, windowMs);
  let split = 0;
  for (let candidates = 2; candidates <= survivors; candidates++) {
    const isLast = candidates === survivors;
    const exactly = isLast
      ? binomialTail(candidates - 1, survivors, width)
      : binomialMass(candidates - 1, survivors, width);
    split += exactly * undecidedProbability(voters, candidates);
  }
  return Math.min(split, 1);
}

/** P(no candidate gets a majority), when `candidates` of the survivors stand. */
export function undecidedProbability(voters: number, candidates: number): number {
  assert(candidates >= 1, 'somebody stands');
  const quorum = Math.floor(voters / 2) + 1;
  const undecidedVoters = voters - 1 - candidates;
  if (candidates === 1) return undecidedVoters + 1 >= quorum ? 0 : 1;
  const wins = candidates * binomialTail(quorum - 1, undecidedVoters, 1 / candidates);
  return Math.max(0, 1 - wins);
}

/** Mean number of rounds until one elects: 1 / (1 - p), each split alike and by itself. */
export function meanRounds(splitProbability: number): number {
  assert(splitProbability < 1, 'some round elects');
  return 1 / (1 - splitProbability);
}

function relativeWidth(rangeMs: number, windowMs: number): number {
  assert(windowMs >= 0, 'a window is not negative');
  return rangeMs <= windowMs ? 1 : windowMs / rangeMs;
}
