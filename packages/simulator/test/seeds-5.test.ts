import { expect, it } from 'vitest';
import { registerApplication, zookeeperApplication } from '../src/index.ts';
import { expectSeedsToPass, sumOf } from './support/run-seeds.ts';

it('40 seeds of 5 nodes that replicate a register pass', { timeout: 240_000 }, () => {
  const options = { nodes: 5, safetyMs: 3000 };
  const results = expectSeedsToPass({ first: 1, last: 40 }, options, registerApplication);
  const faults = new Set(results.flatMap(({ faults: kinds }) => [...kinds.keys()]));
  expect(faults.size).toBeGreaterThanOrEqual(20);
  // So that nobody takes silence for success: the clusters worked, and were made to suffer.
  expect(sumOf(results, ({ commands }) => commands.done)).toBeGreaterThan(6000);
  expect(sumOf(results, ({ reads }) => reads)).toBeGreaterThan(1000);
  expect(sumOf(results, ({ elections }) => elections)).toBeGreaterThan(100);
  expect(sumOf(results, ({ traffic }) => traffic['snapshots'] ?? 0)).toBeGreaterThan(10);
});

it('20 seeds of 5 whole nodes pass, with clients of ZooKeeper', { timeout: 240_000 }, () => {
  const options = { nodes: 5, safetyMs: 3000 };
  const results = expectSeedsToPass({ first: 1, last: 20 }, options, zookeeperApplication);
  expect(sumOf(results, ({ operations }) => operations.done)).toBeGreaterThan(5000);
  expect(sumOf(results, ({ operations }) => operations.indeterminate)).toBeGreaterThan(200);
  expect(sumOf(results, ({ elections }) => elections)).toBeGreaterThan(40);
});
