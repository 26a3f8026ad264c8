import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STALL_LIMITS } from '../../src/detection/limits.ts';
import { isFit, stallOf } from '../../src/detection/stall.ts';
import { vitals } from './vitals.ts';

const { diskStallMs, serviceStallMs, overloadMs } = STALL_LIMITS;

describe('a node', () => {
  it('is not stalled when nothing is owed, however long ago the last answer was', () => {
    expect(stallOf(vitals({ flushAgeMs: 1e9, serviceAgeMs: 1e9 }))).toBeUndefined();
  });

  it.each([
    ['disk', { flushPendingMs: diskStallMs }],
    ['service', { servicePendingMs: serviceStallMs }],
    ['overload', { loopDelayMs: overloadMs }],
  ] as const)('is stalled by its %s', (stall, given) => {
    expect(stallOf(vitals(given))).toBe(stall);
    expect(stallOf(vitals(given), 2)).toBeUndefined();
    expect(isFit(vitals(given), 0)).toBe(false);
  });

  it('is fit when it said so lately', () => {
    expect(isFit(vitals({}), STALL_LIMITS.vitalsMsMax)).toBe(true);
    expect(isFit(vitals({}), STALL_LIMITS.vitalsMsMax + 1)).toBe(false);
  });
});

it('whoever is stuck since the same moment is not fit, however old its vitals are', () => {
  const ageMs = fc.nat({ max: 2 * diskStallMs });
  const kind = fc.constantFrom('flushPendingMs', 'servicePendingMs');
  fc.assert(
    fc.property(ageMs, fc.nat({ max: 10_000 }), kind, (age, longer, field) => {
      const stuckMs = Math.max(diskStallMs, serviceStallMs) + longer;
      const pendingMs = Math.max(0, stuckMs - age);
      if (pendingMs === 0) expect(age).toBeGreaterThan(STALL_LIMITS.vitalsMsMax);
      expect(isFit(vitals({ [field]: pendingMs }), age)).toBe(false);
    }),
  );
});
