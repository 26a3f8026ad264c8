import { describe, expect, it } from 'vitest';
import { LoneNode } from './support/lone-node.ts';

const BEAT = { term: 1, commit: 0, round: 1 };
const ASKED = { term: 17, lastIndex: 0, lastTerm: 0 };

/** Node 1 follows node 2, and was asked for a pre-vote by node 3. */
const asked = (): LoneNode => {
  const lone = new LoneNode().receive('Heartbeat', 2, BEAT);
  lone.take();
  return lone.receive('RequestPreVote', 3, ASKED);
};

const granted = { type: 'RequestPreVoteResponse', to: 3, term: 17, granted: true };

describe('a node that refused a pre-vote because it heard the leader', () => {
  it('grants it as soon as it loses the leader itself', () => {
    const lone = asked();
    expect(lone.take()).toMatchObject([{ type: 'RequestPreVoteResponse', granted: false }]);
    lone.node.doubtLeader();
    lone.work();
    expect(lone.take()).toMatchObject([granted]);
  });

  it('does so once', () => {
    const lone = asked();
    lone.node.doubtLeader();
    lone.work().take();
    lone.receive('Heartbeat', 2, BEAT);
    lone.take();
    lone.node.doubtLeader();
    expect(lone.work().take()).toEqual([]);
  });

  it('does not when it was asked long ago', () => {
    const lone = asked();
    lone.tick(4).receive('Heartbeat', 2, BEAT);
    lone.take();
    lone.node.doubtLeader();
    expect(lone.work().take()).toEqual([]);
  });

  it('does not when its log has become longer', () => {
    const lone = asked();
    const entries = [{ term: 1, index: 1, kind: 'noop', data: new Uint8Array(0) }] as const;
    lone.receive('AppendEntries', 2, { term: 1, prevIndex: 0, prevTerm: 0, commit: 0, entries });
    lone.take();
    lone.node.doubtLeader();
    expect(lone.work().take()).toEqual([]);
  });
});

describe('a pre-candidate', () => {
  it('counts a grant that comes after a refusal', () => {
    const lone = new LoneNode().receive('Heartbeat', 2, BEAT);
    lone.node.suspectLeader();
    lone.work();
    expect(lone.node.role).toBe('preCandidate');
    lone.receive('RequestPreVoteResponse', 3, { term: 1, granted: false });
    expect(lone.node.role).toBe('preCandidate');
    lone.receive('RequestPreVoteResponse', 3, { term: 17, granted: true });
    expect(lone.node.role).toBe('candidate');
  });
});

describe('the order in which nodes campaign', () => {
  it('is by priority, then by id, the highest first', () => {
    const priorities = new Map([
      [1, 5],
      [4, 9],
    ]);
    const { node } = new LoneNode({ voters: [1, 2, 3, 4], config: { priorities } });
    expect(node.rankAmong([1, 2, 3, 4])).toBe(1);
    expect(new LoneNode().node.rankAmong([1, 2, 3])).toBe(2);
    expect(new LoneNode().node.rankAmong([])).toBe(0);
  });
});
