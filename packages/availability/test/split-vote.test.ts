import { describe, expect, it } from 'vitest';
import {
  collisionProbability,
  meanRounds,
  splitVoteProbability,
  undecidedProbability,
} from '../src/split-vote.ts';
import { randomFrom, sampled } from './support/random.ts';

/** One round, played out: who starts when, who votes for whom. */
function playRound(
  voters: number,
  rangeMs: number,
  windowMs: number,
  random: () => number,
): string {
  const starts = Array.from({ length: voters - 1 }, () => random() * rangeMs);
  const first = Math.min(...starts);
  const candidates = starts.filter((start) => start <= first + windowMs).length;
  const votes = new Array<number>(candidates).fill(1);
  for (let i = candidates; i < voters - 1; i++) votes[Math.floor(random() * candidates)]! += 1;
  if (votes.some((count) => count > voters / 2)) return candidates > 1 ? 'met' : 'alone';
  return 'split';
}

describe('split votes', () => {
  it.each([
    [3, 8, 1],
    [5, 400, 30],
    [5, 8, 3],
    [7, 100, 40],
    [9, 50, 60],
  ])(
    'of %d voters over %d ms with a window of %d ms are as likely as in play',
    (n, range, window) => {
      const random = randomFrom(n * 31 + window);
      const rounds = 60_000;
      const outcomes = Array.from({ length: rounds }, () => playRound(n, range, window, random));
      const contest = { voters: n, rangeMs: range, windowMs: window };
      const split = sampledShare(outcomes, (outcome) => outcome === 'split');
      expect(Math.abs(splitVoteProbability(contest) - split.mean)).toBeLessThan(split.half + 1e-9);
      const met = sampledShare(outcomes, (outcome) => outcome !== 'alone');
      expect(Math.abs(collisionProbability(contest) - met.mean)).toBeLessThan(met.half + 1e-9);
    },
  );

  it('of three voters follow from every meeting: each survivor votes for itself', () => {
    const contest = { voters: 3, rangeMs: 100, windowMs: 10 };
    expect(splitVoteProbability(contest)).toBeCloseTo(1 - 0.9 ** 2, 12);
    expect(collisionProbability(contest)).toBeCloseTo(1 - 0.9 ** 2, 12);
  });

  it('are decided by all ways in which the others can vote', () => {
    for (const voters of [3, 5, 7, 9]) {
      for (let candidates = 1; candidates < voters; candidates++) {
        expect(undecidedProbability(voters, candidates)).toBeCloseTo(
          undecidedByHand(voters, candidates),
          12,
        );
      }
    }
  });

  it('take 1 / (1 - p) rounds', () => {
    expect(meanRounds(0)).toBe(1);
    const random = randomFrom(3);
    const { mean, half } = sampled(50_000, () => {
      let rounds = 1;
      while (random() < 0.3) rounds += 1;
      return rounds;
    });
    expect(Math.abs(meanRounds(0.3) - mean)).toBeLessThan(half);
  });
});

function undecidedByHand(voters: number, candidates: number): number {
  const free = voters - 1 - candidates;
  let undecided = 0;
  const ways = candidates ** free;
  for (let way = 0; way < ways; way++) {
    const votes = new Array<number>(candidates).fill(1);
    for (let i = 0, rest = way; i < free; i++, rest = Math.floor(rest / candidates)) {
      votes[rest % candidates]! += 1;
    }
    if (!votes.some((count) => count > voters / 2)) undecided += 1;
  }
  return undecided / ways;
}

function sampledShare<T>(
  outcomes: readonly T[],
  is: (outcome: T) => boolean,
): { readonly mean: number; readonly half: number } {
  let i = 0;
  return sampled(outcomes.length, () => (is(outcomes[i++]!) ? 1 : 0));
}
