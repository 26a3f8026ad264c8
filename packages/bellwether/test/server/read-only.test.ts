import { ErrorCode, OpCode } from '@bellwether/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { exchange, dataOf, type TestClient } from './support/test-client.ts';
import { TestServer } from './support/test-server.ts';

const ALLOWED = { readOnly: true };

describe('a node without a quorum that may serve read-only clients', () => {
  let server: TestServer;
  afterEach(() => server.stop());

  /** It holds /n with the data "x", and has been alone for long enough. */
  async function alone(): Promise<TestClient> {
    server = await TestServer.start({ readOnly: 'served' });
    const client = await server.client();
    await client.create('/n', 'x');
    server.consensus.follow(0);
    server.consensus.hold();
    server.pass(2_000);
    return client;
  }

  it('shows them what it holds, and says that it is read-only', async () => {
    await alone();
    const client = server.stranger();
    expect(await client.connect(ALLOWED)).toMatchObject({ readOnly: true, timeoutMs: 10_000 });
    expect(dataOf(await client.getData('/n')).data).toBe('x');
    expect((await client.ping()).error).toBe(ErrorCode.ok);
  });

  it('refuses all that writes, and sync', async () => {
    await alone();
    const client = await server.client(ALLOWED);
    const replies = await Promise.all([
      client.create('/m'),
      client.setData('/n', 'y'),
      client.delete('/n'),
      client.sync('/n'),
      client.send(OpCode.multi, () => undefined),
      client.send(OpCode.check, () => undefined),
    ]);
    for (const reply of replies) expect(reply.error).toBe(ErrorCode.notReadOnly);
    expect(dataOf(await client.getData('/n')).data).toBe('x');
  });

  it('closes a session that it alone knows when it is asked to', async () => {
    await alone();
    const client = await server.client(ALLOWED);
    expect((await client.closeSession()).error).toBe(ErrorCode.ok);
    await client.closed;
  });

  it('lets a session that it knows go on reading, but does not end it', async () => {
    const former = await alone();
    const { sessionId, password: passwd } = former;
    await former.drop();
    const client = server.stranger();
    expect(await client.connect({ ...ALLOWED, sessionId, passwd })).toMatchObject({
      sessionId,
      readOnly: true,
    });
    expect((await client.closeSession()).error).toBe(ErrorCode.notReadOnly);
    expect(server.server.coordinator.sessions.has(sessionId)).toBe(true);
    const wrong = server.stranger();
    const passwdWrong = new Uint8Array(16).fill(7);
    expect(await wrong.connect({ ...ALLOWED, sessionId, passwd: passwdWrong })).toMatchObject({
      sessionId: 0,
      timeoutMs: 0,
    });
  });

  it('sends elsewhere who wants to write, who has seen more, and whose session it never saw', async () => {
    await alone();
    const passwd = new Uint8Array(16);
    const others = [{ readOnly: false }, { ...ALLOWED, lastZxidSeen: 99 }];
    for (const request of [...others, { ...ALLOWED, sessionId: 77, passwd }]) {
      await expect(server.stranger().connect(request)).rejects.toThrow('closed');
    }
  });

  it('tells it to who asks with four-letter words', async () => {
    await alone();
    const ask = (word: string): Promise<string> => exchange(server.port, word);
    expect(await ask('isro')).toBe('ro');
    expect(await ask('srvr')).toMatch(
      /^Zookeeper version: \S+\nREAD-ONLY mode; serving only read-only clients\n[^]*\nMode: read-only\n/,
    );
    await server.client(ALLOWED);
    expect(await ask('mntr')).toMatch(/\nzk_server_state\tread-only\n[^]*\nzk_local_sessions\t1\n/);
  });

  it('takes in who has been waiting for a leader, once that has taken too long', async () => {
    server = await TestServer.start({ readOnly: 'served' });
    server.consensus.follow(0);
    server.consensus.hold();
    const client = server.stranger();
    const connected = client.connect(ALLOWED);
    const writer = server.stranger();
    const refused = writer.connect({ readOnly: false });
    refused.catch(() => undefined);
    while (server.consensus.proposed.length < 2) await new Promise(setImmediate);
    server.pass(1_900);
    expect(client.arrived).toEqual([]);
    server.pass(100);
    expect((await connected).readOnly).toBe(true);
    await expect(refused).rejects.toThrow('closed');
  });

  it('drops them when the quorum is back, and their sessions were never in the log', async () => {
    await alone();
    const client = await server.client(ALLOWED);
    const sessions = server.server.coordinator.sessions.size;
    server.consensus.release();
    server.consensus.follow(2);
    await client.closed;
    expect(await exchange(server.port, 'isro')).toBe('rw');
    const again = await server.client(ALLOWED);
    expect(again.sessionId).toBeLessThan(1_000);
    expect(server.server.coordinator.sessions.size).toBe(sessions + 1);
  });

  it('cuts those who fall silent for their whole timeout', async () => {
    await alone();
    const [silent, alive] = [await server.client(ALLOWED), await server.client(ALLOWED)];
    for (let i = 0; i < 5; i++) {
      server.pass(2_500);
      await alive.ping();
    }
    await silent.closed;
    expect((await alive.ping()).error).toBe(ErrorCode.ok);
  });
});

describe('a node without a quorum that may not', () => {
  it('lets everybody wait', async () => {
    const server = await TestServer.start();
    server.consensus.follow(0);
    server.consensus.hold();
    const client = server.stranger();
    const connected = client.connect(ALLOWED);
    while (server.consensus.proposed.length < 1) await new Promise(setImmediate);
    server.pass(5_000);
    expect(await exchange(server.port, 'isro')).toBe('null');
    expect(client.arrived).toEqual([]);
    server.consensus.follow(2);
    server.consensus.release();
    expect((await connected).readOnly).toBe(false);
    await server.stop();
  });
});

describe('a node without a quorum', () => {
  let server: TestServer;
  afterEach(() => server.stop());

  it('lets a client go that closes its session, and ends the session once that can be decided', async () => {
    server = await TestServer.start();
    const [leaving, staying] = [await server.client(), await server.client()];
    const { sessions } = server.server.coordinator;
    server.consensus.follow(0);
    server.consensus.hold();
    const proposed = server.consensus.proposed.length;
    const closing = leaving.closeSession();
    closing.catch(() => undefined);
    while (server.consensus.proposed.length === proposed) await new Promise(setImmediate);
    server.pass(1_900);
    expect((await leaving.ping()).error).toBe(ErrorCode.ok);
    server.pass(100);
    await leaving.closed;
    await expect(closing).rejects.toThrow('closed');
    expect(sessions.has(leaving.sessionId)).toBe(true);
    expect((await staying.ping()).error).toBe(ErrorCode.ok);
    server.consensus.release();
    server.consensus.follow(2);
    await staying.sync('/');
    expect(sessions.has(leaving.sessionId)).toBe(false);
  });
});
