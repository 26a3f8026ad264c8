import type { NodeId, RaftNode, Role } from '@bellwether/raft';
import { describe, expect, it } from 'vitest';
import { STALL_LIMITS } from '../../src/detection/limits.ts';
import { RunningClock } from '../../src/detection/running-clock.ts';
import type { PeerVitals } from '../../src/detection/vitals.ts';
import { LeaderWatch } from '../../src/driver/leader-watch.ts';
import type { PeerMessage } from '../../src/wire/peer-message.ts';
import { vitals } from './vitals.ts';

const BOUNDS = { beatMs: 50, silenceMsMin: 200, silenceMsMax: 800 };
/** Without jitter, and after what is assumed at first is forgotten. */
const QUIET_MS = 600_000;
const LONG_MS = 800;

/** A follower of node 2 that hears it from time 0 on. */
class Fixture {
  readonly time = new RunningClock(10, 0);
  vitals = vitals({});
  role: Role = 'follower';
  leaderId = 2;
  term = 1;
  leaderVitals: PeerVitals | undefined;
  doubts = 0;
  readonly missed: string[] = [];
  readonly watch: LeaderWatch;

  constructor() {
    this.watch = new LeaderWatch(this, BOUNDS, 0);
    this.hear(2, 0);
  }

  get core(): RaftNode {
    const { role, leaderId, term } = this;
    const doubtLeader = (): void => {
      this.doubts += 1;
      this.leaderId = 0;
    };
    return { role, leaderId, term, doubtLeader } as unknown as RaftNode;
  }

  vitalsOf(peer: NodeId): PeerVitals | undefined {
    return peer === 2 ? this.leaderVitals : undefined;
  }

  onMissed(cause: string): void {
    this.missed.push(cause);
  }

  hear(from: NodeId, nowMs: number): void {
    this.watch.onMessage({ type: 'CommitNotice', from } as PeerMessage, nowMs);
  }
}

describe('silence', () => {
  it('of the leader is noticed', () => {
    const fixture = new Fixture();
    fixture.hear(2, QUIET_MS);
    fixture.watch.judge(QUIET_MS + BOUNDS.silenceMsMin - 1);
    expect(fixture.missed).toEqual([]);
    fixture.watch.judge(QUIET_MS + BOUNDS.silenceMsMin + 1);
    expect(fixture.missed).toEqual(['silence']);
  });

  it('is not broken by others', () => {
    const fixture = new Fixture();
    fixture.hear(3, LONG_MS);
    fixture.watch.judge(LONG_MS);
    expect(fixture.missed).toEqual(['silence']);
  });

  it('counts from the beginning of a term, with a leader or without', () => {
    const fixture = new Fixture();
    fixture.term = 2;
    fixture.leaderId = 0;
    fixture.watch.judge(LONG_MS);
    fixture.watch.judge(LONG_MS + 100);
    expect(fixture.missed).toEqual([]);
    fixture.watch.judge(2 * LONG_MS);
    expect(fixture.missed).toEqual(['silence']);
  });

  it('is no concern of a leader or of a candidate', () => {
    for (const role of ['leader', 'candidate', 'preCandidate'] as const) {
      const fixture = new Fixture();
      fixture.role = role;
      fixture.watch.judge(10 * LONG_MS);
      expect(fixture.missed).toEqual([]);
    }
  });
});

describe('a peer that asks for a vote', () => {
  it('is refused while the leader is heard, and believed when it is in doubt here too', () => {
    const fixture = new Fixture();
    fixture.hear(2, QUIET_MS);
    fixture.watch.onAsked(QUIET_MS + 100);
    expect(fixture.doubts).toBe(0);
    fixture.watch.onAsked(QUIET_MS + 130);
    expect(fixture.doubts).toBe(1);
  });
});

describe('a leader that says that it is stuck', () => {
  const stuck = (patience: number): PeerVitals => {
    const servicePendingMs = STALL_LIMITS.serviceStallMs * patience;
    return { vitals: vitals({ role: 'leader', servicePendingMs }), ageMs: 10 };
  };

  function heardWith(leaderVitals: PeerVitals): { fixture: Fixture; nowMs: number } {
    const fixture = new Fixture();
    const nowMs = STALL_LIMITS.graceMs;
    fixture.hear(2, nowMs);
    fixture.leaderVitals = leaderVitals;
    return { fixture, nowMs };
  }

  it('is first given the time to hand over, then replaced', () => {
    const { fixture, nowMs } = heardWith(stuck(STALL_LIMITS.replacePatience * 0.99));
    fixture.watch.judge(nowMs);
    expect(fixture.missed).toEqual([]);
    fixture.leaderVitals = stuck(STALL_LIMITS.replacePatience);
    fixture.watch.judge(nowMs);
    expect(fixture.missed).toEqual(['stall']);
  });

  it('is doubted a little earlier when a peer asks', () => {
    const { fixture, nowMs } = heardWith(stuck(STALL_LIMITS.doubtPatience));
    fixture.watch.onAsked(nowMs);
    expect(fixture.doubts).toBe(1);
  });

  it('is kept by a follower that is stuck too', () => {
    const { fixture, nowMs } = heardWith(stuck(10));
    fixture.vitals = vitals({ servicePendingMs: STALL_LIMITS.serviceStallMs });
    fixture.watch.judge(nowMs);
    expect(fixture.missed).toEqual([]);
  });

  it.each([
    ['in an earlier term', { vitals: { ...stuck(10).vitals, term: 0 }, ageMs: 10 }],
    ['long ago', { ...stuck(10), ageMs: STALL_LIMITS.vitalsMsMax + 1 }],
  ])('%s is not meant', (_when, leaderVitals) => {
    const { fixture, nowMs } = heardWith(leaderVitals);
    fixture.watch.judge(nowMs);
    fixture.watch.onAsked(nowMs);
    expect(fixture.missed).toEqual([]);
    expect(fixture.doubts).toBe(0);
  });

  it('is given time after its election', () => {
    const { fixture } = heardWith(stuck(10));
    fixture.watch.judge(STALL_LIMITS.graceMs - 1);
    expect(fixture.missed).toEqual([]);
  });
});
