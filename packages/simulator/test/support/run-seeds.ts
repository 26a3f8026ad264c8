import { expect } from 'vitest';
import { simulate, type SimulationOptions, type SimulationResult } from '../../src/index.ts';
import { describeFailure } from '../../src/summary.ts';

/** Runs a range of seeds, and fails with how to replay the first that does not pass. */
export function expectSeedsToPass(
  range: { readonly first: number; readonly last: number },
  options: Omit<SimulationOptions, 'seed'>,
): SimulationResult[] {
  const results: SimulationResult[] = [];
  for (let seed = range.first; seed <= range.last; seed++) {
    const result = simulate({ ...options, seed });
    results.push(result);
    if (result.failure !== undefined) expect.fail(describeFailure(result).join('\n'));
  }
  return results;
}
