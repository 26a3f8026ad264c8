import {
  ErrorCode,
  JuteReader,
  OpCode,
  readSetWatches2Request,
  readSetWatchesRequest,
  WatchEventType,
} from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import type { OneShotEvent, WatchEvent } from '../../src/watches/events.ts';
import { settle } from '../support/fake-world.ts';
import {
  connectForLong,
  failure,
  make,
  one,
  statesOf,
  two,
  useTwoServers,
  world,
} from '../support/two-servers.ts';

useTwoServers();

describe('a reconnect', () => {
  it('keeps the session, sends reads again and fails writes as indeterminate', async () => {
    const client = await connectForLong('one,two');
    const first = [one, two].find((server) => server.handshakes.length > 0)!;
    const second = first === one ? two : one;
    const states = statesOf(client);
    await client.sync();
    first.react = () => 'ignore';
    const read = client.getData('/r');
    const write = failure(client.setData('/w', 'x'));
    await settle();
    first.disconnect();
    expect(states).toEqual(['suspended']);
    const late = client.create('/late', 'x');
    expect(await write).toMatchObject({
      code: 'connectionLoss',
      path: '/w',
      operation: 'setData',
      retryable: true,
      indeterminate: true,
    });
    expect((await read).data.toString()).toBe('data');
    expect((await late).path).toBe('/late');
    expect(states).toEqual(['suspended', 'reconnected']);
    expect(second.handshakes[0]).toMatchObject({ sessionId: 0x42, lastZxidSeen: 101 });
    expect(second.opCodes).toEqual([OpCode.getData, OpCode.create2]);
  });

  it('sets watches again, before what waited, and tells persistent ones of the gap', async () => {
    const client = await connectForLong('one');
    const events: (OneShotEvent | WatchEvent)[] = [];
    const onWatch = (event: OneShotEvent): void => void events.push(event);
    one.react = ({ opCode }) => (opCode === OpCode.exists ? { error: ErrorCode.noNode } : 'answer');
    expect(await client.exists('/missing', { onWatch })).toBeNull();
    await client.getData('/data', { onWatch });
    await client.getChildren('/children', { onWatch });
    const stream = client.watch('/deep', { recursive: true });
    await stream.ready;
    expect(client.watchCount).toBe(4);
    one.disconnect();
    await client.getData('/after');
    const restore = one.received.find(({ opCode }) => opCode === OpCode.setWatches2)!;
    expect(readSetWatches2Request(new JuteReader(restore.body))).toMatchObject({
      dataWatches: ['/data'],
      existWatches: ['/missing'],
      childWatches: ['/children'],
      persistentWatches: [],
      persistentRecursiveWatches: ['/deep'],
    });
    expect(one.opCodes.slice(-2)).toEqual([OpCode.setWatches2, OpCode.getData]);
    expect(await stream.next()).toEqual({ done: false, value: { type: 'gap', path: '/deep' } });
    one.sendEvent(WatchEventType.nodeCreated, '/missing');
    one.sendEvent(WatchEventType.nodeDeleted, '/data');
    one.sendEvent(WatchEventType.nodeDataChanged, '/deep/er/yet');
    expect(events).toEqual([
      { type: 'created', path: '/missing' },
      { type: 'deleted', path: '/data' },
    ]);
    expect(await stream.next()).toEqual({
      done: false,
      value: { type: 'dataChanged', path: '/deep/er/yet' },
    });
    expect(client.watchCount).toBe(2);
  });

  it('restores many watches with several requests of bounded size', async () => {
    const client = await connectForLong('one');
    const name = 'x'.repeat(1_000);
    const paths = Array.from({ length: 300 }, (_, i) => `/${name}${i}`);
    await Promise.all(paths.map((path) => client.getData(path, { onWatch: () => undefined })));
    one.received.length = 0;
    one.disconnect();
    await client.sync();
    const restores = one.received.filter(({ opCode }) => opCode === OpCode.setWatches);
    expect(restores.length).toBeGreaterThan(1);
    expect(Math.max(...restores.map(({ body }) => body.length))).toBeLessThan(140 * 1024);
    const restored = restores.flatMap(
      ({ body }) => readSetWatchesRequest(new JuteReader(body)).dataWatches,
    );
    expect(restored.toSorted()).toEqual(paths.toSorted());
  });

  it('asks again for all events of one zxid when the connection broke after the first of them', async () => {
    const client = await connectForLong('one');
    const events: OneShotEvent[] = [];
    const onWatch = (event: OneShotEvent): void => void events.push(event);
    await client.getData('/a', { onWatch });
    await client.getData('/b', { onWatch });
    const told = one.zxid;
    one.sendEvent(WatchEventType.nodeDataChanged, '/a', 500);
    one.disconnect();
    await settle();
    // It must not be served by a server that does not know what it was told of.
    expect(one.handshakes.at(-1)).toMatchObject({ lastZxidSeen: 500 });
    const restore = one.received.find(({ opCode }) => opCode === OpCode.setWatches)!;
    expect(readSetWatchesRequest(new JuteReader(restore.body))).toMatchObject({
      relativeZxid: told,
      dataWatches: ['/b'],
    });
    expect(events).toEqual([{ type: 'dataChanged', path: '/a' }]);
  });

  it('asks again for what it missed when the connection breaks before all watches are restored', async () => {
    const client = await connectForLong('one');
    const paths = Array.from({ length: 300 }, (_, i) => `/${'x'.repeat(1_000)}${i}`);
    await Promise.all(paths.map((path) => client.getData(path, { onWatch: () => undefined })));
    const told = one.zxid;
    const asked: number[] = [];
    one.react = ({ opCode, body }) => {
      if (opCode !== OpCode.setWatches) return 'answer';
      asked.push(readSetWatchesRequest(new JuteReader(body)).relativeZxid);
      return asked.length === 2 ? 'close' : 'answer';
    };
    one.disconnect();
    await world.advance(1_000);
    expect(client.state).toBe('connected');
    expect(asked.length).toBeGreaterThan(4);
    expect(new Set(asked)).toEqual(new Set([told]));
    // Once all are restored, what came before is known.
    one.disconnect();
    await world.advance(1_000);
    expect(asked.at(-1)).toBeGreaterThan(told);
  });

  it('connects again when watches could not be restored', async () => {
    const client = await connectForLong('one');
    await client.getData('/a', { onWatch: () => undefined });
    let refusals = 2;
    one.react = ({ opCode }) =>
      opCode === OpCode.setWatches && refusals-- > 0 ? { error: ErrorCode.systemError } : 'answer';
    one.disconnect();
    await world.advance(1_000);
    expect(one.handshakes).toHaveLength(4);
    expect(client.state).toBe('connected');
  });

  it('proves again who the client is, before watches and requests', async () => {
    const client = await connectForLong('one', { auth: [{ scheme: 'digest', auth: 'u:p' }] });
    await client.addAuth('digest', 'v:q');
    await client.getData('/a', { onWatch: () => undefined });
    expect(one.opCodes).toEqual([OpCode.auth, OpCode.auth, OpCode.getData]);
    one.received.length = 0;
    one.disconnect();
    await client.sync();
    expect(one.opCodes).toEqual([OpCode.auth, OpCode.auth, OpCode.setWatches, OpCode.sync]);
  });

  it('ends the client when a proof is refused', async () => {
    one.react = ({ opCode }) =>
      opCode === OpCode.auth ? { error: ErrorCode.authFailed } : 'answer';
    const client = make('one', { auth: [{ scheme: 'digest', auth: 'u:p' }] });
    await settle();
    expect(client.state).toBe('closed');
    const error = await failure(client.getData('/a'));
    expect(error).toMatchObject({ code: 'closed', cause: { code: 'authFailed' } });
  });
});

describe('a lost session', () => {
  it('fails what waited, ends one-shot watches, and begins a new session', async () => {
    const client = await connectForLong('one');
    const states = statesOf(client);
    const events: OneShotEvent[] = [];
    await client.getData('/a', { onWatch: (event) => events.push(event) });
    const stream = client.watch('/p');
    await stream.ready;
    one.handshake = 'expire';
    client.once('lost', () => {
      one.handshake = 'accept';
      one.sessionId = 0x43;
    });
    one.disconnect();
    const waiting = failure(client.create('/mine', null, { kind: 'ephemeral' }));
    expect(await waiting).toMatchObject({ code: 'sessionExpired', indeterminate: false });
    await settle();
    expect(states).toEqual(['suspended', 'lost', 'connected']);
    expect(client.sessionId).toBe('0x43');
    expect(client.sessionNumber).toBe(2);
    expect(events).toEqual([{ type: 'lost', path: '/a' }]);
    // Nothing older than what was read in the session before.
    expect(one.handshakes.at(-1)).toMatchObject({ sessionId: 0, lastZxidSeen: 102 });
    expect(await stream.next()).toEqual({ done: false, value: { type: 'gap', path: '/p' } });
  });
});
