import { describe, expect, it } from 'vitest';
import { decodeReport, encodeReport } from '../../src/embedding/comparison-report.ts';
import { EMBEDDING_LIMITS } from '../../src/embedding/limits.ts';
import { ReplicaComparison } from '../../src/embedding/replica-comparison.ts';
import { hashOf } from '../../src/embedding/structural-hash.ts';

describe('a comparison of replicas', () => {
  const comparison = (voters = [1, 2, 3], nodeId = 1) =>
    new ReplicaComparison({ nodeId, what: 'results', stateEvery: 64, voters: () => voters });
  const report = (...results: readonly (readonly [number, unknown])[]): Uint8Array =>
    encodeReport(
      results.map(([index, result]) => ({ index, kind: 'result', hash: hashOf(result) })),
    );
  const apply = (own: ReplicaComparison, index: number, result: unknown): void =>
    own.onOutcome(index, { outcome: 'done', result });

  it('finds nothing where all is the same, whoever is ahead', () => {
    const own = comparison();
    own.onReport(2, report([1, 'a'], [2, 'b']));
    apply(own, 1, 'a');
    apply(own, 2, 'b');
    own.onReport(3, report([1, 'a'], [2, 'b']));
    expect(own.judge()).toBeUndefined();
    expect(own.judge()).toBeUndefined();
    expect(decodeReport(own.report()!)).toHaveLength(2);
    expect(own.report()).toBeUndefined();
  });

  it('names the first command that differs, once a majority has spoken', () => {
    const own = comparison();
    for (const index of [1, 2, 3]) apply(own, index, 'mine');
    own.onReport(2, report([1, 'mine'], [2, 'yours'], [3, 'yours']));
    expect(own.judge()).toBeUndefined();
    own.onReport(3, report([1, 'mine'], [2, 'yours'], [3, 'mine']));
    expect(own.judge()).toEqual({
      ...{ index: 2, kind: 'result', verdict: 'outvoted', differing: [2, 3] },
    });
    expect(own.judge()).toBeUndefined();
  });

  it('knows that this node is one of the majority', () => {
    const own = comparison();
    apply(own, 1, 'mine');
    own.onReport(2, report([1, 'mine']));
    own.onReport(3, report([1, 'yours']));
    expect(own.judge()).toMatchObject({ verdict: 'outvotes', differing: [3] });
  });

  it('counts no learner', () => {
    const own = comparison([1, 2]);
    apply(own, 1, 'mine');
    own.onReport(2, report([1, 'yours']));
    own.onReport(3, report([1, 'yours']));
    expect(own.judge()).toBeUndefined();
    expect(own.judge()).toMatchObject({ verdict: 'undecided', differing: [2, 3] });
  });

  it('counts itself only where it votes', () => {
    const own = comparison([1, 2, 3], 4);
    apply(own, 1, 'mine');
    own.onReport(1, report([1, 'mine']));
    own.onReport(2, report([1, 'yours']));
    expect(own.judge()).toBeUndefined();
    own.onReport(3, report([1, 'yours']));
    expect(own.judge()).toMatchObject({ verdict: 'outvoted', differing: [2, 3] });
  });

  it('goes on when another was wrong: the next may be this one', () => {
    const own = comparison();
    for (const index of [1, 2]) apply(own, index, 'mine');
    own.onReport(2, report([1, 'mine'], [2, 'mine']));
    own.onReport(3, report([1, 'yours'], [2, 'mine']));
    expect(own.judge()).toMatchObject({ index: 1, verdict: 'outvotes', differing: [3] });
    expect(own.judge()).toBeUndefined();
    apply(own, 3, 'mine');
    own.onReport(2, report([3, 'yours']));
    own.onReport(3, report([3, 'yours']));
    expect(own.judge()).toMatchObject({ index: 3, verdict: 'outvoted', differing: [2, 3] });
  });

  it('sees a difference that was there already when it judged an earlier one', () => {
    const own = comparison();
    for (const index of [1, 2]) apply(own, index, 'mine');
    own.onReport(2, report([1, 'mine'], [2, 'yours']));
    own.onReport(3, report([1, 'yours'], [2, 'yours']));
    expect(own.judge()).toMatchObject({ index: 1, verdict: 'outvotes', differing: [3] });
    expect(own.judge()).toMatchObject({ index: 2, verdict: 'outvoted', differing: [2, 3] });
  });

  it('says nothing of a difference that nobody remembers, and goes on', () => {
    const own = comparison();
    apply(own, 1, 'mine');
    own.onReport(3, report([1, 'yours']));
    expect(own.judge()).toBeUndefined();
    const kept = Array.from({ length: EMBEDDING_LIMITS.findingsKept }, (_, i) => i + 2);
    own.onReport(3, report(...kept.map((index) => [index, 'mine'] as const)));
    expect([own.judge(), own.judge(), own.judge()]).toEqual([undefined, undefined, undefined]);
    apply(own, 2, 'yours');
    own.onReport(2, report([2, 'mine']));
    expect(own.judge()).toMatchObject({ index: 2, verdict: 'outvoted' });
  });

  it('forgets what it came to before the state was replaced', () => {
    const own = comparison();
    apply(own, 1, 'mine');
    own.onReport(2, report([1, 'yours']));
    own.onRestored();
    own.onReport(3, report([1, 'yours']));
    expect([own.judge(), own.judge()]).toEqual([undefined, undefined]);
    expect(own.report()).toBeUndefined();
  });

  it('makes nothing of messages that are none of its own', () => {
    expect(decodeReport(Uint8Array.of(1, 2))).toEqual([]);
    expect(decodeReport(new Uint8Array(100))).toEqual([]);
  });
});
