import type { Vitals } from '../../src/detection/vitals.ts';

/** Of a follower that is well, but for what is given. */
export function vitals(given: Partial<Vitals>): Vitals {
  return {
    role: 'follower',
    term: 1,
    commit: 0,
    loadBytes: 0,
    loopDelayMs: 0,
    flushAgeMs: 0,
    flushPendingMs: 0,
    serviceAgeMs: 0,
    servicePendingMs: 0,
    ...given,
  };
}
