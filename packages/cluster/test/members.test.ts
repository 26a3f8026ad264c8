import type { Membership } from '@bellwether/raft';
import { encodeMembership } from '@bellwether/raft';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CatchUpWatch } from '../src/membership/catch-up-watch.ts';
import { DeadVoterWatch } from '../src/membership/dead-voter-watch.ts';
import { mistakesIn } from '../src/membership/members-check.ts';
import { decodeMembers, encodeMembers, membersInEntry } from '../src/membership/members-codec.ts';
import type { MembersMessage } from '../src/membership/members-message.ts';
import { decodeMembersMessage, encodeMembersMessage } from '../src/membership/members-message.ts';
import type { Member, Members } from '../src/membership/members.ts';
import { isReached, nextStep } from '../src/membership/next-step.ts';
import { LIMITS } from '../src/limits.ts';

const member = (id: number, role: Member['role'] = 'voter'): Member => {
  return { id, host: '127.0.0.1', port: 2000 + id, role, priority: 1, note: '' };
};
const membership = (voters: number[], learners: number[] = []): Membership => {
  return { voters, votersOutgoing: [], learners };
};
const nobody = (): boolean => false;
const everybody = (): boolean => true;

describe('the next step to other members', () => {
  const three = membership([1, 2, 3]);
  const targetOf = (...ids: number[]): Member[] => ids.map((id) => member(id));

  it('lets a new voter learn first', () => {
    const target = targetOf(1, 2, 3, 4);
    expect(nextStep(three, target, everybody)).toEqual({ voters: [1, 2, 3], learners: [4] });
    const learning = membership([1, 2, 3], [4]);
    expect(nextStep(learning, target, nobody)).toBeUndefined();
    expect(nextStep(learning, target, everybody)).toEqual({ voters: [1, 2, 3, 4], learners: [] });
  });

  it('keeps a voter that leaves until its replacement votes', () => {
    const target = targetOf(1, 2, 4);
    expect(nextStep(three, target, nobody)).toEqual({ voters: [1, 2, 3], learners: [4] });
    const learning = membership([1, 2, 3], [4]);
    expect(nextStep(learning, target, everybody)).toEqual({ voters: [1, 2, 4], learners: [] });
  });

  it('does not let one newcomer wait for another', () => {
    const target = targetOf(1, 4, 5);
    const learning = membership([1, 2, 3], [4, 5]);
    const step = nextStep(learning, target, (id) => id === 4);
    expect(step).toEqual({ voters: [1, 2, 3, 4], learners: [5] });
  });

  it('removes and demotes at once when nobody joins', () => {
    const target = [member(1), member(2, 'learner')];
    expect(nextStep(three, target, nobody)).toEqual({ voters: [1], learners: [2] });
  });

  it('waits for a change that is under way', () => {
    const joint = { ...three, votersOutgoing: [1] };
    expect(nextStep(joint, targetOf(1), everybody)).toBeUndefined();
    expect(isReached(joint, targetOf(1, 2, 3))).toBe(false);
  });

  it('always arrives, never with fewer voters on the way than at its ends', () => {
    const id = fc.integer({ min: 1, max: 7 });
    const voters = fc.uniqueArray(id, { minLength: 1 });
    const roles = fc.uniqueArray(fc.tuple(id, fc.constantFrom('voter', 'learner')), {
      minLength: 1,
      selector: ([one]) => one,
    });
    fc.assert(
      fc.property(voters, fc.uniqueArray(id), roles, (from, learning, target) => {
        const wanted = target.map(([one, role]) => member(one, role));
        const wantedVoters = wanted.filter(({ role }) => role === 'voter').length;
        fc.pre(wantedVoters > 0);
        let now = membership(
          [...from].sort((a, b) => a - b),
          learning.filter((one) => !from.includes(one)),
        );
        const fewest = Math.min(from.length, wantedVoters);
        for (let steps = 0; ; steps += 1) {
          expect(steps).toBeLessThan(4);
          const step = nextStep(now, wanted, everybody);
          if (step === undefined) break;
          expect(step.voters.length).toBeGreaterThanOrEqual(fewest);
          now = { ...step, votersOutgoing: [] };
        }
        expect(isReached(now, wanted)).toBe(true);
        expect(new Set([...now.voters, ...now.learners])).toEqual(
          new Set(wanted.map((one) => one.id)),
        );
      }),
    );
  });
});

describe('who keeps up', () => {
  const at = (match: number) =>
    [
      {
        nodeId: 4,
        match,
        next: match + 1,
        state: 'replicate',
        recentlyActive: true,
        isLearner: true,
      },
    ] as const;

  it('is whoever has, check after check, what was committed at the check before', () => {
    const watch = new CatchUpWatch();
    for (let i = 0; i < LIMITS.promotionChecks - 1; i += 1) watch.check(at(100 * i), 100 * (i + 1));
    expect(watch.hasKeptUp(4)).toBe(false);
    watch.check(at(10_000), 10_000);
    expect(watch.hasKeptUp(4)).toBe(true);
    watch.check(at(9_999), 11_000);
    expect(watch.hasKeptUp(4)).toBe(false);
    watch.check([], 11_000);
    expect(watch.hasKeptUp(4)).toBe(false);
  });
});

describe('a voter that is dead', () => {
  const aliveBut =
    (...dead: number[]) =>
    (id: number) =>
      !dead.includes(id);

  it('is removed after its time, if it leaves a whole cluster behind', () => {
    const watch = new DeadVoterWatch(1_000);
    expect(watch.check([1, 2, 3, 4], aliveBut(4), 0)).toBeUndefined();
    expect(watch.check([1, 2, 3, 4], aliveBut(4), 999)).toBeUndefined();
    expect(watch.check([1, 2, 3, 4], aliveBut(4), 1_000)).toBe(4);
    expect(watch.check([1, 2, 3, 4, 5], aliveBut(4, 5), 2_000)).toBeUndefined();
    expect(watch.check([1, 2, 3], aliveBut(3), 9_000)).toBeUndefined();
  });

  it('counts its time anew after every sign of life, and every change of leader', () => {
    const watch = new DeadVoterWatch(1_000);
    watch.check([1, 2, 3, 4], aliveBut(4), 0);
    watch.check([1, 2, 3, 4], aliveBut(), 900);
    expect(watch.check([1, 2, 3, 4], aliveBut(4), 1_800)).toBeUndefined();
    watch.reset();
    expect(watch.check([1, 2, 3, 4], aliveBut(4), 2_900)).toBeUndefined();
    expect(watch.check([1, 2, 3, 4], aliveBut(4), 3_900)).toBe(4);
  });

  it('stays for ever where nothing else was said', () => {
    const watch = new DeadVoterWatch(Infinity);
    watch.check([1, 2, 3, 4], aliveBut(4), 0);
    expect(watch.check([1, 2, 3, 4], aliveBut(4), 1e15)).toBeUndefined();
  });
});

describe('a list of members', () => {
  it.each([
    [[], /nobody votes/],
    [[member(1, 'learner')], /nobody votes/],
    [[{ ...member(1), priority: 0 }], /nobody may lead/],
    [[member(1), member(1)], /node 1 occurs twice/],
    [
      [member(1), { ...member(2), port: 2001 }],
      /nodes 1 and 2 have the same address 127.0.0.1:2001/,
    ],
    [[member(0)], /id 0 is not a whole number/],
    [[{ ...member(1), host: '' }], /host of node 1/],
    [[{ ...member(1), port: 70_000 }], /port 70000 of node 1/],
    [[member(1), { ...member(2), port: 0 }], /node 2 has no port/],
    [[{ ...member(1), note: 'x'.repeat(2_000) }], /note of node 1/],
  ])('%# is refused', (members, why) => {
    expect(mistakesIn(members).join('; ')).toMatch(why);
  });

  it('of one node needs no port', () => {
    expect(mistakesIn([{ ...member(1), port: 0 }])).toEqual([]);
  });
});

describe('members in the log and on the wire', () => {
  const members: Members = {
    version: 17,
    timeMs: 1_700_000_000_000,
    changeId: '1.99.3',
    members: [member(1), { ...member(2, 'learner'), note: 'clients at :2181 \u00e9' }],
    leaving: [member(3)],
  };

  it('are read as they were written', () => {
    const context = encodeMembers(members);
    expect(decodeMembers(context)).toEqual(members);
    const data = encodeMembership({ ...membership([1], [2]), context });
    expect(membersInEntry(data)).toEqual(members);
    expect(membersInEntry(encodeMembership(membership([1])))).toBeUndefined();
  });

  it.each<MembersMessage>([
    { kind: 'change', requestId: 4, changeId: 'x', ifVersion: 17, members: members.members },
    { kind: 'answer', requestId: 4, outcome: { outcome: 'changed', members } },
    {
      kind: 'answer',
      requestId: 4,
      outcome: { outcome: 'refused', reason: 'noQuorum', message: 'why', members },
    },
    { kind: 'dismissal', version: 18 },
  ])('a message of kind $kind is read as it was written', (message) => {
    expect(decodeMembersMessage(encodeMembersMessage(message))).toEqual(message);
  });

  it('anything else is no message and no members, and never throws', () => {
    const texts = fc.oneof(fc.json(), fc.string()).map((text) => new TextEncoder().encode(text));
    fc.assert(
      fc.property(fc.oneof(texts, fc.uint8Array()), (bytes) => {
        expect(decodeMembers(bytes)).toBeUndefined();
        expect(decodeMembersMessage(bytes)).toBeUndefined();
      }),
    );
    const text = new TextDecoder().decode(encodeMembers(members));
    for (const [from, to] of [
      ['17', '-1'],
      ['"learner"', '"king"'],
      ['2002', 'null'],
      ['[', '{'],
    ]) {
      const changed = text.replace(from ?? '', to ?? '');
      expect(decodeMembers(new TextEncoder().encode(changed))).toBeUndefined();
    }
  });
});
