import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatAvailability,
  formatDuration,
  formatPercent,
  parseDuration,
} from '../../src/report/duration.ts';

describe('durations', () => {
  it.each([
    ['50ms', 50],
    ['1.5h', 5_400_000],
    ['1h30m', 5_400_000],
    ['200us', 0.2],
    ['30d', 30 * 86_400_000],
    ['10min', 600_000],
    ['0', 0],
    ['-5s', -5_000],
    ['never', Infinity],
  ])('%s are read', (text, ms) => {
    expect(parseDuration(text)).toBeCloseTo(ms, 9);
  });

  it.each(['', '30', 'ms', '5 ms', '1h-3m', '1e3s', '5parsecs', 'NaN'])('"%s" is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it.each([
    [0.35, '350 us'],
    [15.54, '15.5 ms'],
    [999.9, '1 s'],
    [90_000, '90 s'],
    [600_000, '10 min'],
    [59.2 * 365.25 * 864e5, '59.2 years'],
    [1e22, '3.2e11 years'],
    [Infinity, 'never'],
    [-5_000, '-5 s'],
  ])('%d ms are written %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('never lose more than the last of three digits on the way to a text', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-2, max: 1e7, noNaN: true }), (ms) => {
        const parsed = parseDuration(formatDuration(ms).replace(/[ ,]/g, '').replace('days', 'd'));
        expect(Math.abs(parsed! / ms - 1)).toBeLessThan(0.006);
      }),
    );
  });
});

it.each([
  [0, '100 %'],
  [0.04, '96.00 %'],
  [1.8e-7, '99.9999820 %'],
  [3e-15, '1 - 3.0e-15'],
])('an unavailability of %d is an availability of %s', (unavailability, text) => {
  expect(formatAvailability(unavailability)).toBe(text);
});

it('small parts are not rounded to nothing', () => {
  expect([0, 1e-5, 0.083, 0.89].map(formatPercent)).toEqual(['0.0 %', '< 0.1 %', '8.3 %', '89 %']);
});
