import type { Leadership, NodeStatus } from '@bellwether/cluster';
import type { NodeId, ProgressStatus } from '@bellwether/raft';
import { describe, expect, it } from 'vitest';
import { handOver } from '../../src/server/hand-over.ts';
import { TestServer } from './support/test-server.ts';

const follower = (nodeId: number, match: number, change: Partial<ProgressStatus> = {}) => ({
  ...{ nodeId, match, next: match + 1, state: 'replicate' as const },
  ...{ recentlyActive: true, isLearner: false },
  ...change,
});

const LEADING: Leadership = { role: 'leader', term: 1, leaderId: 1, isServing: true };

async function aStatus(): Promise<NodeStatus> {
  const server = await TestServer.start();
  const { status } = server.consensus;
  await server.stop();
  return status;
}

/** A leader of three that hands over as soon as it is asked to, or never. */
async function leader(
  progress: readonly ProgressStatus[],
  answer: 'hands over' | 'is elected, and serves not' | 'never',
  wanted?: NodeId,
): Promise<{ readonly outcome: string; readonly targets: readonly NodeId[] }> {
  const status = await aStatus();
  const membership = { voters: [1, 2, 3], votersOutgoing: [], learners: [4] };
  const targets: NodeId[] = [];
  let leadership = LEADING;
  const reported: NodeStatus = { ...status, raft: { ...status.raft, membership, progress } };
  const consensus = {
    nodeId: 1,
    status: reported,
    transferLeadership: (target: NodeId) => {
      targets.push(target);
      if (answer === 'never') return;
      const isServing = answer === 'hands over';
      leadership = { ...LEADING, role: 'follower', leaderId: target, isServing };
    },
  };
  return { outcome: await handOver(consensus, () => leadership, 50, wanted), targets };
}

describe('a leader that stops', () => {
  it('hands over to the voter that has the most of the log', async () => {
    const progress = [follower(1, 9), follower(2, 7), follower(3, 8), follower(4, 9)];
    expect(await leader(progress, 'hands over')).toEqual({ outcome: 'handed over', targets: [3] });
  });

  it('passes over who is not heard of, however much it has', async () => {
    const progress = [follower(1, 9), follower(2, 7), follower(3, 8, { recentlyActive: false })];
    expect(await leader(progress, 'hands over')).toEqual({ outcome: 'handed over', targets: [2] });
  });

  it('hands over to the one that is wanted, if that one votes and keeps up', async () => {
    const progress = [follower(1, 9), follower(2, 7), follower(3, 8), follower(4, 9)];
    const done = { outcome: 'handed over', targets: [2] };
    expect(await leader(progress, 'hands over', 2)).toEqual(done);
    const refused = { outcome: 'not a voter that keeps up', targets: [] };
    for (const wanted of [1, 4, 7]) {
      expect(await leader(progress, 'hands over', wanted)).toEqual(refused);
    }
  });

  it('waits until it is told how the others are, when it was just elected', async () => {
    const progress = [follower(1, 9), follower(2, 7), follower(3, 8)];
    const known = { voters: [1, 2, 3], votersOutgoing: [], learners: [] };
    const { raft, ...others } = await aStatus();
    const leading: NodeStatus = { ...others, raft: { ...raft, membership: known, progress } };
    let looks = 0;
    let leadership = LEADING;
    const consensus = {
      nodeId: 1,
      get status(): NodeStatus {
        looks += 1;
        const before = { ...leading.raft, role: 'candidate' as const, progress: [] };
        return looks < 3 ? { ...leading, raft: before } : leading;
      },
      transferLeadership: (leaderId: NodeId) => {
        leadership = { ...LEADING, role: 'follower', leaderId };
      },
    };
    expect(await handOver(consensus, () => leadership, 5000, 3)).toBe('handed over');
    expect(leadership.leaderId).toBe(3);
  });

  it('waits until the other one serves', async () => {
    const progress = [follower(1, 9), follower(2, 8), follower(3, 8)];
    const { outcome } = await leader(progress, 'is elected, and serves not');
    expect(outcome).toBe('took too long');
  });

  it('does not wait when no other could lead', async () => {
    const gone = { recentlyActive: false };
    const progress = [follower(1, 9), follower(2, 7, gone), follower(3, 8, gone), follower(4, 9)];
    expect(await leader(progress, 'hands over')).toEqual({
      outcome: 'nobody to lead',
      targets: [],
    });
  });

  it('asks once, and gives up after a while', async () => {
    const progress = [follower(1, 9), follower(2, 9), follower(3, 8)];
    expect(await leader(progress, 'never')).toEqual({ outcome: 'took too long', targets: [2] });
  });

  it('need not do anything when it is none', async () => {
    const following = (): Leadership => ({ ...LEADING, role: 'follower', leaderId: 2 });
    const consensus = {
      nodeId: 1,
      get status(): NodeStatus {
        throw new Error('nobody asks');
      },
      transferLeadership: () => {
        throw new Error('nobody asks');
      },
    };
    expect(await handOver(consensus, following, 50)).toBe('not leading');
  });
});
