import {
  ErrorCode,
  JuteReader,
  OpCode,
  readSetWatches2Request,
  readSetWatchesRequest,
  WatchEventType,
} from '@bellwether/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client } from '../src/client.ts';
import type { ClientError } from '../src/errors.ts';
import type { ClientOptions } from '../src/options.ts';
import type { OneShotEvent, WatchEvent } from '../src/watches/events.ts';
import { FakeServer } from './support/fake-server.ts';
import { FakeWorld, settle } from './support/fake-world.ts';

let world: FakeWorld;
let one: FakeServer;
let two: FakeServer;
let clients: Client[] = [];

beforeEach(() => {
  world = new FakeWorld();
  one = world.add(new FakeServer('one:2181'));
  two = world.add(new FakeServer('two:2181'));
  clients = [];
});

afterEach(async () => {
  const closing = Promise.all(clients.map((client) => client.close()));
  await world.advance(5_000);
  await closing;
  expect(world.timerCount).toBe(0);
});

function make(servers: string, options: ClientOptions = {}): Client {
  const client = new Client(servers, { runtime: world, ...options });
  clients.push(client);
  return client;
}

async function connect(servers = 'one', options: ClientOptions = {}): Promise<Client> {
  const client = make(servers, options);
  await settle();
  expect(client.state).toBe('connected');
  return client;
}

/** With a connection that has been there for a while, so that the next one comes without a pause. */
async function connectForLong(servers = 'one', options: ClientOptions = {}): Promise<Client> {
  const client = await connect(servers, options);
  await world.advance(1_500);
  return client;
}

function statesOf(client: Client): string[] {
  const states: string[] = [];
  for (const name of ['connected', 'readOnly', 'suspended', 'reconnected', 'lost', 'closed']) {
    client.on(name as 'connected', () => states.push(name));
  }
  return states;
}

const failure = (promise: Promise<unknown>): Promise<ClientError> =>
  promise.then(
    () => Promise.reject(new Error('it succeeded')),
    (error: ClientError) => error,
  );

describe('a connection', () => {
  it('begins with a handshake and is closed with the session', async () => {
    const client = make('one');
    const states = statesOf(client);
    expect(client.state).toBe('connecting');
    await settle();
    expect(one.handshakes).toMatchObject([{ sessionId: 0, timeoutMs: 10_000, readOnly: false }]);
    expect(client.sessionId).toBe('0x42');
    const closed = client.close();
    await world.advance(0);
    await closed;
    expect(one.opCodes).toEqual([OpCode.closeSession]);
    expect(states).toEqual(['connected', 'closed']);
    expect(one.connections.size).toBe(0);
  });

  it('sends what is asked in one turn with one write, in order, and answers in that order', async () => {
    const client = await connect();
    const done: string[] = [];
    const all = ['/a', '/b', '/c'].map((path) => client.getData(path).then(() => done.push(path)));
    void client.setData('/d', 'x').then(() => done.push('/d'));
    await Promise.all(all);
    await settle();
    expect(done).toEqual(['/a', '/b', '/c', '/d']);
    expect(one.received.map(({ xid }) => xid)).toEqual([1, 2, 3, 4]);
  });

  it('takes the next server when one refuses, and pauses after a round without success', async () => {
    one.mode = 'refusing';
    two.mode = 'refusing';
    const client = make('one,two');
    const problems: Error[] = [];
    client.on('problem', (error) => problems.push(error));
    await settle();
    expect(world.dialled.toSorted()).toEqual(['one:2181', 'two:2181']);
    expect(problems.map(({ message }) => message.replace(/^\w+/, ''))).toEqual([
      ':2181: ECONNREFUSED',
      ':2181: ECONNREFUSED',
    ]);
    await world.advance(100_000);
    // 20 ms at first, 2 s at last, each with jitter: neither a busy loop nor an end.
    expect(world.dialled.length).toBeGreaterThan(80);
    expect(world.dialled.length).toBeLessThan(260);
    two.mode = 'up';
    await world.advance(4_000);
    expect(client.state).toBe('connected');
  });

  it('gives up a server that takes the connection and says nothing', async () => {
    one.handshake = 'ignore';
    two.mode = 'hanging';
    const client = make('one,two');
    await world.advance(4_900);
    expect(client.state).toBe('connecting');
    one.handshake = 'accept';
    await world.advance(10_200);
    expect(client.state).toBe('connected');
  });

  it('does not race in circles when servers accept and close again', async () => {
    const client = make('one,two');
    one.react = () => 'close';
    two.react = () => 'close';
    await settle();
    const reads = client.getData('/a', { timeoutMs: 20_000 });
    reads.catch(() => undefined);
    await world.advance(20_000);
    expect(world.dialled.length).toBeLessThan(60);
    expect((await failure(reads)).code).toBe('operationTimeout');
  });

  it('refuses a server that is read-only unless that was asked for', async () => {
    one.handshake = 'readOnly';
    const plain = make('one');
    const patient = make('one', { readOnly: true });
    const states = statesOf(patient);
    await settle();
    expect(plain.state).toBe('connecting');
    expect(patient.state).toBe('readOnly');
    expect(states).toEqual(['readOnly']);
  });
});

describe('a read-only client', () => {
  it('goes to a server with a quorum when there is one again, with the session it had', async () => {
    const client = make('one', { readOnly: true });
    const states = statesOf(client);
    await world.advance(1_500);
    expect(client.sessionId).toBe('0x42');
    one.handshake = 'readOnly';
    one.sessionId = 0x99;
    one.disconnect();
    await world.advance(1_500);
    expect(client.state).toBe('readOnly');
    expect((await client.getData('/a')).data.toString()).toBe('data');
    const dialled = world.dialled.length;
    await world.advance(60_000);
    // Rarer and rarer, since it may last.
    expect(world.dialled.length - dialled).toBeLessThan(20);
    one.handshake = 'accept';
    one.sessionId = 0x42;
    await world.advance(61_000);
    expect(client.state).toBe('connected');
    expect(one.handshakes.at(-1)).toMatchObject({ sessionId: 0x42, readOnly: true });
    expect(states).toEqual(['connected', 'suspended', 'readOnly', 'suspended', 'reconnected']);
  });
});

describe('keeping alive', () => {
  it('pings after a third of the timeout without a request', async () => {
    await connect();
    await world.advance(3_300);
    expect(one.received.filter(({ opCode }) => opCode === OpCode.ping)).toHaveLength(0);
    await world.advance(100);
    expect(one.received.filter(({ opCode }) => opCode === OpCode.ping)).toHaveLength(1);
    await world.advance(60_000);
    const pings = one.received.filter(({ opCode }) => opCode === OpCode.ping).length;
    expect(pings).toBeGreaterThanOrEqual(17);
    expect(pings).toBeLessThanOrEqual(20);
  });

  it('leaves a server that is silent for two thirds of the timeout', async () => {
    const client = await connect('one');
    const states = statesOf(client);
    one.answersPings = false;
    one.handshake = 'ignore';
    await world.advance(6_600);
    expect(states).toEqual([]);
    await world.advance(200);
    expect(states).toEqual(['suspended']);
  });

  it('does not blame the server when this process stood still', async () => {
    const client = await connect('one');
    const states = statesOf(client);
    world.stall(7_500);
    await world.advance(0);
    expect(states).toEqual([]);
    // The answer that had been waiting is read; then all is as before.
    const data = client.getData('/a');
    await world.advance(100);
    await data;
    await world.advance(20_000);
    expect(states).toEqual([]);
  });

  it('knows until when the session is safe', async () => {
    const client = await connect('one');
    const openedMs = world.nowMs();
    expect(client.sessionSafeUntilMs).toBe(openedMs + 10_000);
    await world.advance(2_000);
    expect(client.sessionSafeUntilMs).toBe(openedMs + 10_000);
    await client.getData('/a');
    expect(client.sessionSafeUntilMs).toBe(openedMs + 12_000);
  });
});

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
    client.addAuth('digest', 'v:q');
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
    expect(one.handshakes.at(-1)).toMatchObject({ sessionId: 0, lastZxidSeen: 0 });
    expect(await stream.next()).toEqual({ done: false, value: { type: 'gap', path: '/p' } });
  });
});

describe('a request', () => {
  it('times out, with an unknown outcome when it is a write that left', async () => {
    const client = await connect('one');
    one.react = () => 'ignore';
    const write = failure(client.delete('/a', { timeoutMs: 500 }));
    const read = failure(client.getData('/a', { timeoutMs: 500 }));
    await world.advance(500);
    expect(await write).toMatchObject({ code: 'operationTimeout', indeterminate: true });
    expect(await read).toMatchObject({ code: 'operationTimeout', indeterminate: false });
  });

  it('is aborted by its signal, and the reply that still comes disturbs nobody', async () => {
    const client = await connect('one');
    const held: (() => void)[] = [];
    one.react = (received) => {
      held.push(() => {
        for (const connection of one.connections) connection.answer(received, 0);
      });
      return 'ignore';
    };
    const controller = new AbortController();
    const aborted = failure(client.setData('/a', 'x', { signal: controller.signal }));
    const other = client.getData('/b');
    await settle();
    controller.abort(new Error('enough'));
    expect(await aborted).toMatchObject({
      name: 'AbortError',
      code: 'aborted',
      indeterminate: true,
      cause: { message: 'enough' },
    });
    for (const answer of held) answer();
    expect((await other).data.toString()).toBe('data');
    const before = failure(client.getData('/c', { signal: controller.signal }));
    expect((await before).code).toBe('aborted');
    expect(one.received).toHaveLength(2);
  });

  it('waits for a connection no longer than its time, and is then not sent', async () => {
    one.mode = 'refusing';
    const client = make('one');
    const early = failure(client.setData('/a', 'x', { timeoutMs: 1_000 }));
    await world.advance(1_000);
    expect(await early).toMatchObject({ code: 'operationTimeout', indeterminate: false });
    one.mode = 'up';
    await world.advance(5_000);
    expect(client.state).toBe('connected');
    expect(one.opCodes).toEqual([]);
  });

  it('is refused beyond the limit', async () => {
    const client = await connect('one', { requestsMax: 3 });
    one.react = () => 'ignore';
    const three = [1, 2, 3].map(() => client.getData('/a', { timeoutMs: 10 }));
    for (const read of three) read.catch(() => undefined);
    expect(await failure(client.getData('/b'))).toMatchObject({ code: 'tooMany', retryable: true });
    await world.advance(10);
  });

  it('with a path that no server takes is rejected without being sent', async () => {
    const client = await connect('one');
    for (const path of ['', 'a', '/a/', '/a//b', '/a/../b', '/.', '/a\u0000', '/a\ud800']) {
      expect((await failure(client.getData(path))).code).toBe('badArguments');
    }
    for (const path of ['/', '/.a', '/a..', '/a.b/...']) await client.getData(path);
    expect(one.opCodes).toHaveLength(4);
  });

  it('fails with the name of what the server answered', async () => {
    const client = await connect('one');
    one.react = () => ({ error: ErrorCode.badVersion });
    expect(await failure(client.setData('/a', 'x', { version: 1 }))).toMatchObject({
      code: 'badVersion',
      number: -103,
      message: 'setData /a: badVersion',
      retryable: false,
      indeterminate: false,
    });
    one.react = () => ({ error: -9_999 });
    expect((await failure(client.getData('/a'))).message).toBe('getData /a: unknown(-9999)');
  });

  it('breaks the connection when a reply is not the next one', async () => {
    const client = await connect('one');
    const problems: Error[] = [];
    client.on('problem', (error) => problems.push(error));
    one.react = (received) => {
      if (received.opCode !== OpCode.getData) return 'answer';
      for (const connection of one.connections) {
        connection.answer({ ...received, xid: received.xid + 5 }, 0);
      }
      return 'ignore';
    };
    const read = client.getData('/a', { timeoutMs: 5_000 });
    await settle();
    expect(problems[0]?.message).toContain('reply 6 where 1 was to come');
    one.react = () => 'answer';
    await world.advance(1_000);
    expect((await read).data.toString()).toBe('data');
  });
});

describe('a chroot', () => {
  it('is put before each path and taken from each answer', async () => {
    const client = await connect('one:2181/app/x');
    const events: OneShotEvent[] = [];
    await client.getData('/a', { onWatch: (event) => events.push(event) });
    expect((await client.create('/a/b')).path).toBe('/a/b');
    await client.getData('/');
    const paths = one.received.map(({ body }) => new JuteReader(body).readString());
    expect(paths).toEqual(['/app/x/a', '/app/x/a/b', '/app/x']);
    one.sendEvent(WatchEventType.nodeDataChanged, '/app/x/a');
    expect(events).toEqual([{ type: 'dataChanged', path: '/a' }]);
    expect(await failure(client.delete('relative'))).toMatchObject({ path: 'relative' });
  });
});

describe('a watch stream', () => {
  it('ends when the loop is left, and the server forgets the watch', async () => {
    const client = await connect('one');
    const stream = client.watch('/a');
    await stream.ready;
    one.sendEvent(WatchEventType.nodeChildrenChanged, '/a');
    for await (const event of stream) {
      expect(event).toEqual({ type: 'childrenChanged', path: '/a' });
      break;
    }
    await settle();
    expect(one.opCodes).toEqual([OpCode.addWatch, OpCode.removeWatches]);
    expect(client.watchCount).toBe(0);
  });

  it('leaves the server alone while somebody else here needs a watch on the path', async () => {
    const client = await connect('one');
    const stream = client.watch('/a');
    await stream.ready;
    const read = client.getData('/a', { onWatch: () => undefined });
    stream.close();
    await read;
    await settle();
    expect(one.opCodes).toEqual([OpCode.addWatch, OpCode.getData]);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('turns more events than it may keep into a gap', async () => {
    const client = await connect('one');
    const stream = client.watch('/a', { eventsMax: 3 });
    await stream.ready;
    for (let i = 0; i < 5; i++) one.sendEvent(WatchEventType.nodeDataChanged, '/a');
    stream.close();
    const events: string[] = [];
    for await (const { type } of stream) events.push(type);
    expect(events).toEqual(['gap', 'dataChanged']);
  });

  it('rejects when the watch is refused, and ends with its signal or its client', async () => {
    const client = await connect('one');
    one.react = ({ opCode }) =>
      opCode === OpCode.addWatch ? { error: ErrorCode.unimplemented } : 'answer';
    const refused = client.watch('/a');
    expect((await failure(refused.ready)).code).toBe('unimplemented');
    expect((await failure(refused.next())).code).toBe('unimplemented');
    expect(await refused.next()).toEqual({ done: true, value: undefined });
    one.react = () => 'answer';
    const controller = new AbortController();
    const aborted = client.watch('/a', { signal: controller.signal });
    const next = aborted.next();
    controller.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    const last = client.watch('/b').next();
    const closing = client.close();
    await world.advance(1);
    await closing;
    expect(await last).toEqual({ done: true, value: undefined });
  });
});

describe('closing', () => {
  it('answers what was asked before, fails what is asked after', async () => {
    const client = await connect('one');
    const before = client.getData('/a');
    const closing = client.close();
    const after = failure(client.getData('/b'));
    expect((await before).data.toString()).toBe('data');
    await closing;
    expect((await after).code).toBe('closed');
    expect(one.opCodes).toEqual([OpCode.getData, OpCode.closeSession]);
  });

  it('without a server takes two seconds at most', async () => {
    const client = await connect('one');
    one.disconnect();
    one.mode = 'refusing';
    const read = failure(client.getData('/a'));
    const closing = client.close();
    await world.advance(2_000);
    await closing;
    expect((await read).code).toBe('closed');
    expect(world.timerCount).toBe(0);
  });

  it('ends watches and says so', async () => {
    const client = await connect('one');
    const events: OneShotEvent[] = [];
    await client.getData('/a', { onWatch: (event) => events.push(event) });
    await client.close();
    expect(events).toEqual([{ type: 'closed', path: '/a' }]);
  });
});

it('connect rejects when no server can be reached, and leaves nothing behind', async () => {
  one.mode = 'refusing';
  const connecting = failure(Client.connect('one', { runtime: world, connectTimeoutMs: 700 }));
  await world.advance(700);
  expect(await connecting).toMatchObject({
    code: 'cannotConnect',
    retryable: true,
    message: 'no session in time: one:2181: ECONNREFUSED',
  });
  expect(world.timerCount).toBe(0);
});
