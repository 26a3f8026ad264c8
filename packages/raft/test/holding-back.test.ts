import { describe, expect, it } from 'vitest';
import { LoneNode } from './support/lone-node.ts';

const BEAT = { term: 1, commit: 0, round: 1 };

describe('a node that is held back', () => {
  it('does not campaign, neither after its time-out nor when the leader is suspected', () => {
    const lone = new LoneNode();
    lone.node.holdBack();
    lone.tick(100);
    lone.node.suspectLeader();
    lone.tick(100);
    expect(lone.node).toMatchObject({ role: 'follower', term: 0, leaderId: 0 });
    expect(lone.take()).toEqual([]);
  });

  it('takes over from nobody', () => {
    const lone = new LoneNode().receive('Heartbeat', 2, BEAT);
    lone.node.holdBack();
    lone.receive('HandOver', 2, { term: 2, successor: 1, lastIndex: 0, lastTerm: 1 });
    expect(lone.node).toMatchObject({ role: 'follower', term: 2, leaderId: 0 });
  });

  it('votes as before', () => {
    const lone = new LoneNode();
    lone.node.holdBack();
    const asks = { lastIndex: 0, lastTerm: 0, isTransfer: false };
    lone.receive('RequestVote', 2, { term: 1, ...asks });
    expect(lone.take()).toMatchObject([{ type: 'RequestVoteResponse', to: 2, granted: true }]);
    expect(lone.node.vote).toBe(2);
  });

  it('goes on leading if it leads', () => {
    const lone = new LoneNode().lead();
    lone.node.holdBack();
    expect(lone.node.propose(new Uint8Array(1)).outcome).toBe('accepted');
  });

  it('campaigns when it may again', () => {
    const lone = new LoneNode();
    lone.node.holdBack();
    lone.node.standAgain();
    lone.tick(10);
    expect(lone.node.role).toBe('preCandidate');
  });
});
