import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeMembership } from '../src/membership-codec.ts';
import type { Message } from '../src/messages.ts';
import { LoneNode } from './support/lone-node.ts';

const number = fc.oneof(
  { weight: 8, arbitrary: fc.nat(12) },
  { weight: 1, arbitrary: fc.constantFrom(Number.MAX_SAFE_INTEGER, 2 ** 40) },
);
const ids = fc.array(fc.nat(6), { maxLength: 4 });
const membership = fc.record({ voters: ids, votersOutgoing: ids, learners: ids });
const change = encodeMembership({ voters: [1, 2], votersOutgoing: [1, 2, 3], learners: [3] });
const data = fc.oneof(fc.uint8Array({ maxLength: 3 }), fc.constant(change));
const entry = fc.record({
  index: number,
  term: number,
  kind: fc.constantFrom('command' as const, 'noop' as const, 'membership' as const),
  data,
});
const envelope = {
  from: fc.integer({ min: 0, max: 4 }),
  to: fc.constant(1),
  term: number,
};
const log = { lastIndex: number, lastTerm: number };
const granted = { granted: fc.boolean() };
const messages: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ type: fc.constant('RequestPreVote' as const), ...envelope, ...log }),
  fc.record({ type: fc.constant('RequestPreVoteResponse' as const), ...envelope, ...granted }),
  fc.record({
    type: fc.constant('RequestVote' as const),
    ...envelope,
    ...log,
    isTransfer: fc.boolean(),
  }),
  fc.record({ type: fc.constant('RequestVoteResponse' as const), ...envelope, ...granted }),
  fc
    .record({
      type: fc.constant('AppendEntries' as const),
      ...envelope,
      prevIndex: number,
      prevTerm: number,
      entries: fc.array(entry, { maxLength: 4 }),
      commit: number,
      isConsecutive: fc.boolean(),
    })
    .map(({ isConsecutive, ...message }) => {
      // Half of them look right, so that they get further than the first check.
      const { prevIndex, prevTerm, entries } = message;
      const consecutive = entries.map((item, at) => {
        return { ...item, index: prevIndex + 1 + at, term: Math.max(prevTerm, 1) };
      });
      return isConsecutive ? { ...message, entries: consecutive } : message;
    }),
  fc.record({
    type: fc.constant('AppendEntriesResponse' as const),
    ...envelope,
    accepted: fc.boolean(),
    index: number,
    hintIndex: number,
    hintTerm: number,
  }),
  fc.record({
    type: fc.constant('Heartbeat' as const),
    ...envelope,
    commit: number,
    round: number,
  }),
  fc.record({ type: fc.constant('HeartbeatResponse' as const), ...envelope, round: number }),
  fc.record({ type: fc.constant('CommitNotice' as const), ...envelope, commit: number }),
  fc.record({
    type: fc.constant('InstallSnapshot' as const),
    ...envelope,
    snapshot: fc.record({ index: number, term: number, membership }),
  }),
  fc.record({
    type: fc.constant('HandOver' as const),
    ...envelope,
    successor: number,
    lastIndex: number,
    lastTerm: number,
  }),
  fc.record({
    type: fc.constant('ReadIndexRequest' as const),
    ...envelope,
    requestId: number,
    basis: fc.constantFrom('quorum' as const, 'lease' as const),
  }),
  fc.record({
    type: fc.constant('ReadIndexResponse' as const),
    ...envelope,
    requestId: number,
    index: number,
  }),
);

describe('whatever a peer sends', () => {
  it.each(['follower', 'preCandidate', 'leader'] as const)(
    'a %s does not throw, and its term and commit never fall',
    (role) => {
      fc.assert(
        fc.property(fc.array(messages, { maxLength: 25 }), (stream) => {
          const lone = new LoneNode({ hardState: { term: 3, vote: 0, commit: 1 }, log: [1, 2, 3] });
          if (role === 'preCandidate') lone.tick(10);
          if (role === 'leader') lone.lead();
          expect(lone.node.role).toBe(role);
          for (const message of stream) {
            const { term, commitIndex } = lone.node;
            lone.node.step(message);
            lone.node.tick();
            lone.work();
            expect(lone.node.term).toBeGreaterThanOrEqual(term);
            expect(lone.node.commitIndex).toBeGreaterThanOrEqual(commitIndex);
          }
        }),
        { numRuns: 400 },
      );
    },
  );

  it('a message for somebody else, of an unknown type, or from itself does nothing', () => {
    const lone = new LoneNode();
    const before = lone.node.status();
    const beat = { type: 'Heartbeat', from: 2, to: 1, term: 5, commit: 0, round: 1 } as const;
    lone.node.step({ ...beat, to: 2 });
    lone.node.step({ ...beat, from: 1 });
    lone.node.step({ ...beat, term: Number.NaN });
    lone.node.step({ ...beat, type: 'Gossip' } as unknown as Message);
    expect(lone.node.status()).toEqual(before);
    expect(lone.node.hasReady()).toBe(false);
  });

  it('an append that contradicts what is committed is not acted upon', () => {
    const lone = new LoneNode({ hardState: { term: 3, vote: 0, commit: 2 }, log: [1, 2, 3] });
    const forged = { index: 2, term: 4, kind: 'noop' as const, data: new Uint8Array(0) };
    const body = { prevIndex: 1, prevTerm: 1, entries: [forged], commit: 2 };
    lone.receive('AppendEntries', 2, { term: 4, ...body });
    expect(lone.terms()).toEqual([1, 2, 3]);
  });

  it('a malformed membership is not appended', () => {
    const lone = new LoneNode();
    const forged = { index: 1, term: 1, kind: 'membership' as const, data: new Uint8Array([9]) };
    lone.receive('AppendEntries', 2, {
      term: 1,
      prevIndex: 0,
      prevTerm: 0,
      entries: [forged],
      commit: 0,
    });
    expect(lone.node.lastIndex).toBe(0);
  });
});
