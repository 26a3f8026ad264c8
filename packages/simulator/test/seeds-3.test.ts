import { expect, it } from 'vitest';
import { expectSeedsToPass } from './support/run-seeds.ts';

it('150 seeds of 3 nodes pass, under all kinds of faults', { timeout: 120_000 }, () => {
  const results = expectSeedsToPass({ first: 1, last: 150 }, { nodes: 3, safetyMs: 3000 });
  const faults = new Set(results.flatMap(({ faults: kinds }) => [...kinds.keys()]));
  expect(faults.size).toBeGreaterThanOrEqual(18);
  const sum = (of: (result: (typeof results)[number]) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  // So that nobody takes silence for success: the clusters worked, and were made to suffer.
  expect(sum(({ commands }) => commands.done)).toBeGreaterThan(20_000);
  expect(sum(({ reads }) => reads)).toBeGreaterThan(3000);
  expect(sum(({ elections }) => elections)).toBeGreaterThan(300);
  expect(sum(({ traffic }) => traffic['snapshots'] ?? 0)).toBeGreaterThan(50);
});
