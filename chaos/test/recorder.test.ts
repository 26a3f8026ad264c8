import { ErrorCode, OpCode, WatchEventType } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { brokenPromises } from '../src/round.ts';
import { History } from '../src/wire/history.ts';
import { statOf, Wire } from './support.ts';

/** A history on a clock that goes on with every look at it. */
function history(): History {
  let nowMs = 0;
  return new History(() => (nowMs += 1));
}

describe('what a client was told, by its bytes', () => {
  it('is a session, resumed, lost, and closed', () => {
    const heard = history();
    const wire = new Wire(heard, 1).greet(0, 7);
    wire.reconnect().greet(7, 7);
    wire.reconnect().greet(7, 0);
    wire.reconnect().greet(0, 9).done(wire.close(), 10);
    const sessions = heard.records.map((r) => r.type === 'session' && [r.session, r.what, r.zxid]);
    expect(sessions).toEqual([
      [7, 'opened', 0],
      [7, 'resumed', 0],
      [7, 'lost', 0],
      [9, 'opened', 0],
      [9, 'closed', 10],
    ]);
  });

  it('is another client where a session was forgotten whose end nobody told', () => {
    const heard = history();
    const wire = new Wire(heard, 1).greet(0, 7);
    wire.set('/a', 'x');
    wire.reconnect().greet(0, 9);
    wire.reconnect().greet(9, 0);
    wire.reconnect().greet(0, 11);
    const clients = heard.records.map(({ client, session }) => [client === 1, session]);
    expect(clients).toEqual([
      [true, 7],
      [true, 7],
      [false, 9],
      [false, 9],
      [false, 11],
    ]);
    expect(heard.records[4]!.client).toBe(heard.records[2]!.client);
  });

  it('is a write with what it made, or its error', () => {
    const heard = history();
    const wire = new Wire(heard, 3).greet(0, 7);
    wire.wasSet(wire.set('/a', 'x'), 8, 4);
    wire.wasCreated(wire.create('/q/n-', 'y', 2), 9, '/q/n-0000000000');
    wire.error(wire.set('/a', 'z', 2), 10, ErrorCode.badVersion);
    expect(heard.records.slice(1)).toMatchObject([
      {
        ...{ type: 'write', client: 3, session: 7, outcome: 'done', error: 0, zxid: 8 },
        changes: [{ action: 'set', path: '/a', value: 'x', made: { path: '/a', version: 4 } }],
      },
      {
        zxid: 9,
        changes: [
          { kind: 'sequential', path: '/q/n-', made: { path: '/q/n-0000000000', version: 0 } },
        ],
      },
      { error: ErrorCode.badVersion, outcome: 'done', zxid: 10, changes: [{ expectedVersion: 2 }] },
    ]);
    expect(heard.counts).toEqual({ done: 3, failed: 0, indeterminate: 0 });
  });

  it('is nothing where the answer did not come: then nobody knows', () => {
    const heard = history();
    const wire = new Wire(heard, 1).greet(0, 7);
    wire.set('/a', 'x');
    wire.get('/a');
    wire.reconnect();
    expect(heard.records.at(-1)).toMatchObject({ type: 'write', outcome: 'indeterminate' });
    expect(heard.counts).toEqual({ done: 0, failed: 1, indeterminate: 1 });
  });

  it('is a write that never happened, where the server says so', () => {
    const heard = history();
    const wire = new Wire(heard, 1).greet(0, 7);
    wire.error(wire.set('/a', 'x'), 5, ErrorCode.sessionMoved);
    expect(heard.records.at(-1)).toMatchObject({ outcome: 'failed', zxid: 0 });
  });

  it('is a transaction, all of it or its error', () => {
    const heard = history();
    const wire = new Wire(heard, 1).greet(0, 7);
    const parts = ['/a', '/b'].map((path) => {
      return { opCode: OpCode.setData, request: { path, data: Buffer.from('x'), version: -1 } };
    });
    const set = (version: number) => ({ opCode: OpCode.setData, stat: statOf({ version }) });
    wire.didMulti(wire.multi(parts), 8, [set(1), set(2)]);
    const failed = (error: number) => ({ opCode: OpCode.error, error });
    wire.didMulti(wire.multi(parts), 9, [failed(0), failed(ErrorCode.noNode)]);
    expect(heard.records.slice(1)).toMatchObject([
      { error: 0, changes: [{ made: { version: 1 } }, { made: { version: 2 } }] },
      { error: ErrorCode.noNode },
    ]);
  });

  it('is a linearizable read only right behind a sync, asked for when that was', () => {
    const heard = history();
    const wire = new Wire(heard, 1).greet(0, 7);
    const [sync, get, other] = [wire.sync('/a'), wire.get('/a'), wire.get('/a')];
    wire.done(sync, 8);
    wire.wasGot(get, 8, 'x', { version: 1, czxid: 5, mzxid: 8 });
    wire.error(other, 8, ErrorCode.noNode);
    const [opened, behind, later] = heard.records;
    expect(behind).toMatchObject({
      ...{ type: 'read', guarantee: 'linearizable', watch: 'none', zxid: 8 },
      seen: { value: 'x', version: 1, czxid: 5, mzxid: 8, owner: 0 },
    });
    expect(later).toMatchObject({ guarantee: 'sequential', seen: undefined });
    expect(behind!.invokedMs).toBeGreaterThan(opened!.endedMs);
    expect(behind!.invokedMs).toBeLessThan(later!.invokedMs - 1);
  });

  it('is the watches that reads leave, and their events in order', () => {
    const heard = history();
    const wire = new Wire(heard, 1).greet(0, 7);
    wire.error(wire.exists('/a'), 5, ErrorCode.noNode);
    wire.error(wire.get('/b', true), 5, ErrorCode.noNode);
    wire.event(WatchEventType.nodeCreated, '/a');
    wire.event(WatchEventType.nodeChildrenChanged, '/c');
    expect(heard.records.slice(1)).toMatchObject([
      { type: 'read', path: '/a', watch: 'data' },
      { type: 'read', path: '/b', watch: 'none' },
      { type: 'event', path: '/a', watch: 'data', session: 7 },
      { type: 'event', path: '/c', watch: 'children' },
    ]);
  });

  it('is a broken promise when answers come out of their order', () => {
    const heard = history();
    const wire = new Wire(heard, 1).greet(0, 7);
    const [first, second] = [wire.set('/a', 'x'), wire.set('/a', 'y')];
    wire.wasSet(second, 8, 1);
    wire.wasSet(first, 9, 2);
    expect(brokenPromises(heard)).toMatchObject([
      {
        kind: 'broken promise',
        what: expect.stringMatching(/^clientOrder: client 1 waits/) as string,
      },
    ]);
  });
});

describe('a history with something wrong in it', () => {
  /** One client makes the znode and sets it; what the other reads behind a sync is up to the test. */
  function historyWith(read: (wire: Wire, sync: number, get: number) => void): History {
    const heard = history();
    const writer = new Wire(heard, 1).greet(0, 1);
    writer.wasCreated(writer.create('/r', 'a'), 2, '/r');
    const reader = new Wire(heard, 2).greet(0, 3);
    writer.wasSet(writer.set('/r', 'b'), 4, 1);
    read(reader, reader.sync('/r'), reader.get('/r'));
    return heard;
  }

  it('is not this one', () => {
    const heard = historyWith((reader, sync, get) => {
      reader.done(sync, 4);
      reader.wasGot(get, 4, 'b', { version: 1, czxid: 2, mzxid: 4 });
    });
    expect(brokenPromises(heard)).toEqual([]);
  });

  it.each<[string, RegExp, (reader: Wire, sync: number, get: number) => void]>([
    [
      'an old value behind a sync',
      /^realTimeOrder: /,
      (reader, sync, get) => {
        reader.done(sync, 2);
        reader.wasGot(get, 2, 'a', { version: 0, czxid: 2, mzxid: 2 });
      },
    ],
    [
      'a state that does not have what was written before it',
      /^readsSeeTheirState: /,
      (reader, sync, get) => {
        reader.done(sync, 5);
        reader.wasGot(get, 5, 'a', { version: 0, czxid: 2, mzxid: 2 });
      },
    ],
    [
      'a write that was lost',
      /^readsSeeTheirState: /,
      (reader, sync, get) => {
        reader.done(sync, 6);
        reader.error(get, 6, ErrorCode.noNode);
      },
    ],
    [
      'a write that was done twice',
      /^appliedOnce: /,
      (reader, sync, get) => {
        reader.done(sync, 6);
        reader.wasGot(get, 6, 'b', { version: 2, czxid: 2, mzxid: 6 });
      },
    ],
    [
      'something else than others were shown',
      /^oneHistory: /,
      (reader, sync, get) => {
        reader.done(sync, 4);
        reader.wasGot(get, 4, 'c', { version: 1, czxid: 2, mzxid: 4 });
      },
    ],
  ])('is found: %s', (_what, promise, read) => {
    expect(brokenPromises(historyWith(read))).toMatchObject([
      { kind: 'broken promise', what: expect.stringMatching(promise) as string },
    ]);
  });
});
