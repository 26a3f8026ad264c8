import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DETECTOR_LIMITS } from '../../src/detection/limits.ts';
import { SilenceDetector } from '../../src/detection/silence-detector.ts';
import { readTrace, Replay } from './replay.ts';

const BOUNDS = { beatMs: 50, silenceMsMin: 200, silenceMsMax: 800 };
const NOT_LATE = 0;

/** A detector after `intervals` between beats, and the time of the last one. */
function observing(intervals: readonly number[], bounds = BOUNDS) {
  const detector = new SilenceDetector(bounds, 0);
  let nowMs = 0;
  detector.onBeat(nowMs);
  for (const interval of intervals) detector.onBeat((nowMs += interval));
  return { detector, nowMs };
}

const minutes = (count: number, intervalMs = 50): number[] =>
  Array.from({ length: (count * 60_000) / intervalMs }, () => intervalMs);

describe('the silence that is borne', () => {
  it('is the shortest for a leader that beats regularly', () => {
    const { detector, nowMs } = observing(minutes(5));
    expect(detector.boundMs(nowMs, NOT_LATE)).toBe(BOUNDS.silenceMsMin);
    expect(detector.judge(nowMs + 119, NOT_LATE)).toBe('heard');
    expect(detector.judge(nowMs + 120, NOT_LATE)).toBe('doubtful');
    expect(detector.judge(nowMs + 199, NOT_LATE)).toBe('doubtful');
    expect(detector.judge(nowMs + 200, NOT_LATE)).toBe('silent');
  });

  it('is longer for one that nothing is known of yet', () => {
    const { detector, nowMs } = observing([]);
    const { beatsMissed, jitterFactor, jitterMsFirst } = DETECTOR_LIMITS;
    const expected = beatsMissed * BOUNDS.beatMs + jitterFactor * jitterMsFirst;
    expect(detector.boundMs(nowMs, NOT_LATE)).toBe(expected);
  });

  it('grows with the worst jitter, and forgets half of it in every half-life', () => {
    const { detector, nowMs } = observing([...minutes(5), 250]);
    const base = DETECTOR_LIMITS.beatsMissed * BOUNDS.beatMs;
    expect(detector.boundMs(nowMs, NOT_LATE) - base).toBeCloseTo(300, 0);
    const laterMs = nowMs + DETECTOR_LIMITS.jitterHalfLifeMs;
    expect(detector.boundMs(laterMs, NOT_LATE) - base).toBeCloseTo(150, 0);
  });

  it('is not shortened by beats that come more often than they have to', () => {
    const { detector, nowMs } = observing([...minutes(1), 250, ...minutes(0.1, 10)]);
    expect(detector.boundMs(nowMs, NOT_LATE)).toBeGreaterThan(350);
  });

  it('grows with the own lateness', () => {
    const { detector, nowMs } = observing(minutes(5));
    expect(detector.boundMs(nowMs, 90)).toBeCloseTo(240, 0);
  });

  it('begins anew with another leader, and the time between the two is no jitter', () => {
    const { detector, nowMs } = observing(minutes(5));
    detector.onLeader(nowMs + 700);
    expect(detector.silenceMs(nowMs + 710)).toBe(10);
    detector.onBeat(nowMs + 720);
    expect(detector.boundMs(nowMs + 720, NOT_LATE)).toBe(BOUNDS.silenceMsMin);
  });
});

describe('whatever came before', () => {
  const intervals = fc.array(fc.double({ min: 0, max: 5_000, noNaN: true }), { maxLength: 50 });

  it('the bound lies between its bounds', () => {
    fc.assert(
      fc.property(intervals, fc.double({ min: 0, max: 500, noNaN: true }), (given, lateMs) => {
        const { detector, nowMs } = observing(given);
        const boundMs = detector.boundMs(nowMs, lateMs);
        expect(boundMs).toBeGreaterThanOrEqual(BOUNDS.silenceMsMin);
        expect(boundMs).toBeLessThanOrEqual(BOUNDS.silenceMsMax);
      }),
    );
  });

  it('a leader that is heard is not suspected, one that is silent is, and doubt lies between', () => {
    fc.assert(
      fc.property(intervals, fc.array(fc.nat({ max: 1_000 })), (given, silences) => {
        const { detector, nowMs } = observing(given);
        const rank = { heard: 0, doubtful: 1, silent: 2 };
        const ranks = silences
          .sort((a, b) => a - b)
          .map((silence) => rank[detector.judge(nowMs + silence, NOT_LATE)]);
        expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
        expect(detector.judge(nowMs, NOT_LATE)).toBe('heard');
        expect(detector.judge(nowMs + BOUNDS.silenceMsMax + 1, NOT_LATE)).toBe('silent');
      }),
    );
  });

  it('the same jitter again is no reason for suspicion', () => {
    fc.assert(
      fc.property(fc.nat({ max: 380 }), (lateMs) => {
        const { detector, nowMs } = observing([...minutes(1), 50 + lateMs]);
        expect(detector.judge(nowMs + 50 + lateMs, NOT_LATE)).not.toBe('silent');
      }),
    );
  });
});

describe('recorded arrivals', () => {
  const median = (values: readonly number[]): number =>
    values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

  it.each([
    ['idle', 250],
    ['load', 400],
    ['busy', 750],
  ] as const)('cause no suspicion, and the silence borne is moderate: %s', (name, boundMsMax) => {
    const replay = new Replay(BOUNDS).run(readTrace(name));
    expect(replay.boundsMs.length).toBeGreaterThan(300);
    expect(replay.suspicions).toBe(0);
    expect(median(replay.boundsMs)).toBeLessThan(boundMsMax);
  });

  it('would have caused some with a bound that does not adapt', () => {
    const fixed = { ...BOUNDS, silenceMsMax: BOUNDS.silenceMsMin };
    expect(new Replay(fixed).run(readTrace('busy')).suspicions).toBeGreaterThan(0);
  });
});
