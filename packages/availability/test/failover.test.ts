import { describe, expect, it } from 'vitest';
import {
  failoverDistribution,
  failoverTerms,
  type FailureKind,
  meanFailoverMs,
  PHASES,
} from '../src/failover.ts';
import {
  type Machine,
  quorumOf,
  SCENARIO_DEFAULT,
  silenceBoundMs,
  type Timing,
} from '../src/scenario.ts';
import { exponentialFrom, kthSmallest, randomFrom, sampled } from './support/random.ts';

const timing: Timing = { ...SCENARIO_DEFAULT.timing, retryMs: 100 };
const machine: Machine = {
  rttMs: 2,
  flushMs: 1.5,
  hopMs: 0.25,
  closeMs: 3,
  jitterMs: 70,
  lagBytes: 50_000,
  bytesPerSecond: 100e6,
};

/** One failover, node by node, on a clock that starts at the leader's failure. */
function play(kind: FailureKind, voters: number, random: () => number): number {
  const trip = machine.rttMs / 2 + machine.hopMs;
  const flush = (): number => machine.flushMs / 2 + exponentialFrom(random, machine.flushMs / 2);
  /** When a majority with the sender has flushed and answered, if it is asked at `atMs`. */
  const quorumAnswers = (atMs: number): number => {
    const answers = Array.from({ length: voters - 2 }, () => atMs + trip + flush() + trip);
    return kthSmallest(answers, quorumOf(voters) - 1);
  };
  const survivors = Array.from({ length: voters - 1 }, (_, id) => id);
  const lastBeatMs = -timing.heartbeatMs * random();
  const noticed = survivors.map((id) => {
    const orderMs = id * timing.campaignStepMs;
    if (kind === 'crash') return machine.closeMs + trip + orderMs;
    if (kind === 'handover') return trip;
    // Three heartbeats and 1.5 times the jitter, judged at the next tick of a clock of its own.
    const boundMs = Math.min(800, Math.max(200, 3 * timing.heartbeatMs + 1.5 * machine.jitterMs));
    const phaseMs = random() * timing.tickMs;
    const dueMs = lastBeatMs + trip + boundMs;
    const judgedMs = Math.ceil((dueMs - phaseMs) / timing.tickMs) * timing.tickMs + phaseMs;
    return judgedMs + orderMs;
  });
  const suspectedMs = Math.min(...noticed);
  const confirmedMs = suspectedMs + 2 * trip;
  const electedMs =
    kind === 'handover' ? suspectedMs : Math.max(quorumAnswers(confirmedMs), confirmedMs + flush());
  const syncedMs = electedMs + 1_000 * (machine.lagBytes / machine.bytesPerSecond);
  const openMs = quorumAnswers(syncedMs);
  const client = survivors[Math.floor(random() * survivors.length)];
  if (client === 0) return openMs + 2 * machine.hopMs;
  // Its round is one of its own; the notice of its end comes back to it.
  return openMs + Math.max(2 * trip, flush()) + trip + 2 * machine.hopMs;
}

describe('a failover', () => {
  it.each<[FailureKind, number]>([
    ['crash', 3],
    ['silence', 3],
    ['handover', 3],
    ['handover', 5],
    ['handover', 7],
  ])('after %s of the leader of %d takes as long as one that is played', (kind, voters) => {
    const random = randomFrom(voters + kind.length);
    const terms = failoverTerms(kind, voters, timing, machine);
    const { mean, half } = sampled(40_000, () => play(kind, voters, random));
    expect(Math.abs(meanFailoverMs(terms) - mean)).toBeLessThan(half);
    const distribution = failoverDistribution(terms);
    expect(distribution.meanMs / meanFailoverMs(terms)).toBeCloseTo(1, 3);
    for (const p of [0.05, 0.5, 0.95, 0.99]) {
      const atMs = distribution.quantileMs(p);
      const within = sampled(20_000, () => (play(kind, voters, random) <= atMs ? 1 : 0));
      expect(Math.abs(distribution.probabilityWithin(atMs) - within.mean)).toBeLessThan(
        within.half + 0.005,
      );
    }
  });

  it('is the sum of its phases', () => {
    const terms = failoverTerms('silence', 5, timing, machine);
    const sum = PHASES.reduce((total, phase) => total + meanFailoverMs(terms, [phase]), 0);
    expect(meanFailoverMs(terms)).toBeCloseTo(sum, 9);
  });

  it('notices silence half an interval sooner than a fixed time-out, not later', () => {
    const fixed: Timing = { ...timing, silenceMsMin: 400, silenceMsMax: 400 };
    const at = (heartbeatMs: number): number =>
      meanFailoverMs(failoverTerms('silence', 3, { ...fixed, heartbeatMs }, machine), ['suspect']);
    expect(at(10) - at(110)).toBeCloseTo(50, 9);
  });

  it('waits for a silence that is as long as the jitter asks for, within its bounds', () => {
    const at = (jitterMs: number): number => silenceBoundMs(timing, { ...machine, jitterMs });
    expect([at(0), at(60), at(10_000)]).toEqual([200, 240, 800]);
  });

  it('waits longer the more of the survivors are likely to split the vote', () => {
    const crowded: Timing = { ...timing, tickMs: 0.5, campaignStepMs: 0 };
    const roomy: Timing = { ...timing, campaignStepMs: 200 };
    const elect = (of: Timing): number =>
      meanFailoverMs(failoverTerms('silence', 5, of, machine), ['elect']);
    expect(elect(crowded)).toBeGreaterThan(elect(roomy) + 10);
  });
});
