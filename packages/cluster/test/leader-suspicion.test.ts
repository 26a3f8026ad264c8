import { MemoryLog, RaftNode, type Message, type NodeId, type RaftConfig } from '@bellwether/raft';
import { describe, expect, it } from 'vitest';
import { LeaderSuspicion } from '../src/driver/leader-suspicion.ts';
import { LIMITS } from '../src/limits.ts';

const OLD_LEADER = 9;

/** One follower of node 9 among others, in term 1, whose timers the test lets run. */
class Fixture {
  readonly core: RaftNode;
  readonly suspicion: LeaderSuspicion;
  readonly transport: { isConnected: (peer: NodeId) => boolean };
  readonly timers: { readonly delayMs: number; readonly action: () => void }[] = [];
  campaigns = 0;

  constructor(id: NodeId, connected: readonly NodeId[], logTerms: readonly number[] = []) {
    const voters = [1, 2, 3, OLD_LEADER];
    const config: RaftConfig = {
      ...{ id, heartbeatTicks: 5, electionTicksMin: 100, electionTicksSpread: 50 },
      ...{ appendBytesMax: 1024, inflightMessagesMax: 8, inflightBytesMax: 8192 },
      ...{ uncommittedBytesMax: 8192, committedBytesMax: 8192, leaseReads: false },
      initialMembership: { voters, votersOutgoing: [], learners: [] },
      priorities: new Map(),
    };
    const log = new MemoryLog();
    const data = new Uint8Array(0);
    log.append(logTerms.map((term, at) => ({ term, index: at + 1, kind: 'noop' as const, data })));
    log.setHardState({ term: 1, vote: 0, commit: 0 });
    this.core = new RaftNode(config, log, () => 0);
    this.transport = { isConnected: (peer) => connected.includes(peer) };
    this.suspicion = new LeaderSuspicion(
      this,
      () => 0,
      (delayMs, action) => {
        this.timers.push({ delayMs, action });
      },
    );
    this.receive({ type: 'Heartbeat', from: OLD_LEADER, to: id, term: 1, commit: 0, round: 1 });
  }

  receive(message: Message): void {
    this.core.step(message);
    this.suspicion.onMessage(message);
  }

  onDoubted(): void {}

  onSuspected(): void {
    this.campaigns += 1;
  }
}

const preVote = (to: NodeId, lastIndex: number, term = 2): Message => {
  return { type: 'RequestPreVote', from: 3, to, term, lastIndex, lastTerm: lastIndex };
};

describe('who campaigns when the leader is lost', () => {
  it('is the first in order, at once', () => {
    const first = new Fixture(3, [1, 2]);
    first.suspicion.onDisconnected(OLD_LEADER);
    expect(first).toMatchObject({ campaigns: 1, timers: [] });
    expect(first.core.role).toBe('preCandidate');
  });

  it('is each other one a step later', () => {
    const last = new Fixture(1, [2, 3]);
    last.suspicion.onDisconnected(OLD_LEADER);
    expect(last.campaigns).toBe(0);
    expect(last.timers.map(({ delayMs }) => delayMs)).toEqual([2 * LIMITS.suspicionStepMs]);
    last.timers[0]?.action();
    expect(last.campaigns).toBe(1);
  });

  it('is the next when the first can not be reached', () => {
    const second = new Fixture(2, [1]);
    second.suspicion.onDisconnected(OLD_LEADER);
    expect(second.campaigns).toBe(1);
  });

  it('is somebody else at once when the one that was appointed is lost before it was heard', () => {
    const second = new Fixture(2, [1]);
    const word = { term: 2, successor: 3, lastIndex: 0, lastTerm: 1 };
    second.receive({ type: 'HandOver', from: OLD_LEADER, to: 2, ...word });
    second.suspicion.onDisconnected(OLD_LEADER);
    expect(second.campaigns).toBe(0);
    second.suspicion.onDisconnected(3);
    expect(second.campaigns).toBe(1);
    expect(second.core.role).toBe('preCandidate');
  });

  it('is nobody else once somebody has asked for votes', () => {
    const last = new Fixture(1, [2, 3]);
    last.suspicion.onDisconnected(OLD_LEADER);
    const log = { lastIndex: 0, lastTerm: 0 };
    last.receive({ type: 'RequestVote', from: 3, to: 1, term: 2, ...log, isTransfer: false });
    last.timers[0]?.action();
    expect(last.campaigns).toBe(0);
  });

  it('is who has more of the log than the one who asks, without delay', () => {
    const longer = new Fixture(1, [2, 3], [1]);
    longer.suspicion.onDisconnected(OLD_LEADER);
    longer.receive(preVote(1, 0));
    expect(longer.campaigns).toBe(1);
  });

  it('is nobody while the leader is heard', () => {
    const longer = new Fixture(1, [2, 3], [1]);
    longer.receive(preVote(1, 0));
    longer.suspicion.onDisconnected(2);
    expect(longer).toMatchObject({ campaigns: 0, timers: [] });
  });
});
