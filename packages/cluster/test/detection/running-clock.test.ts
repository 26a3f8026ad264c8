import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DETECTOR_LIMITS, STALL_LIMITS } from '../../src/detection/limits.ts';
import { RunningClock } from '../../src/detection/running-clock.ts';

const TICK_MS = 10;
const STEP_MS_MAX = TICK_MS * DETECTOR_LIMITS.ticksCountedMax;

it('runs with the machine while the ticks come in time', () => {
  const clock = new RunningClock(TICK_MS, 1_000);
  for (let atMs = 1_010; atMs <= 2_000; atMs += TICK_MS) clock.tick(atMs);
  expect(clock.at(2_000)).toBe(1_000);
  expect(clock.at(2_004)).toBe(1_004);
  expect(clock.lateMsMax).toBe(0);
});

it('stands still while the thread is frozen', () => {
  const clock = new RunningClock(TICK_MS, 0);
  clock.tick(10);
  expect(clock.at(60_000)).toBe(10 + STEP_MS_MAX);
  clock.tick(60_000);
  expect(clock.at(60_000)).toBe(10 + STEP_MS_MAX);
  clock.tick(60_010);
  expect(clock.at(60_010)).toBe(20 + STEP_MS_MAX);
});

it('remembers how late ticks were, up to a bound; a freeze is no lateness', () => {
  const clock = new RunningClock(TICK_MS, 0);
  clock.tick(50);
  expect(clock.lateMsMax).toBe(40);
  clock.tick(60_000);
  expect(clock.lateMsMax).toBeLessThanOrEqual(40);
  clock.tick(60_200);
  expect(clock.lateMsMax).toBe(DETECTOR_LIMITS.lateMsMax);
});

it('never runs backwards, nor faster than the machine', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 300 }), fc.boolean())), (steps) => {
      const clock = new RunningClock(TICK_MS, 0);
      let nowMs = 0;
      let runningMs = 0;
      for (const [stepMs, isTick] of steps) {
        nowMs += stepMs;
        if (isTick) clock.tick(nowMs);
        const at = clock.at(nowMs);
        expect(at).toBeGreaterThanOrEqual(runningMs);
        expect(at - runningMs).toBeLessThanOrEqual(stepMs);
        runningMs = at;
      }
    }),
  );
});

it('does not take a freeze that is over for overload', () => {
  const clock = new RunningClock(TICK_MS, 0);
  clock.tick(60_000);
  expect(clock.lateMsMean).toBeLessThan(STALL_LIMITS.overloadMs * STALL_LIMITS.fitShare);
});

it('knows its mean lateness, weighted by time', () => {
  const clock = new RunningClock(TICK_MS, 0);
  for (let nowMs = 0; nowMs <= 60_000; nowMs += 310) clock.tick(nowMs);
  expect(clock.lateMsMean).toBeCloseTo(300, 0);
});
