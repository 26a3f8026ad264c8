import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closest, editDistance, suggestion } from '../../src/config/suggest.ts';

/** Straight from the definition, in exponential time. */
function distanceByDefinition(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  return Math.min(
    distanceByDefinition(a.slice(1), b.slice(1)) + (a[0] === b[0] ? 0 : 1),
    distanceByDefinition(a.slice(1), b) + 1,
    distanceByDefinition(a, b.slice(1)) + 1,
  );
}

describe('suggestions', () => {
  test('the distance is that of its definition', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(distanceByDefinition(a, b));
      }),
      { numRuns: 60 },
    );
  });

  test('a slip of the finger or of the case is recognised, anything else is not', () => {
    const known = ['nodeId', 'dataDir', 'client'];
    expect(closest('nodeid', known)).toBe('nodeId');
    expect(closest('dataDri', known)).toBe('dataDir');
    expect(closest('timeouts', known)).toBeUndefined();
    expect(suggestion('zzz', known)).toBe('known are nodeId, dataDir, client');
  });
});
