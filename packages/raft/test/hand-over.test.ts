import { describe, expect, it } from 'vitest';
import { TERMS_PER_ELECTION } from '../src/limits.ts';
import { electionTermAfter, isElectionTerm, mayAppoint } from '../src/terms.ts';
import { LoneNode } from './support/lone-node.ts';

const BEAT = { term: 1, commit: 0, round: 1 };
/** Node 2 leads term 1, whose log is empty, and appoints node 1. */
const APPOINTMENT = { term: 2, successor: 1, lastIndex: 0, lastTerm: 0 };

const one = (): Uint8Array => new Uint8Array([1]);

/** Node 1 has this one entry of the leader's, node 2's, and follows it. */
const follower = (): LoneNode => {
  const lone = new LoneNode();
  const entries = [{ term: 1, index: 1, kind: 'noop', data: new Uint8Array(0) }] as const;
  lone.receive('AppendEntries', 2, { term: 1, prevIndex: 0, prevTerm: 0, commit: 0, entries });
  lone.take();
  return lone;
};

describe('terms', () => {
  it('come in blocks, each begun by an election', () => {
    expect([0, 1, 15, 16, 17, 32, 33].map(electionTermAfter)).toEqual([1, 17, 17, 17, 33, 33, 49]);
    expect([1, 2, 16, 17, 33].map(isElectionTerm)).toEqual([true, false, false, true, true]);
    expect([1, 15, 16, 17, 32].map(mayAppoint)).toEqual([true, true, false, true, false]);
    expect(TERMS_PER_ELECTION).toBe(16);
  });
});

describe('a leader that hands over', () => {
  it('tells everybody right behind its last entry, and then leads no more', () => {
    const lone = new LoneNode().lead();
    lone.take();
    const { term } = lone.node;
    lone.node.propose(one());
    lone.node.transferLeadership(2);
    lone.node.propose(one());
    lone.work();
    const { lastIndex } = lone.node;
    const word = { type: 'HandOver', term: term + 1, successor: 2, lastIndex, lastTerm: term };
    const sent = lone.take();
    const entries = { type: 'AppendEntries', entries: [{}, {}] };
    expect(sent.filter(({ to }) => to === 2)).toMatchObject([entries, word]);
    expect(sent.filter(({ to }) => to === 3)).toMatchObject([entries, word]);
    expect(lone.node).toMatchObject({ role: 'follower', term: term + 1, awaitedLeaderId: 2 });
    expect(lone.node.propose(one())).toEqual({ outcome: 'notLeader', leaderId: 0 });
  });

  it('goes on while its successor is far behind', () => {
    const lone = new LoneNode().lead('elected').accept(3);
    lone.take();
    lone.node.transferLeadership(2);
    lone.work();
    expect(lone.take().filter(({ type }) => type === 'HandOver')).toEqual([]);
    expect(lone.node.propose(one())).toMatchObject({ outcome: 'accepted' });
    lone.work().accept(2);
    expect(lone.take().filter(({ type }) => type === 'HandOver')).toHaveLength(2);
  });

  it('appoints nobody in the last term of a block: the successor campaigns', () => {
    const lone = new LoneNode({ hardState: { term: 15, vote: 0, commit: 0 }, log: [15] });
    lone.receive('HandOver', 2, { term: 16, successor: 1, lastIndex: 1, lastTerm: 15 });
    expect(lone.node).toMatchObject({ role: 'leader', term: 16 });
    lone.accept(2).take();
    lone.node.transferLeadership(2);
    lone.work();
    const word = { type: 'HandOver', term: 16, successor: 2, lastTerm: 16 };
    expect(lone.take()).toMatchObject([
      { ...word, to: 2 },
      { ...word, to: 3 },
    ]);
    expect(lone.node).toMatchObject({ role: 'follower', term: 16, awaitedLeaderId: 0 });
  });
});

describe('who is appointed', () => {
  it('leads at once, and sends its first entry without asking anybody', () => {
    const lone = follower();
    lone.receive('HandOver', 2, { ...APPOINTMENT, lastIndex: 1, lastTerm: 1 });
    expect(lone.node).toMatchObject({ role: 'leader', term: 2, vote: 0 });
    const first = { type: 'AppendEntries', term: 2, prevIndex: 1, prevTerm: 1 };
    expect(lone.take()).toMatchObject([
      { ...first, to: 2, entries: [{ term: 2, kind: 'noop' }] },
      { ...first, to: 3, entries: [{ term: 2, kind: 'noop' }] },
    ]);
    lone.accept(3);
    expect(lone.node.commitIndex).toBe(2);
  });

  it.each([
    ['lacks an entry', { lastIndex: 2, lastTerm: 1 }],
    ['has one that its leader does not have', { lastIndex: 0, lastTerm: 1 }],
  ])('does not lead when it %s, and nobody else can', (_, end) => {
    const lone = follower();
    lone.receive('HandOver', 2, { ...APPOINTMENT, ...end });
    expect(lone.node).toMatchObject({ role: 'follower', term: 2, leaderId: 0 });
    lone.receive('RequestVote', 3, { term: 2, lastIndex: 9, lastTerm: 1, isTransfer: true });
    expect(lone.take()).toMatchObject([{ type: 'RequestVoteResponse', granted: false }]);
  });

  it('may have heard of its term already', () => {
    const lone = follower();
    lone.receive('AppendEntriesResponse', 3, {
      ...{ term: 2, accepted: true, index: 1, hintIndex: 0, hintTerm: 0 },
    });
    lone.receive('HandOver', 2, { ...APPOINTMENT, lastIndex: 1, lastTerm: 1 });
    expect(lone.node).toMatchObject({ role: 'leader', term: 2 });
  });

  it('leads once: the same word again, in the same term, changes nothing', () => {
    const lone = follower();
    const word = { ...APPOINTMENT, lastIndex: 1, lastTerm: 1 };
    lone.receive('HandOver', 2, word).receive('HandOver', 2, word);
    expect(lone.node).toMatchObject({ role: 'leader', lastIndex: 2 });
    // It hears nobody for a time-out, and leads no more.
    lone.tick(10).receive('HandOver', 2, word);
    expect(lone.node).toMatchObject({ role: 'follower', term: 2, lastIndex: 2 });
  });

  it('can be nobody in a term in which votes decide', () => {
    const lone = new LoneNode({ hardState: { term: 16, vote: 0, commit: 0 }, log: [16] });
    lone.receive('HandOver', 2, { term: 17, successor: 1, lastIndex: 1, lastTerm: 16 });
    expect(lone.node.role).toBe('follower');
  });

  it('campaigns when its leader was the last of a block', () => {
    const lone = new LoneNode({ hardState: { term: 16, vote: 0, commit: 0 }, log: [16] });
    lone.receive('Heartbeat', 2, { ...BEAT, term: 16 });
    lone.receive('HandOver', 2, { term: 16, successor: 1, lastIndex: 1, lastTerm: 16 });
    expect(lone.node).toMatchObject({ role: 'candidate', term: 17, vote: 1 });
  });
});

describe('who is not the successor', () => {
  it('awaits it, vouches for nobody meanwhile, and follows it once it is heard', () => {
    const lone = follower();
    lone.receive('HandOver', 2, { ...APPOINTMENT, successor: 3, lastIndex: 1, lastTerm: 1 });
    expect(lone.node).toMatchObject({ term: 2, leaderId: 0, awaitedLeaderId: 3 });
    lone.take();
    lone.receive('RequestPreVote', 2, { term: 17, lastIndex: 1, lastTerm: 1 });
    expect(lone.take()).toMatchObject([{ granted: true }]);
    lone.receive('Heartbeat', 3, { ...BEAT, term: 2 });
    expect(lone.node).toMatchObject({ term: 2, leaderId: 3, awaitedLeaderId: 0 });
  });

  it('keeps to the leader that it has heard in that term', () => {
    const lone = follower();
    lone.receive('Heartbeat', 3, { ...BEAT, term: 2 });
    lone.receive('HandOver', 2, { ...APPOINTMENT, successor: 3, lastIndex: 1, lastTerm: 1 });
    expect(lone.node).toMatchObject({ term: 2, leaderId: 3, awaitedLeaderId: 0 });
  });
});
