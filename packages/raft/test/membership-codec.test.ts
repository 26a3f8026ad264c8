import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NODE_ID_MAX } from '../src/limits.ts';
import { decodeMembership, encodeMembership } from '../src/membership-codec.ts';
import { isWellFormed } from '../src/membership.ts';
import type { Membership } from '../src/types.ts';

const id = fc.oneof(
  fc.integer({ min: 1, max: 200 }),
  fc.integer({ min: 1, max: NODE_ID_MAX }),
  fc.constant(NODE_ID_MAX),
);
const ascending = (list: readonly number[]): number[] => [...list].sort((a, b) => a - b);
const membership = fc
  .tuple(
    fc.uniqueArray(id, { minLength: 1 }),
    fc.uniqueArray(id),
    fc.uniqueArray(id),
    fc.option(fc.uint8Array({ minLength: 1 })),
  )
  .map(([voters, votersOutgoing, learners, context]): Membership => ({
    voters: ascending(voters),
    votersOutgoing: ascending(votersOutgoing),
    learners: ascending(learners.filter((learner) => !voters.includes(learner))),
    ...(context === null ? {} : { context }),
  }));

describe('the data of a membership entry', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(membership, (value) => {
        const decoding = decodeMembership(encodeMembership(value));
        expect(decoding).toEqual({ outcome: 'decoded', membership: value });
      }),
    );
  });

  it('is the same however the ids were ordered', () => {
    const mixed = { voters: [300, 2, 2, 70_000], votersOutgoing: [5, 1], learners: [] };
    const ordered = { voters: [2, 300, 70_000], votersOutgoing: [1, 5], learners: [] };
    expect(encodeMembership(mixed)).toEqual(encodeMembership(ordered));
  });

  it('has this very format', () => {
    const value = { voters: [1, 300], votersOutgoing: [1], learners: [128] };
    expect([...encodeMembership(value)]).toEqual([1, 2, 1, 0xac, 2, 1, 1, 1, 0x80, 1]);
    const withContext = { ...value, context: Uint8Array.of(7, 8) };
    const bytes = [2, 2, 1, 0xac, 2, 1, 1, 1, 0x80, 1, 7, 8];
    expect([...encodeMembership(withContext)]).toEqual(bytes);
  });

  it.each([
    ['truncated', []],
    ['version', [3, 1, 1, 0, 0]],
    ['contextSize', [2, 1, 1, 0, 0]],
    ['truncated', [1, 1, 1, 0]],
    ['truncated', [1, 1, 0x80]],
    ['trailingBytes', [1, 1, 1, 0, 0, 0]],
    ['noVoters', [1, 0, 0, 0]],
    ['badId', [1, 1, 0, 0, 0]],
    ['notAscending', [1, 2, 2, 2, 0, 0]],
    ['notAscending', [1, 2, 2, 1, 0, 0]],
    ['voterIsLearner', [1, 1, 1, 0, 1, 1]],
    ['varint', [1, 1, 0x81, 0, 0, 0]],
    ['varint', [1, 1, 0xff, 0xff, 0xff, 0xff, 0x1f, 0, 0]],
    ['varint', [1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 0]],
    ['tooManyMembers', [1, 0x81, 0x08, 0, 0]],
  ])('malformed: %s in %j', (reason, data) => {
    const decoding = decodeMembership(Uint8Array.from(data));
    expect(decoding).toEqual({ outcome: 'malformed', reason });
  });

  it('any bytes are decoded to something well formed that encodes to them, or are malformed', () => {
    const small = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 12 });
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      small.map((l) => Uint8Array.from(l)),
    );
    fc.assert(
      fc.property(any, (data) => {
        const decoding = decodeMembership(data);
        if (decoding.outcome !== 'decoded') return;
        expect(isWellFormed(decoding.membership)).toBe(true);
        expect(encodeMembership(decoding.membership)).toEqual(data);
      }),
      { numRuns: 3000 },
    );
  });
});
