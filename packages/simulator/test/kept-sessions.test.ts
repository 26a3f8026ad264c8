/* The oracle of sessions on clusters that keep them, and on ones that do not. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Leadership } from '@bellwether/cluster';
import { RandomSource, World } from '../src/index.ts';
import { KeptSessions, type KeepingNode } from '../src/zookeeper/kept-sessions.ts';

const SESSION = 7;
const TIMEOUT_MS = 1_000;
const FOLLOWER = 1;
const LEADER = 2;
const TERM = 3;

/** A follower and the leader of one term, whose clocks show the world's time. */
class Stage {
  readonly world = new World(new RandomSource(1));
  readonly kept: KeptSessions;
  isConnected = true;
  term = TERM;
  linkDisturbedMs = -Infinity;
  leadership: Leadership = { role: 'leader', term: TERM, leaderId: LEADER, isServing: true };
  #followerProcess: object = {};

  constructor() {
    const nodes = [this.#node(FOLLOWER), this.#node(LEADER)];
    const { world } = this;
    const linkDisturbedMs = (): number => this.linkDisturbedMs;
    const wellness = { nowMs: 0, nodeDisturbedMs: () => -Infinity, linkDisturbedMs };
    this.kept = new KeptSessions({ world, nodes, wellness });
    this.kept.onLeadership(LEADER, this.leadership);
    this.pass(2 * TIMEOUT_MS);
  }

  pass(ms: number): void {
    this.world.run(this.world.nowMs + ms);
  }

  restartFollower(): void {
    this.#followerProcess = {};
  }

  /** What the follower's connection to the leader, and all that was on it, goes through. */
  breakLink(forMs: number): void {
    this.isConnected = false;
    this.linkDisturbedMs = Infinity;
    this.pass(forMs);
    this.isConnected = true;
    this.linkDisturbedMs = this.world.nowMs;
  }

  decide(): void {
    this.kept.onDecided(LEADER, { sessionId: SESSION, term: TERM }, this.leadership);
  }

  apply(): void {
    const entry = { index: 20, term: TERM, origin: LEADER };
    this.kept.onExpired({ sessionId: SESSION, term: TERM }, entry, TIMEOUT_MS);
  }

  expire(): void {
    this.decide();
    this.apply();
  }

  #node(id: number): KeepingNode {
    const nowMs = (): number => this.world.nowMs;
    const isConnected = (): boolean => this.isConnected;
    const core = { leaderId: LEADER, term: TERM };
    const follower: Leadership = { ...this.leadership, role: 'follower' };
    Object.defineProperty(core, 'term', { get: () => this.term });
    const leadershipNow = (): Leadership => (id === LEADER ? this.leadership : follower);
    const idNow = (): object => (id === FOLLOWER ? this.#followerProcess : core);
    const host = {
      get leadership() {
        return leadershipNow();
      },
    };
    const process = {
      get id() {
        return idNow();
      },
      ...{ driver: { core, transport: { isConnected } }, host },
    };
    return { id, clock: { nowMs }, process };
  }
}

describe('a session', () => {
  let stage: Stage;
  beforeEach(() => {
    stage = new Stage();
  });

  it.each([FOLLOWER, LEADER])('may end when node %i has not heard of it for its time-out', (id) => {
    stage.kept.onHeard(SESSION, id);
    stage.pass(TIMEOUT_MS);
    stage.expire();
    expect(stage.kept.expired).toBe(1);
  });

  it.each([FOLLOWER, LEADER])('that node %i has just heard of must not end', (id) => {
    stage.kept.onHeard(SESSION, id);
    stage.pass(TIMEOUT_MS - 1);
    expect(() => stage.expire()).toThrow('its client was heard 999 ms before');
  });

  it('may end as long as what was heard is on its way to the leader', () => {
    stage.kept.onHeard(SESSION, FOLLOWER);
    stage.pass(50);
    stage.decide();
    stage.pass(600);
    stage.apply();
  });

  it('may end while the follower cannot tell what it has heard', () => {
    stage.kept.onHeard(SESSION, FOLLOWER);
    stage.breakLink(TIMEOUT_MS - 200);
    stage.expire();
  });

  it('must not end when what was lost could have been told again', () => {
    stage.kept.onHeard(SESSION, FOLLOWER);
    stage.breakLink(300);
    stage.pass(500);
    expect(() => stage.expire()).toThrow('its client was heard 800 ms before');
  });

  it('may end when who heard of it has been restarted, and remembers nothing', () => {
    stage.kept.onHeard(SESSION, FOLLOWER);
    stage.restartFollower();
    stage.pass(TIMEOUT_MS - 200);
    stage.expire();
  });

  it('may end when who heard of it has gone on to another term', () => {
    stage.kept.onHeard(SESSION, FOLLOWER);
    stage.term = TERM + 1;
    stage.pass(TIMEOUT_MS - 200);
    stage.expire();
  });

  it('must not be ended by who has not led for its time-out', () => {
    const young = { ...stage.leadership, term: TERM + 1 };
    stage.kept.onLeadership(LEADER, young);
    stage.pass(TIMEOUT_MS - 200);
    stage.kept.onDecided(LEADER, { sessionId: SESSION, term: TERM + 1 }, young);
    const entry = { index: 20, term: TERM + 1, origin: LEADER };
    const expiry = { sessionId: SESSION, term: TERM + 1 };
    expect(() => stage.kept.onExpired(expiry, entry, TIMEOUT_MS)).toThrow('had led for 800 ms');
  });

  it('must not be ended by who did not lead the term', () => {
    stage.leadership = { ...stage.leadership, role: 'follower' };
    expect(() => stage.expire()).toThrow('decided it as follower of term 3');
  });
});
