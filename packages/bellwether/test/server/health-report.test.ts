import type { NodeStatus, Vitals } from '@bellwether/cluster';
import { describe, expect, it } from 'vitest';
import { healthJson, healthLines } from '../../src/server/health-report.ts';

const FOLLOWER: Vitals = {
  ...{ role: 'follower', term: 4, commit: 90, loadBytes: 12, loopDelayMs: 1 },
  ...{ flushAgeMs: 3, flushPendingMs: 0, serviceAgeMs: 40, servicePendingMs: 0 },
};
const LEADER: Vitals = { ...FOLLOWER, role: 'leader', servicePendingMs: 400 };

/** Of node 2, which follows node 1 and has heard nothing from node 3 yet. */
const status = {
  raft: { id: 2 },
  leadership: { leaderId: 1 },
  vitals: FOLLOWER,
  leaderSilence: { silenceMs: 12.3, boundMs: 204.6 },
  peers: [
    { nodeId: 3, address: 'c:1', connected: false, vitals: undefined },
    { nodeId: 1, address: 'a:1', connected: true, vitals: { vitals: LEADER, ageMs: 20.4 } },
  ],
} as unknown as NodeStatus;

describe('the report on the nodes', () => {
  it('has every node that has said something, in order', () => {
    expect(healthJson(status)).toMatchObject({
      ...{ node: 2, leader: 1, leaderSilenceMs: 12, leaderSilenceBoundMs: 205 },
      nodes: [
        { node: 1, role: 'leader', vitalsAgeMs: 20, servicePendingMs: 400 },
        { node: 2, role: 'follower', vitalsAgeMs: 0 },
      ],
    });
  });

  it('is a table that shows what is owed', () => {
    expect(healthLines(status)).toEqual([
      'leader silent for 12 ms, suspected after 205 ms',
      'node  role      term  commit  load B  loop ms  flush ms  service ms  said ms ago',
      '1     leader    4     90      12      1        3         40 +400     20',
      '2     follower  4     90      12      1        3         40          0',
    ]);
  });

  it('says nothing of silence on the leader', () => {
    const lines = healthLines({ ...status, leaderSilence: undefined });
    expect(lines[0]).toMatch(/^node/);
  });
});
