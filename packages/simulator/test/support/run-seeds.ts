import { expect } from 'vitest';
import {
  type Application,
  runSeed as simulate,
  type SimulationOptions,
  type SimulationResult,
} from '../../src/index.ts';
import { describeFailure } from '../../src/summary.ts';

/** Runs a range of seeds, and fails with how to replay the first that does not pass. */
export function expectSeedsToPass(
  range: { readonly first: number; readonly last: number },
  options: Omit<SimulationOptions, 'seed' | 'application'>,
  createApplication: () => Application,
): SimulationResult[] {
  const results: SimulationResult[] = [];
  for (let seed = range.first; seed <= range.last; seed++) {
    const result = simulate({ ...options, seed, application: createApplication() });
    results.push(result);
    if (result.failure !== undefined) expect.fail(describeFailure(result).join('\n'));
  }
  return results;
}

export function sumOf(
  results: readonly SimulationResult[],
  of: (result: SimulationResult) => number,
): number {
  return results.reduce((total, result) => total + of(result), 0);
}
