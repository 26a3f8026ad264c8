import fc from 'fast-check';
import { ErrorCode, OpCode } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { SESSION_ADVANCE_MS_MAX, TOUCHED_SESSIONS_MAX } from '../src/limits.ts';
import type { SessionListener } from '../src/session.ts';
import { SessionTracker } from '../src/session-tracker.ts';
import { TouchedSessions, decodeTouchedSessions } from '../src/touched-sessions.ts';
import { body, command, PASSWD, RecordingWatcher, World } from './world.ts';

function recordingListener(): SessionListener & { readonly calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    onSessionCreated: (session) => calls.push(`created ${session.id} on ${session.owner}`),
    onSessionAttached: (session, from) =>
      calls.push(`attached ${session.id} from ${from} to ${session.owner}`),
    onSessionClosed: (session, cause) => calls.push(`closed ${session.id} by ${cause}`),
  };
}

describe('a session', () => {
  it('has the index of its creation as id', () => {
    const world = new World();
    const outcome = world.apply(command.createSession(7, 4000));
    expect(outcome).toEqual({
      kind: 'sessionOpened',
      code: 0,
      sessionId: 2,
      timeoutMs: 4000,
      passwd: PASSWD,
    });
    expect(world.coordinator.sessions.get(2)).toMatchObject({ owner: 7, timeoutMs: 4000 });
  });

  it('moves to the node to which its client came back; requests of the old one are refused', () => {
    const listener = recordingListener();
    const world = new World(listener);
    expect(world.apply(command.attach(1, 2))).toMatchObject({ code: 0, timeoutMs: 20_000 });
    expect(world.create('/a').code).toBe(ErrorCode.sessionMoved);
    world.owner = 2;
    expect(world.create('/a').code).toBe(ErrorCode.ok);
    expect(listener.calls).toEqual(['created 1 on 1', 'attached 1 from 1 to 2']);
  });

  it('is not handed to somebody without its password, and not found when it is gone', () => {
    const world = new World();
    const wrong = PASSWD.map((byte) => byte ^ 1);
    expect(world.apply(command.attach(1, 2, wrong)).code).toBe(ErrorCode.authFailed);
    expect(world.apply(command.attach(1, 2, PASSWD.slice(1))).code).toBe(ErrorCode.authFailed);
    expect(world.apply(command.attach(9, 2)).code).toBe(ErrorCode.sessionExpired);
    expect(world.coordinator.sessions.get(1)).toMatchObject({ owner: 1 });
  });

  it('takes its ephemerals with it when it closes, and nothing else', () => {
    const listener = recordingListener();
    const world = new World(listener);
    const other = world.openSession();
    world.create('/dir');
    world.create('/dir/mine', '', 1);
    world.create('/b', '', 1);
    world.create('/stays');
    world.sessionId = other;
    world.create('/other', '', 1);
    world.sessionId = 1;
    const cversion = world.at('/dir').cversion;
    const outcome = world.apply(command.close(1, 'expired'));
    expect(outcome).toEqual({ kind: 'sessionClosed', code: 0, sessionId: 1, cause: 'expired' });
    expect(world.has('/dir/mine')).toBe(false);
    expect(world.has('/b')).toBe(false);
    expect(world.has('/stays') && world.has('/other')).toBe(true);
    expect(world.at('/dir')).toMatchObject({ pzxid: world.index, cversion: cversion + 1 });
    expect(world.coordinator.ephemeralsOf(1)).toEqual([]);
    expect(listener.calls.at(-1)).toBe('closed 1 by expired');
    expect(world.create('/x').code).toBe(ErrorCode.sessionExpired);
    expect(world.apply(command.close(1)).code).toBe(ErrorCode.sessionExpired);
  });

  it('fires the watches of its ephemerals in the order of their paths, then is closed', () => {
    const listener = recordingListener();
    const world = new World(listener);
    const watcher = new RecordingWatcher();
    for (const path of ['/c', '/a', '/b']) {
      world.create(path, '', 1);
      world.coordinator.getData(path, [], watcher);
    }
    world.coordinator.getChildren('/', [], watcher);
    world.apply(command.close(1));
    const events = ['deleted /a', 'childrenChanged /', 'deleted /b', 'deleted /c'];
    expect(watcher.events).toEqual(events);
  });

  it('forgets an ephemeral that was deleted, also when another makes it anew', () => {
    const world = new World();
    world.create('/e', '', 1);
    world.delete('/e');
    const other = world.openSession();
    world.sessionId = other;
    world.create('/e', '', 1);
    world.apply(command.close(1));
    expect(world.at('/e').ephemeralOwner).toBe(other);
  });

  it('is refused before its request is looked at', () => {
    const world = new World();
    world.sessionId = 99;
    const outcome = world.request(OpCode.create, body.create('/a', null, 0).subarray(0, 3));
    expect(outcome.code).toBe(ErrorCode.sessionExpired);
  });
});

describe('the session tracker', () => {
  /** Passes time in steps that all count. */
  function pass(tracker: SessionTracker, totalMs: number, stepMs = 50): number[] {
    const expired: number[] = [];
    for (let passed = 0; passed < totalMs; passed += stepMs) {
      expired.push(...tracker.advance(Math.min(stepMs, totalMs - passed)));
    }
    return expired;
  }

  it('can be asked how long each session has, for reports', () => {
    const tracker = new SessionTracker();
    tracker.add({ id: 1, timeoutMs: 1_000 }, 0);
    pass(tracker, 300);
    tracker.add({ id: 2, timeoutMs: 500 }, 0);
    expect([...tracker.remainingMs()]).toEqual([
      [1, 700],
      [2, 500],
    ]);
  });

  it('hands out a session once its timeout has passed, once', () => {
    const tracker = new SessionTracker();
    tracker.add({ id: 1, timeoutMs: 1000 }, 0);
    tracker.add({ id: 2, timeoutMs: 2000 }, 0);
    expect(pass(tracker, 950)).toEqual([]);
    expect(pass(tracker, 100)).toEqual([1]);
    expect(pass(tracker, 2000)).toEqual([2]);
    expect(pass(tracker, 5000)).toEqual([]);
  });

  it('keeps a session that is touched in time', () => {
    const tracker = new SessionTracker();
    tracker.add({ id: 1, timeoutMs: 1000 }, 0);
    for (let i = 0; i < 20; i++) {
      expect(pass(tracker, 900)).toEqual([]);
      tracker.touch(1, 0);
    }
    expect(pass(tracker, 1050)).toEqual([1]);
    tracker.touch(1, 0);
    expect(pass(tracker, 5000)).toEqual([]);
  });

  it('counts from when it was told, between two of its looks at the clock', () => {
    const tracker = new SessionTracker();
    pass(tracker, 500, 100);
    tracker.add({ id: 1, timeoutMs: 1000 }, 90);
    tracker.add({ id: 2, timeoutMs: 1000 }, 0);
    expect(pass(tracker, 1000, 100)).toEqual([2]);
    tracker.touch(1, 80);
    expect(pass(tracker, 1000, 100)).toEqual([]);
    expect(pass(tracker, 100, 100)).toEqual([1]);
  });

  it('forgets a session that is closed', () => {
    const tracker = new SessionTracker();
    tracker.add({ id: 1, timeoutMs: 1000 }, 0);
    tracker.remove(1);
    tracker.touch(1, 0);
    expect(pass(tracker, 3000)).toEqual([]);
    expect(tracker.size).toBe(0);
  });

  it('expires nobody because it was frozen itself', () => {
    const tracker = new SessionTracker();
    tracker.add({ id: 1, timeoutMs: 1000 }, 0);
    expect(tracker.advance(60_000)).toEqual([]);
    tracker.touch(1, 0);
    expect(pass(tracker, 1000 - SESSION_ADVANCE_MS_MAX)).toEqual([]);
  });

  it('gives nobody the time for which it was frozen itself', () => {
    const tracker = new SessionTracker();
    tracker.add({ id: 1, timeoutMs: 1000 }, 0);
    tracker.touch(1, 60_000);
    expect(tracker.advance(60_000)).toEqual([]);
    expect(pass(tracker, 1050)).toEqual([1]);
  });

  it('gives every session its full timeout when this node becomes leader', () => {
    const tracker = new SessionTracker();
    tracker.add({ id: 1, timeoutMs: 1000 }, 0);
    tracker.add({ id: 2, timeoutMs: 1000 }, 0);
    pass(tracker, 950);
    tracker.reset([
      { id: 2, timeoutMs: 1000 },
      { id: 3, timeoutMs: 500 },
    ]);
    expect(pass(tracker, 450)).toEqual([]);
    expect(pass(tracker, 100)).toEqual([3]);
    expect(pass(tracker, 400)).toEqual([]);
    expect(pass(tracker, 100)).toEqual([2]);
  });

  it('takes over a timeout that has become shorter', () => {
    const tracker = new SessionTracker();
    tracker.add({ id: 1, timeoutMs: 10_000 }, 0);
    tracker.add({ id: 1, timeoutMs: 500 }, 0);
    expect(pass(tracker, 550)).toEqual([1]);
    expect(pass(tracker, 20_000)).toEqual([]);
  });

  it('never expires early, and late by no more than a step and a bucket (property)', () => {
    const step = fc.record({
      elapsedMs: fc.integer({ min: 0, max: 250 }),
      /** Of the time until the next step. */
      touchedMs: fc.integer({ min: 0, max: 250 }),
      touched: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const tracker = new SessionTracker();
        const heardMs = new Map<number, number>();
        let nowMs = 0;
        for (const id of [1, 2, 3, 4]) {
          tracker.add({ id, timeoutMs: id * 300 }, 0);
          heardMs.set(id, 0);
        }
        for (const { elapsedMs, touchedMs, touched } of steps) {
          const sinceAdvanceMs = Math.min(elapsedMs, touchedMs);
          for (const id of touched) {
            tracker.touch(id, sinceAdvanceMs);
            if (heardMs.has(id)) heardMs.set(id, nowMs + sinceAdvanceMs);
          }
          nowMs += elapsedMs;
          for (const id of tracker.advance(elapsedMs)) {
            expect(nowMs - heardMs.get(id)!).toBeGreaterThanOrEqual(id * 300);
            heardMs.delete(id);
          }
          for (const [id, heard] of heardMs) expect(nowMs - heard).toBeLessThan(id * 300 + 51);
        }
      }),
    );
  });
});

describe('touched sessions', () => {
  it('are told to the leader once each', () => {
    const touched = new TouchedSessions();
    for (const id of [5, 6, 5, 2 ** 40]) touched.touch(id);
    expect(decodeTouchedSessions(touched.drain()!)).toEqual([5, 6, 2 ** 40]);
    expect(touched.drain()).toBeUndefined();
  });

  it('are told in batches', () => {
    const touched = new TouchedSessions();
    for (let id = 0; id < TOUCHED_SESSIONS_MAX + 1; id++) touched.touch(id);
    expect(decodeTouchedSessions(touched.drain()!)).toHaveLength(TOUCHED_SESSIONS_MAX);
    expect(decodeTouchedSessions(touched.drain()!)).toEqual([TOUCHED_SESSIONS_MAX]);
    expect(touched.drain()).toBeUndefined();
  });

  it('are none in a message that can not be understood', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
        expect(decodeTouchedSessions(bytes).length).toBeLessThanOrEqual(bytes.length / 8);
      }),
    );
  });
});
