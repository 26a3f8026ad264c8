import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LoneNode, entries } from './support/lone-node.ts';
import { bytes } from './support/render.ts';

const NOTHING = { prevIndex: 0, prevTerm: 0, entries: [], commit: 0 };

describe('section 5.1: terms', () => {
  it.each(['follower', 'candidate', 'leader'] as const)(
    'whoever sees a later term adopts it and follows (%s)',
    (role) => {
      const lone = new LoneNode();
      if (role === 'leader') lone.lead();
      if (role === 'candidate') {
        lone.tick(10).receive('RequestPreVoteResponse', 2, { term: 1, granted: true });
      }
      expect(lone.node.role).toBe(role);
      lone.receive('AppendEntries', 2, { term: 7, ...NOTHING });
      expect(lone.node).toMatchObject({ role: 'follower', term: 7, leaderId: 2 });
    },
  );

  it('a request of an earlier term is refused, and its sender learns the newer one', () => {
    const lone = new LoneNode({ hardState: { term: 5, vote: 0, commit: 0 }, log: [1] });
    lone.receive('AppendEntries', 2, { ...NOTHING, term: 4, entries: entries(1, 4) });
    expect(lone.take()).toMatchObject([
      // Not a refusal: the sender may lead term 5 by now, and would take it for its newest message's.
      { type: 'HeartbeatResponse', term: 5, round: 0 },
    ]);
    const asks = { lastIndex: 9, lastTerm: 4, isTransfer: false };
    lone.receive('RequestVote', 2, { term: 4, ...asks });
    expect(lone.take()).toMatchObject([{ type: 'RequestVoteResponse', term: 5, granted: false }]);
    expect(lone.terms()).toEqual([1]);
  });
});

describe('section 5.2: elections', () => {
  it('everybody starts as a follower', () => {
    expect(new LoneNode().node).toMatchObject({ role: 'follower', leaderId: 0 });
  });

  it('a leader sends heartbeats all the time, so that nobody else campaigns', () => {
    const lone = new LoneNode().lead();
    lone.tick(3);
    const beats = lone.take().filter((message) => message.type === 'Heartbeat');
    expect(beats.map(({ to }) => to)).toEqual([2, 3, 2, 3, 2, 3]);
  });

  it('who hears from a valid leader stays a follower', () => {
    const lone = new LoneNode();
    for (let i = 0; i < 10; i += 1) {
      lone.tick(9).receive('Heartbeat', 2, { term: 1, commit: 0, round: i });
    }
    expect(lone.node).toMatchObject({ role: 'follower', leaderId: 2, term: 1 });
  });

  it('a candidate lets none in between that is no better, and one with a longer log at once', () => {
    const lone = new LoneNode({ log: [1, 1], hardState: { term: 1, vote: 0, commit: 0 } });
    lone.tick(10).receive('RequestPreVoteResponse', 2, { term: 17, granted: true });
    expect(lone.node).toMatchObject({ role: 'candidate', term: 17 });
    lone.take();
    lone.receive('RequestPreVote', 3, { term: 33, lastIndex: 2, lastTerm: 1 });
    expect(lone.take()).toMatchObject([{ type: 'RequestPreVoteResponse', granted: false }]);
    lone.receive('RequestPreVote', 3, { term: 33, lastIndex: 3, lastTerm: 1 });
    expect(lone.take()).toMatchObject([{ type: 'RequestPreVoteResponse', granted: true }]);
  });

  it('a candidate moves to the next term with an election, votes for itself and asks all others', () => {
    const lone = new LoneNode({ hardState: { term: 4, vote: 0, commit: 0 }, log: [3, 4] });
    lone.tick(10);
    lone.take();
    lone.receive('RequestPreVoteResponse', 2, { term: 17, granted: true });
    expect(lone.node.role).toBe('candidate');
    expect(lone.log.hardState()).toMatchObject({ term: 17, vote: 1 });
    const asks = { type: 'RequestVote', term: 17, lastIndex: 2, lastTerm: 4 };
    expect(lone.take()).toMatchObject([
      { ...asks, to: 2 },
      { ...asks, to: 3 },
    ]);
  });

  it.each([
    [[1], 0, 'leader'],
    [[1, 2, 3], 0, 'candidate'],
    [[1, 2, 3], 1, 'leader'],
    [[1, 2, 3, 4], 1, 'candidate'],
    [[1, 2, 3, 4], 2, 'leader'],
    [[1, 2, 3, 4, 5], 1, 'candidate'],
    [[1, 2, 3, 4, 5], 2, 'leader'],
  ] as const)(
    'of voters %j it takes a majority: %i other votes make a %s',
    (voters, votes, role) => {
      const lone = new LoneNode({ voters }).tick(10);
      for (const id of voters.slice(1)) {
        lone.receive('RequestPreVoteResponse', id, { term: 1, granted: true });
      }
      for (const id of voters.slice(1, 1 + votes)) {
        lone.receive('RequestVoteResponse', id, { term: 1, granted: true });
        lone.receive('RequestVoteResponse', id, { term: 1, granted: true });
      }
      expect(lone.node.role).toBe(role);
    },
  );

  it('a vote is given once in a term, to who comes first, and to that one again', () => {
    const lone = new LoneNode();
    const ask = { term: 17, lastIndex: 0, lastTerm: 0, isTransfer: false };
    lone
      .receive('RequestVote', 2, ask)
      .receive('RequestVote', 3, ask)
      .receive('RequestVote', 2, ask);
    const votes = lone
      .take()
      .map((message) => [message.to, 'granted' in message && message.granted]);
    expect(votes).toEqual([
      [2, true],
      [3, false],
      [2, true],
    ]);
  });

  it('a candidate that hears of a leader in its own term follows it', () => {
    const lone = new LoneNode().tick(10);
    lone.receive('RequestPreVoteResponse', 2, { term: 1, granted: true });
    lone.receive('Heartbeat', 3, { term: 1, commit: 0, round: 1 });
    expect(lone.node).toMatchObject({ role: 'follower', term: 1, leaderId: 3 });
    expect(lone.log.hardState().vote).toBe(1);
  });

  it('time-outs are drawn from the whole range, and only from it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (draw) => {
        const lone = new LoneNode({ random: () => draw });
        const expected = 10 + Math.floor(draw * 10);
        expect(lone.tick(expected - 1).node.role).toBe('follower');
        expect(lone.tick(1).node.role).toBe('preCandidate');
      }),
    );
  });
});

describe('section 5.3: log replication', () => {
  it('a leader appends a proposal to its log and sends it to all others in parallel', () => {
    const lone = new LoneNode().lead();
    const last = lone.node.lastIndex;
    expect(lone.node.propose(bytes('x'))).toEqual({
      outcome: 'accepted',
      id: { term: 1, index: last + 1 },
    });
    lone.work();
    const sent = { type: 'AppendEntries', prevIndex: last, prevTerm: 1 };
    expect(lone.take()).toMatchObject([
      { ...sent, to: 2 },
      { ...sent, to: 3 },
    ]);
  });

  it('an entry is committed once a majority has it, with all before it, and all are told', () => {
    const lone = new LoneNode({ hardState: { term: 2, vote: 0, commit: 0 }, log: [1, 2] });
    lone.lead('elected');
    expect(lone.node.commitIndex).toBe(0);
    lone.accept(2);
    expect(lone.node.commitIndex).toBe(3);
    expect(lone.applied.map(({ term }) => term)).toEqual([1, 2, 17]);
    const told = lone.take().filter((message) => message.type === 'CommitNotice');
    expect(told).toMatchObject([{ to: 2, commit: 3 }]);
  });

  it('a follower applies what the leader says is committed, in log order, as far as it has it', () => {
    const lone = new LoneNode();
    const append = { term: 1, prevIndex: 0, prevTerm: 0, entries: entries(1, 1, 1, 1) };
    lone.receive('AppendEntries', 2, { ...append, commit: 2 });
    expect(lone.applied.map(({ index }) => index)).toEqual([1, 2]);
    lone.receive('AppendEntries', 2, {
      ...append,
      entries: [],
      prevIndex: 3,
      prevTerm: 1,
      commit: 9,
    });
    expect(lone.applied.map(({ index }) => index)).toEqual([1, 2, 3]);
  });

  it('a commit notice reaches as far as the log is known to be the leader’s', () => {
    const lone = new LoneNode({ hardState: { term: 1, vote: 0, commit: 0 }, log: [1, 1, 1] });
    lone.receive('CommitNotice', 2, { term: 2, commit: 3 });
    expect(lone.node.commitIndex).toBe(0);
    lone.receive('AppendEntries', 2, { ...NOTHING, term: 2, prevIndex: 2, prevTerm: 1 });
    lone.receive('CommitNotice', 2, { term: 2, commit: 3 });
    expect(lone.node.commitIndex).toBe(2);
    expect(lone.take().map(({ type }) => type)).not.toContain('HeartbeatResponse');
  });

  it('only as far as the message shows: what is behind it may still be another leader’s', () => {
    const lone = new LoneNode({ hardState: { term: 1, vote: 0, commit: 0 }, log: [1, 1, 1] });
    lone.receive('AppendEntries', 2, { ...NOTHING, term: 2, prevIndex: 1, prevTerm: 1, commit: 3 });
    expect(lone.node.commitIndex).toBe(1);
  });

  it.each([
    ['longer than the leader’s at that place', [1, 1], 3, 1],
    ['different in term there', [1, 2], 2, 3],
  ])('an append is refused where the logs do not meet: %s', (_, log, prevIndex, prevTerm) => {
    const lone = new LoneNode({ hardState: { term: 3, vote: 0, commit: 0 }, log });
    const append = { term: 3, prevIndex, prevTerm, entries: entries(prevIndex + 1, 3), commit: 0 };
    lone.receive('AppendEntries', 2, append);
    expect(lone.take()).toMatchObject([{ accepted: false, index: prevIndex }]);
    expect(lone.terms()).toEqual(log);
  });

  it.each([
    [[1, 1, 1], 1, [2, 2], [1, 2, 2]],
    [[1, 1, 1], 3, [2], [1, 1, 1, 2]],
    [[1, 1, 1], 0, [1, 1], [1, 1, 1]],
    [[1, 2, 2, 2], 1, [2, 3], [1, 2, 3]],
  ])(
    'a log %j that differs from the leader’s behind %i (%j there) becomes %j',
    (log, prevIndex, sent, expected) => {
      const lone = new LoneNode({ hardState: { term: 2, vote: 0, commit: 0 }, log });
      const prevTerm = prevIndex === 0 ? 0 : (log[prevIndex - 1] as number);
      const body = { prevIndex, prevTerm, entries: entries(prevIndex + 1, ...sent), commit: 0 };
      lone.receive('AppendEntries', 2, { term: 3, ...body });
      expect(lone.terms()).toEqual(expected);
    },
  );

  it('a leader finds where a follower agrees with one refusal per term, not per entry', () => {
    const log = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
    const lone = new LoneNode({ hardState: { term: 6, vote: 0, commit: 0 }, log }).lead('elected');
    const { term } = lone.node;
    const refusal = { term, accepted: false, index: 10, hintIndex: 9, hintTerm: 3 };
    lone.receive('AppendEntriesResponse', 2, refusal);
    expect(lone.take()).toMatchObject([{ to: 2, prevIndex: 3, prevTerm: 1 }]);
  });

  it('a leader sends on to who voted for it without waiting for the first answer', () => {
    const lone = new LoneNode().lead('elected');
    lone.take();
    lone.node.propose(new Uint8Array([1]));
    lone.work();
    // Node 3 had not voted yet when it was elected.
    expect(lone.take()).toMatchObject([{ type: 'AppendEntries', to: 2, prevIndex: 2 }]);
  });

  it('who voted for it and lacks entries is sent them from where it says, once', () => {
    const log = [1, 1, 1, 4, 4];
    const lone = new LoneNode({ hardState: { term: 6, vote: 0, commit: 0 }, log }).lead('elected');
    const { term } = lone.node;
    lone.node.propose(new Uint8Array([1]));
    lone.work().take();
    const refusal = { term, accepted: false, index: 5, hintIndex: 2, hintTerm: 1 };
    lone.receive('AppendEntriesResponse', 2, refusal);
    expect(lone.take()).toMatchObject([{ to: 2, prevIndex: 2, entries: [{}, {}, {}, {}, {}] }]);
    lone.receive('AppendEntriesResponse', 2, { ...refusal, index: 6 });
    expect(lone.take()).toEqual([]);
  });

  it('whose refusal was lost is asked from what it was assumed to have', () => {
    const log = [1, 1, 1, 4, 4];
    const lone = new LoneNode({ hardState: { term: 6, vote: 0, commit: 0 }, log }).lead('elected');
    const { term } = lone.node;
    lone.node.propose(new Uint8Array([1]));
    lone.work().take();
    const refusal = { term, accepted: false, index: 6, hintIndex: 2, hintTerm: 1 };
    lone.receive('AppendEntriesResponse', 2, refusal);
    expect(lone.take()).toMatchObject([{ to: 2, prevIndex: 5 }]);
    lone.receive('AppendEntriesResponse', 2, { ...refusal, index: 5 });
    expect(lone.take()).toMatchObject([{ to: 2, prevIndex: 2 }]);
  });

  it('a leader asks again for as long as a follower does not answer', () => {
    const lone = new LoneNode().lead('elected');
    const { term } = lone.node;
    lone.tick(1).take();
    lone.receive('HeartbeatResponse', 2, { term, round: 1 });
    expect(lone.take()).toMatchObject([{ type: 'AppendEntries', to: 2, prevIndex: 0 }]);
  });
});

describe('section 5.4: safety', () => {
  it.each([
    ['later last term wins, however short', [2, 2, 2], 1, 3, true],
    ['earlier last term loses, however long', [2], 9, 1, false],
    ['with equal terms the longer wins', [2, 2], 3, 2, true],
    ['equally long is enough', [2, 2], 2, 2, true],
    ['the shorter loses', [2, 2], 1, 2, false],
  ])(
    '5.4.1: a vote is for a log at least as complete: %s',
    (_, log, lastIndex, lastTerm, granted) => {
      const lone = new LoneNode({ hardState: { term: 2, vote: 0, commit: 0 }, log });
      lone.receive('RequestPreVote', 2, { term: 17, lastIndex, lastTerm });
      lone.receive('RequestVote', 2, { term: 17, lastIndex, lastTerm, isTransfer: false });
      expect(lone.take()).toMatchObject([{ granted }, { granted }]);
    },
  );

  it('5.4.2: a leader does not commit an entry of an earlier term by counting', () => {
    const lone = new LoneNode({ hardState: { term: 2, vote: 0, commit: 0 }, log: [1, 2] });
    lone.lead('elected');
    lone.accept(2, 2).accept(3, 2);
    expect(lone.node.commitIndex).toBe(0);
    lone.accept(2, 3);
    expect(lone.node.commitIndex).toBe(3);
  });
});

describe('section 6: membership', () => {
  it('a joint decision takes both majorities', () => {
    const lone = new LoneNode().lead();
    lone.node.changeMembership({ voters: [1, 4, 5], learners: [] });
    lone.work();
    const joint = lone.node.lastIndex;
    lone.accept(2, joint).accept(3, joint);
    expect(lone.node.commitIndex).toBe(joint - 1);
    lone.accept(4, joint);
    expect(lone.node.commitIndex).toBe(joint);
    expect(lone.node.membership).toMatchObject({ voters: [1, 4, 5], votersOutgoing: [] });
  });

  it('what the runtime keeps with a membership comes and goes with it', () => {
    const [before, after] = [Uint8Array.of(1), Uint8Array.of(2)];
    const initialMembership = {
      voters: [1, 2, 3],
      votersOutgoing: [],
      learners: [],
      context: before,
    };
    const lone = new LoneNode({ config: { initialMembership } }).lead();
    expect(lone.node.membership.context).toEqual(before);
    lone.node.changeMembership({ voters: [1, 2, 3], learners: [4], context: after });
    expect(lone.node.membership).toMatchObject({ votersOutgoing: [1, 2, 3], context: after });
    const joint = lone.work().node.lastIndex;
    expect(lone.node.membershipIndex).toBe(joint);
    lone.accept(2, joint);
    expect(lone.node.membership).toMatchObject({ votersOutgoing: [], context: after });
    // Another leader never had the change.
    const term = lone.node.term + 1;
    const noop = { index: joint, term, kind: 'noop' as const, data: new Uint8Array(0) };
    const lost = new LoneNode({ config: { initialMembership } }).lead();
    lost.node.changeMembership({ voters: [1, 2, 3], learners: [4], context: after });
    const prev = { prevIndex: joint - 1, prevTerm: lost.work().node.term };
    lost.receive('AppendEntries', 2, { term, ...prev, entries: [noop], commit: 0 });
    expect(lost.node.membership).toMatchObject({ learners: [], context: before });
  });

  it('a removed leader leads until that is committed', () => {
    const lone = new LoneNode().lead();
    lone.node.changeMembership({ voters: [2, 3], learners: [] });
    lone.work().accept(2).accept(3);
    expect(lone.node.role).toBe('leader');
    // It does not count itself any more: one of two is no majority.
    lone.accept(2);
    expect(lone.node.role).toBe('leader');
    lone.accept(3);
    expect(lone.node.role).toBe('follower');
  });

  it('a removed leader takes no further change before it goes, though it were to be in it', () => {
    const lone = new LoneNode().lead();
    lone.node.changeMembership({ voters: [2, 3], learners: [] });
    lone.work().accept(2).accept(3).accept(2);
    const { term, lastIndex: index } = lone.node;
    const accepted = { accepted: true, hintIndex: 0, hintTerm: 0, from: 3, to: 1, term, index };
    lone.node.step({ type: 'AppendEntriesResponse', ...accepted });
    expect(lone.node.role).toBe('leader');
    expect(lone.node.changeMembership({ voters: [1, 2, 3], learners: [] })).toEqual({
      outcome: 'refused',
      reason: 'leadershipTransferring',
    });
    lone.work();
    expect(lone.node.role).toBe('follower');
  });

  it('whoever hears a leader lets removed nodes not disturb it (also dissertation 4.2.3)', () => {
    const lone = new LoneNode().receive('Heartbeat', 2, { term: 1, commit: 0, round: 1 });
    lone.take();
    const ask = { term: 17, lastIndex: 50, lastTerm: 8 };
    lone.receive('RequestVote', 3, { ...ask, isTransfer: false });
    expect(lone.take()).toEqual([]);
    expect(lone.node).toMatchObject({ term: 1, leaderId: 2 });
    lone.receive('RequestVote', 3, { ...ask, isTransfer: true });
    expect(lone.take()).toMatchObject([{ granted: true }]);
  });
});

describe('section 8 and dissertation 6.4: reads', () => {
  it('a leader opens its term with an entry of its own', () => {
    const lone = new LoneNode({ hardState: { term: 2, vote: 0, commit: 0 }, log: [1, 2] });
    lone.lead('elected');
    expect(lone.terms()).toEqual([1, 2, 17]);
    expect(lone.log.entries(3, 3, 1)).toMatchObject([{ kind: 'noop' }]);
  });

  it('a read is answered after a majority has confirmed a round that began after it', () => {
    const lone = new LoneNode({ voters: [1, 2, 3, 4, 5] }).lead();
    const { term } = lone.node;
    lone.tick(1);
    lone.node.readIndex(7);
    lone.work();
    lone.receive('HeartbeatResponse', 2, { term, round: 1 });
    lone.receive('HeartbeatResponse', 3, { term, round: 1 });
    lone.receive('HeartbeatResponse', 4, { term, round: 2 });
    expect(lone.readies.flatMap((ready) => ready.readStates)).toEqual([]);
    lone.receive('HeartbeatResponse', 5, { term, round: 2 });
    const answers = lone.readies.flatMap((ready) => ready.readStates);
    expect(answers).toEqual([{ requestId: 7, index: lone.node.commitIndex }]);
  });
});

describe('dissertation 10.2.1: the leader writes its disk in parallel', () => {
  it('its entries leave before they are durable here, and may be committed without it', () => {
    const lone = new LoneNode().lead();
    lone.node.propose(bytes('x'));
    const ready = lone.node.ready();
    lone.log.write(ready);
    expect(ready.messages).toMatchObject([{ type: 'AppendEntries' }, { type: 'AppendEntries' }]);
    const { term, lastIndex: index } = lone.node;
    const accepted = { type: 'AppendEntriesResponse', to: 1, term, accepted: true, index } as const;
    lone.node.step({ ...accepted, from: 2, hintIndex: 0, hintTerm: 0 });
    expect(lone.node.commitIndex).toBe(index - 1);
    lone.node.step({ ...accepted, from: 3, hintIndex: 0, hintTerm: 0 });
    expect(lone.node.commitIndex).toBe(index);
    expect(lone.node.ready().committedEntries).toEqual([]);
    lone.node.onPersisted(ready.number);
    expect(lone.node.ready().committedEntries).toHaveLength(1);
  });
});
