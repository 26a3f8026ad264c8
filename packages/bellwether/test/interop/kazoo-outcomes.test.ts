import { describe, expect, it } from 'vitest';
import {
  compareOutcomes,
  divideModules,
  makeReference,
  readDifferences,
  readReference,
  replaceOutcomes,
  type KazooOutcome,
  unexpectedTests,
} from './kazoo-outcomes.ts';

const outcome = (test: string, how: KazooOutcome['outcome']): KazooOutcome => ({
  test,
  outcome: how,
  seconds: 1,
  why: 'because',
});
const PASSED = [outcome('a::T::x', 'passed'), outcome('a::T::y', 'passed')];
const REFERENCE = makeReference('a server', PASSED);

describe("outcomes of kazoo's tests", () => {
  it('are the same: nothing to report', () => {
    expect(compareOutcomes(PASSED, REFERENCE, {})).toEqual([]);
  });

  it('differ: the test is named with its reason, unless the difference is known', () => {
    const seen = [outcome('a::T::x', 'failed'), outcome('a::T::y', 'passed')];
    expect(compareOutcomes(seen, REFERENCE, {})).toEqual([
      'a::T::x: passed there, failed here: because',
    ]);
    expect(compareOutcomes(seen, REFERENCE, { 'a::T::x': 'known' })).toEqual([]);
  });

  it('differ unexpectedly: the test is run again, and its later outcome holds', () => {
    const seen = [outcome('a::T::x', 'failed'), outcome('a::T::y', 'passed')];
    expect(unexpectedTests(seen, REFERENCE, {})).toEqual(['a::T::x']);
    expect(unexpectedTests(seen, REFERENCE, { 'a::T::x': 'known' })).toEqual([]);
    const again = replaceOutcomes(seen, [outcome('a::T::x', 'passed')]);
    expect(compareOutcomes(again, REFERENCE, {})).toEqual([]);
  });

  it('lack a test, have one more, or lack a difference that is listed: all are reported', () => {
    const seen = [outcome('a::T::x', 'passed'), outcome('a::T::new', 'passed')];
    expect(compareOutcomes(seen, REFERENCE, { 'a::T::x': 'known' })).toEqual([
      'a::T::x: passed here too, so it is no difference: "known"',
      'a::T::y: passed there, was not run here',
      'a::T::new: not in the recorded reference',
    ]);
  });

  it('are recorded for tests that exist: a listed difference names one of them', () => {
    const { outcomes } = readReference();
    expect(Object.keys(outcomes).length).toBeGreaterThan(400);
    for (const test of Object.keys(readDifferences())) expect(outcomes).toHaveProperty([test]);
  });

  it('are gathered in parts of about the same length, none left out', () => {
    const seconds = { a: 10, b: 4, c: 5, d: 2 };
    const parts = divideModules({ ...REFERENCE, seconds }, 2);
    expect(parts).toEqual([['a'], ['c', 'b', 'd']]);
  });
});
