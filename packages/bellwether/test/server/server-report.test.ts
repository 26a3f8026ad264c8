import type { Membership, ProgressStatus } from '@bellwether/raft';
import type { Leadership, NodeStatus } from '@bellwether/cluster';
import { afterEach, describe, expect, it } from 'vitest';
import { modeOf, reportOf } from '../../src/server/server-report.ts';
import { TestServer } from './support/test-server.ts';

const THREE: Membership = { voters: [1, 2, 3], votersOutgoing: [], learners: [4] };

function progress(nodeId: number, change: Partial<ProgressStatus> = {}): ProgressStatus {
  const seen = { match: 1, next: 2, state: 'replicate', recentlyActive: true } as const;
  return { nodeId, ...seen, isLearner: false, ...change };
}

describe('the report', () => {
  let server: TestServer | undefined;
  afterEach(() => server?.stop());

  async function reportFor(
    leadership: Leadership,
    raft: Partial<NodeStatus['raft']> = {},
  ): Promise<ReturnType<typeof reportOf>> {
    server = await TestServer.start();
    const before = server.consensus.status;
    const status: NodeStatus = {
      ...before,
      leadership,
      raft: { ...before.raft, membership: THREE, ...raft },
    };
    return reportOf({
      coordinator: server.server.coordinator,
      connections: 0,
      localSessions: 0,
      stats: server.server.stats,
      status,
      mode: modeOf(status),
      failovers: undefined,
      outstandingRequests: 0,
      pendingSyncs: 5,
      uptimeMs: 1,
      leaderUptimeMs: 7,
    });
  }

  it('counts those that follow, those that keep up, and observers apart', async () => {
    const leadership = { role: 'leader', term: 1, leaderId: 1, isServing: true } as const;
    const report = await reportFor(leadership, {
      progress: [
        progress(1),
        progress(2),
        progress(3, { recentlyActive: false }),
        progress(4, { isLearner: true }),
      ],
    });
    expect(report.mode).toBe('leader');
    expect(report.quorumSize).toBe(3);
    expect(report.learners).toMatchObject({
      learners: 2,
      followers: 1,
      syncedFollowers: 1,
      syncedObservers: 1,
      pendingSyncs: 5,
      leaderUptimeMs: 7,
    });
  });

  it('tells a follower from an observer', async () => {
    const leadership = { role: 'follower', term: 1, leaderId: 2, isServing: true } as const;
    expect(await reportFor(leadership)).toMatchObject({ mode: 'follower', learners: undefined });
    await server?.stop();
    expect((await reportFor(leadership, { id: 4 })).mode).toBe('observer');
  });

  it('has no mode until the entries of earlier terms are applied', async () => {
    const leadership = { role: 'leader', term: 1, leaderId: 1, isServing: false } as const;
    expect((await reportFor(leadership)).mode).toBeUndefined();
  });
});
