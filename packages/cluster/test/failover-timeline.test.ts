import type { RequestVote } from '@bellwether/raft';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../src/clock.ts';
import { DURATION_BOUNDS_MS, DurationHistogram } from '../src/failover/duration-histogram.ts';
import type { Failover } from '../src/failover/failover.ts';
import { FailoverHistory } from '../src/failover/failover-history.ts';
import { FailoverTimeline } from '../src/failover/failover-timeline.ts';
import { LIMITS } from '../src/limits.ts';
import type { Leadership } from '../src/service.ts';

const WALL_MS = 1_700_000_000_000;

/** A timeline of node 1 under a clock that the test moves. */
class Fixture {
  readonly failovers: Failover[] = [];
  nowMs = 0;
  hasWaiting = false;
  readonly clock: Clock = {
    nowMs: () => this.nowMs,
    wallMs: () => WALL_MS + this.nowMs,
    after: () => undefined,
    soon: () => undefined,
  };
  readonly timeline = new FailoverTimeline({
    clock: this.clock,
    term: 4,
    hasWaiting: () => this.hasWaiting,
    onFailover: (failover) => this.failovers.push(failover),
  });

  at(nowMs: number): this {
    this.nowMs = nowMs;
    return this;
  }

  see(change: Partial<Leadership>): void {
    const stopgap = { role: 'follower', term: 5, leaderId: 0, isServing: false } as const;
    this.timeline.onLeadership({ ...stopgap, ...change });
  }

  /** Node 3 leads in term 5 and serves, since 10 ms after the start. */
  static following(): Fixture {
    const fixture = new Fixture().at(10);
    fixture.see({ leaderId: 3, isServing: true });
    fixture.failovers.length = 0;
    return fixture;
  }
}

const voteRequest = (isTransfer: boolean): RequestVote => {
  const log = { lastIndex: 1, lastTerm: 1 };
  return { type: 'RequestVote', from: 2, to: 1, term: 6, ...log, isTransfer };
};

describe('the timeline of failovers', () => {
  it('records the start as what it is', () => {
    const fixture = new Fixture().at(10);
    fixture.see({ leaderId: 3, isServing: true });
    const [start] = fixture.failovers;
    expect(start).toMatchObject({ number: 1, cause: 'start', oldLeaderId: 0, newLeaderId: 3 });
    expect(start).toMatchObject({ oldTerm: 4, newTerm: 5, beganAtMs: WALL_MS, totalMs: 10 });
  });

  it('tells how long each phase took after the connection was closed', () => {
    const fixture = Fixture.following();
    fixture.at(100).timeline.onDoubted('connection closed');
    fixture.at(101).timeline.onCampaign();
    fixture.see({ role: 'preCandidate' });
    fixture.at(103.5).see({ role: 'candidate', term: 6 });
    fixture.at(105).see({ role: 'leader', term: 6, leaderId: 1 });
    fixture.hasWaiting = true;
    fixture.at(107).see({ role: 'leader', term: 6, leaderId: 1, isServing: true });
    expect(fixture.failovers).toEqual([]);
    fixture.at(110).timeline.onOwnCommitted();
    expect(fixture.failovers).toEqual([
      {
        number: 2,
        beganAtMs: WALL_MS + 100,
        cause: 'connection closed',
        oldLeaderId: 3,
        oldTerm: 5,
        newLeaderId: 1,
        newTerm: 6,
        phasesMs: { suspect: 1, confirm: 2.5, elect: 1.5, catchUp: 2, serve: 3 },
        totalMs: 10,
      },
    ]);
  });

  it('counts silence from when the leader was heard last', () => {
    const fixture = Fixture.following();
    const beat = { type: 'Heartbeat', from: 3, to: 1, term: 5, commit: 0, round: 1 } as const;
    fixture.at(50).timeline.onMessage(beat);
    fixture.at(60).timeline.onMessage({ ...beat, from: 2 });
    fixture.at(350).timeline.onDoubted('silence');
    fixture.see({ role: 'preCandidate' });
    fixture.timeline.onCampaign();
    fixture.at(352).see({ term: 6, leaderId: 2, isServing: true });
    const [failover] = fixture.failovers;
    expect(failover).toMatchObject({ cause: 'silence', beganAtMs: WALL_MS + 50, totalMs: 302 });
    expect(failover?.phasesMs).toMatchObject({ suspect: 300, serve: 0 });
  });

  it('knows an election time-out that nobody announced as silence', () => {
    const fixture = Fixture.following();
    fixture.at(700).see({ role: 'preCandidate' });
    fixture.at(702).see({ role: 'leader', term: 6, leaderId: 1, isServing: true });
    expect(fixture.failovers[0]).toMatchObject({ cause: 'silence', totalMs: 692 });
  });

  it('knows a hand-over by the request for a vote', () => {
    const fixture = Fixture.following();
    fixture.at(20).timeline.onMessage(voteRequest(true));
    fixture.at(21).see({ term: 6 });
    fixture.at(22).see({ term: 6, leaderId: 2, isServing: true });
    expect(fixture.failovers[0]).toMatchObject({ cause: 'transfer', newLeaderId: 2, totalMs: 2 });
  });

  it('knows the campaign of another that it had no reason for itself', () => {
    const fixture = Fixture.following();
    fixture.at(20).timeline.onMessage(voteRequest(false));
    fixture.see({ term: 6 });
    fixture.at(22).see({ term: 6, leaderId: 2, isServing: true });
    expect(fixture.failovers[0]).toMatchObject({ cause: 'campaign', totalMs: 2 });
  });

  it('forgets a suspicion when the same leader is heard again', () => {
    const fixture = Fixture.following();
    fixture.at(20).timeline.onDoubted('connection closed');
    fixture.see({ role: 'preCandidate' });
    fixture.at(25).see({ leaderId: 3, isServing: true });
    fixture.at(500).see({ term: 6 });
    fixture.at(501).see({ term: 6, leaderId: 2, isServing: true });
    expect(fixture.failovers).toHaveLength(1);
    expect(fixture.failovers[0]).toMatchObject({ cause: 'campaign', totalMs: 1 });
  });

  it('tells a leader that lost its quorum from one that handed over', () => {
    const fixture = new Fixture();
    const lead = { role: 'leader', leaderId: 1, isServing: true } as const;
    fixture.at(1).see(lead);
    fixture.at(100).see({});
    fixture.at(150).see({ ...lead, term: 6 });
    fixture.at(200).timeline.onDoubted('transfer');
    fixture.timeline.tick(true);
    fixture.at(203).see({ term: 7 });
    fixture.at(204).see({ term: 7, leaderId: 2, isServing: true });
    const causes = fixture.failovers.map(({ cause, totalMs }) => [cause, totalMs]);
    expect(causes).toEqual([
      ['start', 1],
      ['lost quorum', 50],
      ['transfer', 4],
    ]);
  });

  it('forgets a hand-over that ended with the same leader', () => {
    const fixture = new Fixture();
    fixture.at(1).see({ role: 'leader', leaderId: 1, isServing: true });
    fixture.at(100).timeline.onDoubted('transfer');
    fixture.at(500).timeline.tick(false);
    fixture.at(900).see({});
    fixture.at(901).see({ term: 6, leaderId: 2, isServing: true });
    expect(fixture.failovers[1]).toMatchObject({ cause: 'lost quorum', totalMs: 1 });
  });

  it('goes on until a leader stays, and shows by the terms that there was more than one round', () => {
    const fixture = Fixture.following();
    fixture.at(100).timeline.onDoubted('connection closed');
    fixture.at(101).timeline.onCampaign();
    fixture.at(102).see({ term: 6, leaderId: 2 });
    fixture.at(150).see({ term: 7 });
    fixture.at(151).see({ term: 7, leaderId: 1, role: 'leader' });
    fixture.at(153).see({ term: 7, leaderId: 1, role: 'leader', isServing: true });
    expect(fixture.failovers).toHaveLength(1);
    expect(fixture.failovers[0]).toMatchObject({ oldTerm: 5, newTerm: 7, newLeaderId: 1 });
    expect(fixture.failovers[0]?.phasesMs).toEqual({
      suspect: 1,
      confirm: 1,
      elect: 49,
      catchUp: 2,
      serve: 0,
    });
  });
});

describe('the history of failovers', () => {
  const failover: Failover = {
    number: 1,
    beganAtMs: 0,
    cause: 'silence',
    oldLeaderId: 1,
    oldTerm: 1,
    newLeaderId: 2,
    newTerm: 2,
    phasesMs: { suspect: 1, confirm: 2, elect: 3, catchUp: 4, serve: 5 },
    totalMs: 15,
  };

  it('keeps the newest and counts all, without the start', () => {
    const history = new FailoverHistory();
    history.add({ ...failover, cause: 'start', totalMs: 9_999 });
    for (let number = 2; number <= LIMITS.failoversKept + 2; number += 1) {
      history.add({ ...failover, number });
    }
    const { recent, totalMs, phasesMs } = history.report();
    expect(recent).toHaveLength(LIMITS.failoversKept);
    expect(recent[0]?.number).toBe(3);
    expect(totalMs).toMatchObject({ count: LIMITS.failoversKept + 1, minMs: 15, maxMs: 15 });
    expect(phasesMs.catchUp.sumMs).toBe(4 * (LIMITS.failoversKept + 1));
  });

  it('counts a duration in the bucket whose bound it does not exceed', () => {
    const histogram = new DurationHistogram();
    for (const ms of [1, 1.01, 1e6]) histogram.add(ms);
    const { buckets, count, sumMs } = histogram.counts;
    expect(buckets[DURATION_BOUNDS_MS.indexOf(1)]).toBe(1);
    expect(buckets[DURATION_BOUNDS_MS.indexOf(2)]).toBe(1);
    expect(buckets.at(-1)).toBe(1);
    expect([count, sumMs]).toEqual([3, 1e6 + 2.01]);
  });
});
