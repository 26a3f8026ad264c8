import type { NodeId, RaftNode } from '@bellwether/raft';
import { describe, expect, it } from 'vitest';
import { STALL_LIMITS } from '../../src/detection/limits.ts';
import type { PeerVitals, Vitals } from '../../src/detection/vitals.ts';
import { StallWatch } from '../../src/driver/stall-watch.ts';
import { vitals } from './vitals.ts';

const STUCK = vitals({ flushPendingMs: STALL_LIMITS.diskStallMs });
const GRACE_MS = STALL_LIMITS.graceMs;

/** Node 1 of three, with the vitals of all under the test's control. */
class Fixture {
  id = 1;
  vitals: Vitals = vitals({});
  readonly peers = new Map<NodeId, PeerVitals>();
  readonly handOvers: string[] = [];
  isHeldBack = false;
  role = 'leader';
  leaderId = 1;
  readonly match = new Map([
    [2, 5],
    [3, 9],
  ]);
  readonly watch = new StallWatch(this);

  constructor() {
    for (const peer of [2, 3]) this.peers.set(peer, { vitals: vitals({}), ageMs: 20 });
    this.watch.judge(0);
  }

  get core(): RaftNode {
    const { role } = this;
    const progress = [...this.match].map(([nodeId, match]) => {
      return { nodeId, match, state: 'replicate', recentlyActive: true };
    });
    const core = {
      role,
      term: 1,
      leaderId: this.leaderId,
      membership: { voters: [1, 2, 3], votersOutgoing: [], learners: [] },
      status: () => ({ progress }),
      holdBack: () => (this.isHeldBack = true),
      standAgain: () => (this.isHeldBack = false),
    };
    return core as unknown as RaftNode;
  }

  vitalsOf(peer: NodeId): PeerVitals | undefined {
    return this.peers.get(peer);
  }

  onHandOver(target: NodeId, stall: string): void {
    this.handOvers.push(`${stall} to ${target}`);
  }
}

describe('a stalled leader', () => {
  it('hands over to the most up to date of the voters that are well', () => {
    const fixture = new Fixture();
    fixture.vitals = STUCK;
    fixture.watch.judge(GRACE_MS);
    expect(fixture.handOvers).toEqual(['disk to 3']);
    expect(fixture.isHeldBack).toBe(true);
  });

  it('does not hand over to one that is stuck in the same way', () => {
    const fixture = new Fixture();
    fixture.vitals = STUCK;
    const ageMs = 50;
    const pendingMs = STALL_LIMITS.diskStallMs - ageMs;
    fixture.peers.set(3, { vitals: vitals({ flushPendingMs: pendingMs }), ageMs });
    fixture.watch.judge(GRACE_MS);
    expect(fixture.handOvers).toEqual(['disk to 2']);
  });

  it('leads on when all are stuck alike, or nothing is known of them', () => {
    const fixture = new Fixture();
    fixture.vitals = STUCK;
    fixture.peers.set(2, { vitals: STUCK, ageMs: 0 });
    fixture.peers.delete(3);
    fixture.watch.judge(GRACE_MS);
    expect(fixture.handOvers).toEqual([]);
    expect(fixture.isHeldBack).toBe(false);
  });

  it('is given time after its election, and between two attempts', () => {
    const fixture = new Fixture();
    fixture.vitals = STUCK;
    fixture.watch.judge(GRACE_MS - 1);
    expect(fixture.handOvers).toHaveLength(0);
    fixture.watch.judge(GRACE_MS);
    fixture.watch.judge(GRACE_MS + STALL_LIMITS.handOverRetryMs - 1);
    expect(fixture.handOvers).toHaveLength(1);
    fixture.watch.judge(GRACE_MS + STALL_LIMITS.handOverRetryMs);
    expect(fixture.handOvers).toHaveLength(2);
  });
});

describe('a stalled follower', () => {
  it('does not campaign until it is clearly well again', () => {
    const fixture = new Fixture();
    fixture.role = 'follower';
    fixture.vitals = STUCK;
    fixture.watch.judge(1);
    expect(fixture.isHeldBack).toBe(true);
    fixture.vitals = vitals({ flushPendingMs: STALL_LIMITS.diskStallMs * 0.9 });
    fixture.watch.judge(2);
    expect(fixture.isHeldBack).toBe(true);
    fixture.vitals = vitals({});
    fixture.watch.judge(3);
    expect(fixture.isHeldBack).toBe(false);
    expect(fixture.handOvers).toEqual([]);
  });

  it('campaigns too when nobody has been elected for a while', () => {
    const fixture = new Fixture();
    fixture.role = 'follower';
    fixture.vitals = STUCK;
    fixture.watch.judge(1);
    fixture.leaderId = 0;
    fixture.watch.judge(STALL_LIMITS.heldBackMsMax);
    expect(fixture.isHeldBack).toBe(true);
    fixture.watch.judge(1 + STALL_LIMITS.heldBackMsMax);
    expect(fixture.isHeldBack).toBe(false);
  });

  it('campaigns too when it is only half well by then', () => {
    const fixture = new Fixture();
    fixture.role = 'follower';
    fixture.vitals = STUCK;
    fixture.watch.judge(1);
    fixture.leaderId = 0;
    fixture.vitals = vitals({ flushPendingMs: STALL_LIMITS.diskStallMs * 0.9 });
    fixture.watch.judge(1 + STALL_LIMITS.heldBackMsMax);
    expect(fixture.isHeldBack).toBe(false);
  });

  it('campaigns after all when nobody else is well any more', () => {
    const fixture = new Fixture();
    fixture.role = 'follower';
    fixture.vitals = STUCK;
    fixture.watch.judge(1);
    fixture.peers.clear();
    fixture.watch.judge(2);
    expect(fixture.isHeldBack).toBe(false);
  });
});
