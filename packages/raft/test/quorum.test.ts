import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jointValue, majorityValue, majorityVote, voteResult } from '../src/quorum.ts';

/** By the definition: try every value, from the top, and ask who has reached it. */
function dumbMajorityValue(values: readonly number[]): number {
  if (values.length === 0) return Number.POSITIVE_INFINITY;
  const candidates = [...new Set(values)].sort((a, b) => b - a);
  const reached = (value: number): boolean =>
    values.filter((other) => other >= value).length > values.length / 2;
  return candidates.find(reached) as number;
}

/** By the definition: complete the election in every possible way. */
function dumbVote(voters: readonly number[], votes: ReadonlyMap<number, boolean>): string {
  if (voters.length === 0) return 'won';
  const open = voters.filter((id) => !votes.has(id));
  const outcomes = new Set<boolean>();
  for (let mask = 0; mask < 2 ** open.length; mask += 1) {
    const yes = voters.filter((id) => {
      const at = open.indexOf(id);
      return at === -1 ? votes.get(id) === true : Math.floor(mask / 2 ** at) % 2 === 1;
    });
    outcomes.add(yes.length > voters.length / 2);
  }
  if (outcomes.size === 2) return 'pending';
  return outcomes.has(true) ? 'won' : 'lost';
}

const values = fc.array(fc.nat(12), { maxLength: 9 });
const ids = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 7 });
const votes = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.boolean()), { maxLength: 9 })
  .map((pairs) => new Map(pairs));

describe('quorum mathematics, against the definitions', () => {
  it('the majority value is the largest that more than half have reached', () => {
    fc.assert(
      fc.property(values, (list) => {
        expect(majorityValue([...list])).toBe(dumbMajorityValue(list));
      }),
      { numRuns: 2000 },
    );
  });

  it('a joint value is the lesser of both majorities', () => {
    fc.assert(
      fc.property(values, values, (incoming, outgoing) => {
        const expected = Math.min(dumbMajorityValue(incoming), dumbMajorityValue(outgoing));
        expect(jointValue([...incoming], [...outgoing])).toBe(expected);
      }),
    );
  });

  it('an election is decided exactly when the open votes can no longer change it', () => {
    fc.assert(
      fc.property(ids, votes, (voters, cast) => {
        expect(majorityVote(voters, cast)).toBe(dumbVote(voters, cast));
      }),
      { numRuns: 1000 },
    );
  });

  it('a joint election is won in both halves and lost in either', () => {
    fc.assert(
      fc.property(ids, ids, votes, (voters, votersOutgoing, cast) => {
        const halves = [dumbVote(voters, cast), dumbVote(votersOutgoing, cast)];
        const isLost = halves.includes('lost') || voters.length === 0;
        const isWon = halves.every((half) => half === 'won');
        const expected = isLost ? 'lost' : isWon ? 'won' : 'pending';
        expect(voteResult({ voters, votersOutgoing, learners: [] }, cast)).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('nobody is elected by nobody', () => {
    const nobody = { voters: [], votersOutgoing: [], learners: [] };
    expect(voteResult(nobody, new Map([[1, true]]))).toBe('lost');
  });
});
