import { RandomSource } from '@bellwether/simulator';
import { describe, expect, it } from 'vitest';
import { FAULT_NAMES } from '../src/nemesis/fault-names.ts';
import { scheduleOf, type Strike } from '../src/nemesis/schedule.ts';

const IDS = [1, 2, 3];

const schedule = (seed: number, faults = FAULT_NAMES): readonly Strike[] =>
  scheduleOf(new RandomSource(seed), faults, IDS, 60_000);

describe('a schedule', () => {
  it('is the same for the same seed, and another for another one', () => {
    expect(schedule(17)).toEqual(schedule(17));
    expect(schedule(17)).not.toEqual(schedule(18));
  });

  it('has everything in it sooner or later, at leaders and at all nodes, within its time', () => {
    const strikes = Array.from({ length: 50 }, (_, seed) => schedule(seed)).flat();
    expect(new Set(strikes.map(({ fault }) => fault))).toEqual(new Set(FAULT_NAMES));
    expect(new Set(strikes.map(({ target }) => target))).toEqual(new Set(['leader', ...IDS]));
    for (const { atMs, durationMs, order } of strikes) {
      expect(atMs).toBeLessThanOrEqual(60_000);
      expect(durationMs).toBeGreaterThan(0);
      expect(order.toSorted((a, b) => a - b)).toEqual(IDS);
    }
  });

  it('has only the faults that are asked for', () => {
    const strikes = schedule(1, ['kill', 'clock']);
    expect(new Set(strikes.map(({ fault }) => fault))).toEqual(new Set(['kill', 'clock']));
  });
});
