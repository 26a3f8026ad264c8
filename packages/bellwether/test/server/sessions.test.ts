import { decodeTouchedSessions, TouchedSessions } from '@bellwether/coordination';
import { ErrorCode, SpecialXid, WatchEventType } from '@bellwether/protocol';
import { JuteWriter } from '@bellwether/protocol';
import { encodeAttachSession } from '@bellwether/coordination';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeExpiry, readExpiry } from '../../src/server/expiry-command.ts';
import { until } from '../../src/server/until.ts';
import { dataOf, NO_PASSWORD } from './support/test-client.ts';
import { TestServer } from './support/test-server.ts';

const EPHEMERAL = 1;

describe('sessions', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await TestServer.start();
  });
  afterEach(() => server.stop());

  it('makes a session with a password, in the form in which it was asked for', async () => {
    const modern = await server.stranger().connect({ readOnly: false });
    expect(modern).toMatchObject({ protocolVersion: 0, readOnly: false, frameBytes: 37 });
    expect(modern.sessionId).toBeGreaterThan(0);
    expect(modern.passwd).toHaveLength(16);
    expect(modern.passwd).not.toEqual(Buffer.from(NO_PASSWORD));
    const old = await server.stranger().connect({ readOnly: undefined });
    expect(old).toMatchObject({ readOnly: undefined, frameBytes: 36 });
    expect(old.sessionId).not.toBe(modern.sessionId);
  });

  it('negotiates the timeout into its range', async () => {
    const timeoutOf = async (timeoutMs: number): Promise<number> =>
      (await server.stranger().connect({ timeoutMs })).timeoutMs;
    expect(await timeoutOf(1)).toBe(4_000);
    expect(await timeoutOf(10_000)).toBe(10_000);
    expect(await timeoutOf(1_000_000)).toBe(40_000);
  });

  it('takes requests that were sent together with the connect request', async () => {
    const client = server.stranger();
    const connected = client.connect();
    const read = client.exists('/');
    const { sessionId } = await connected;
    expect(sessionId).toBeGreaterThan(0);
    expect((await read).error).toBe(ErrorCode.ok);
  });

  it('closes on a malformed connect request', async () => {
    const client = server.stranger();
    client.sendFrame((writer) => writer.writeInt(0));
    await client.closed;
  });

  it('gives a session that comes back its ephemerals, and closes its old connection', async () => {
    const old = await server.client();
    await old.create('/e', '', EPHEMERAL);
    const client = server.stranger();
    const { sessionId, password: passwd } = old;
    const response = await client.connect({ sessionId, passwd });
    expect(response.sessionId).toBe(sessionId);
    await old.closed;
    expect((await client.exists('/e')).error).toBe(ErrorCode.ok);
  });

  it('takes nothing more over the old connection once its client is on its way back', async () => {
    const old = await server.client();
    const { sessionId, password: passwd } = old;
    server.consensus.hold();
    const client = server.stranger();
    const { proposed } = server.consensus;
    const before = proposed.length;
    const back = client.connect({ sessionId, passwd });
    await until(() => proposed.length > before, 5_000);
    const late = old.create('/late', '');
    await expect(late).rejects.toThrow('closed');
    expect(proposed).toHaveLength(before + 1);
    server.consensus.release();
    await back;
    expect((await client.exists('/late')).error).toBe(ErrorCode.noNode);
  });

  it('leaves a connection to its client when a stranger names its session', async () => {
    const client = await server.client();
    const { sessionId } = client;
    const answer = await server.stranger().connect({ sessionId, passwd: NO_PASSWORD });
    expect(answer.sessionId).toBe(0);
    expect((await client.exists('/')).error).toBe(ErrorCode.ok);
  });

  it('refuses a wrong password and an unknown session alike, then closes', async () => {
    const { sessionId } = await server.client();
    for (const request of [{ sessionId, passwd: NO_PASSWORD }, { sessionId: 1 << 30 }]) {
      const client = server.stranger();
      const response = await client.connect(request);
      expect(response).toMatchObject({ sessionId: 0, timeoutMs: 0, frameBytes: 37 });
      expect(response.passwd).toEqual(Buffer.from(NO_PASSWORD));
      await client.closed;
    }
  });

  it('closes a client that has seen more than this log holds', async () => {
    const client = server.stranger();
    await expect(client.connect({ lastZxidSeen: 2 ** 40 })).rejects.toThrow('closed');
    server.consensus.flush();
    expect(server.server.coordinator.sessions.size).toBe(0);
  });

  it('closes the connection of a session that attached elsewhere', async () => {
    const client = await server.client();
    const writer = new JuteWriter();
    encodeAttachSession(writer, client.sessionId, client.password, 10_000, 2);
    server.consensus.commitForeign(writer.copy(), 2);
    await client.closed;
  });

  it('ends a session at the request of its client: reply, ephemerals gone, connection closed', async () => {
    const client = await server.client();
    const witness = await server.client();
    await client.create('/e', '', EPHEMERAL);
    await witness.exists('/e', true);
    const reply = await client.closeSession();
    expect(reply).toMatchObject({ error: ErrorCode.ok });
    await client.closed;
    await witness.eventsArrived(1);
    expect(witness.events).toMatchObject([{ type: WatchEventType.nodeDeleted, path: '/e' }]);
  });

  it('expires a session that is silent for its timeout, not one that pings', async () => {
    const silent = await server.client({ timeoutMs: 5_000 });
    const alive = await server.client({ timeoutMs: 5_000 });
    await silent.create('/e', '', EPHEMERAL);
    for (let i = 0; i < 4; i++) {
      server.pass(1_000);
      await alive.ping();
    }
    expect((await alive.exists('/e', true)).error).toBe(ErrorCode.ok);
    server.pass(1_500);
    await silent.closed;
    await alive.eventsArrived(1);
    expect((await alive.exists('/e')).error).toBe(ErrorCode.noNode);
    const { sessionId, password: passwd } = silent;
    expect(await server.stranger().connect({ sessionId, passwd })).toMatchObject({ sessionId: 0 });
  });

  it('gives a session its full timeout from when another node tells of it, not from before', async () => {
    const { sessionId } = await server.client({ timeoutMs: 5_000 });
    server.pass(4_000);
    const touched = new TouchedSessions();
    touched.touch(sessionId);
    server.nowMs += 90;
    server.server.onMessage(2, touched.drain()!);
    server.nowMs += 10;
    server.pass(4_900);
    const { proposed } = server.consensus;
    const expiries = (): number => proposed.filter((bytes) => readExpiry(bytes)).length;
    expect(expiries()).toBe(0);
    server.pass(100);
    expect(expiries()).toBe(1);
  });

  it('gives every session its full timeout again under a new leader', async () => {
    const client = await server.client({ timeoutMs: 5_000 });
    server.pass(4_000);
    server.consensus.lead();
    server.pass(4_000);
    const { sessionId, password: passwd } = client;
    const back = await server.stranger().connect({ sessionId, passwd, timeoutMs: 5_000 });
    expect(back.sessionId).toBe(sessionId);
  });

  it('reports touched sessions to the leader, and judges nobody while it follows', async () => {
    const client = await server.client({ timeoutMs: 5_000 });
    server.pass(100);
    server.consensus.follow(2);
    server.consensus.toLeader.length = 0;
    await client.ping();
    server.pass(100);
    const told = server.consensus.toLeader.flatMap(decodeTouchedSessions);
    expect(told).toEqual([client.sessionId]);
    server.pass(60_000);
    expect((await client.exists('/')).error).toBe(ErrorCode.ok);
  });

  it('ignores an expiry that was decided in an earlier term than it was ordered in', async () => {
    const client = await server.client();
    const writer = new JuteWriter();
    encodeExpiry(writer, client.sessionId, 1);
    server.consensus.lead();
    server.consensus.commitForeign(writer.copy(), 2);
    server.consensus.flush();
    expect((await client.exists('/')).error).toBe(ErrorCode.ok);
    writer.reset();
    encodeExpiry(writer, client.sessionId, 2);
    server.consensus.commitForeign(writer.copy(), 2);
    await client.closed;
  });

  it('applies the writes of a connection that broke while they were in flight', async () => {
    const client = await server.client();
    const witness = await server.client();
    server.consensus.hold();
    void client.create('/a', 'kept');
    void client.getData('/a');
    void client.create('/b');
    await client.ping();
    await client.drop();
    server.consensus.release();
    expect((await witness.sync('/')).error).toBe(ErrorCode.ok);
    expect(dataOf(await witness.getData('/a')).data).toBe('kept');
    expect((await witness.exists('/b')).error).toBe(ErrorCode.ok);
  });

  it('tells what was missed before it answers setWatches, and registers the rest', async () => {
    const client = await server.client();
    const writer = await server.client();
    for (const path of ['/changed', '/same', '/gone']) await writer.create(path);
    const { zxid } = await client.exists('/');
    await client.drop();
    await writer.setData('/changed', 'x');
    await writer.delete('/gone');
    await writer.create('/new');
    const { sessionId, password: passwd } = client;
    const back = server.stranger();
    await back.connect({ sessionId, passwd, lastZxidSeen: zxid });
    const reply = await back.setWatches({
      relativeZxid: zxid,
      dataWatches: ['/changed', '/same', '/gone'],
      existWatches: ['/new', '/never'],
      childWatches: ['/'],
    });
    expect(reply).toMatchObject({ xid: SpecialXid.setWatches, error: ErrorCode.ok });
    expect(back.arrived.at(-1)).toBe(reply);
    expect(back.events).toMatchObject([
      { type: WatchEventType.nodeDataChanged, path: '/changed' },
      { type: WatchEventType.nodeDeleted, path: '/gone' },
      { type: WatchEventType.nodeCreated, path: '/new' },
      { type: WatchEventType.nodeChildrenChanged, path: '/' },
    ]);
    await writer.setData('/same', 'y');
    await writer.create('/never');
    await back.eventsArrived(6);
    expect(back.events.slice(4)).toMatchObject([{ path: '/same' }, { path: '/never' }]);
  });

  it('accepts digest authentication with zxid 0, and lets its owner in', async () => {
    const owner = await server.client();
    expect(await owner.auth('digest', 'user:secret')).toMatchObject({ zxid: 0, error: 0 });
    const acls = [{ perms: 31, scheme: 'auth', id: '' }];
    await owner.create('/mine', 'x', 0, acls);
    expect((await owner.getData('/mine')).error).toBe(ErrorCode.ok);
    const other = await server.client();
    expect((await other.getData('/mine')).error).toBe(ErrorCode.noAuth);
    await other.auth('digest', 'user:secret');
    expect((await other.getData('/mine')).error).toBe(ErrorCode.ok);
  });

  it('sends away who authenticates in an unknown scheme', async () => {
    const client = await server.client();
    expect(await client.auth('rot13', 'user:secret')).toMatchObject({
      xid: SpecialXid.auth,
      error: ErrorCode.authFailed,
    });
    await client.closed;
  });

  it('knows a client by its address', async () => {
    const client = await server.client();
    await client.create('/near', 'x', 0, [{ perms: 31, scheme: 'ip', id: '127.0.0.1' }]);
    await client.create('/far', 'x', 0, [{ perms: 31, scheme: 'ip', id: '10.0.0.0/8' }]);
    expect((await client.getData('/near')).error).toBe(ErrorCode.ok);
    expect((await client.getData('/far')).error).toBe(ErrorCode.noAuth);
  });
});
