import { ErrorCode, OpCode, writeMultiReadRequest } from '@bellwether/protocol';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { SERVER_LIMITS } from '../../src/server/limits.ts';
import { dataOf, exchange } from './support/test-client.ts';
import { TestServer } from './support/test-server.ts';

describe('the limits of the server', () => {
  let server: TestServer | undefined;
  afterEach(() => server?.stop());

  it('closes on a frame that is too long, and says so in its log', async () => {
    server = await TestServer.start({ frameBytesMax: 1_000 });
    const client = await server.client();
    expect((await client.create('/n', 'x'.repeat(800))).error).toBe(ErrorCode.ok);
    await expect(client.create('/m', 'x'.repeat(1_000))).rejects.toThrow('closed');
    expect(server.lines.join('')).toMatch(
      /WARN {2}server: bad frame length client=.* length=1\d{3}/,
    );
  });

  it('takes a frame of the longest length, in as many chunks as it comes', async () => {
    server = await TestServer.start();
    const client = await server.client();
    const data = 'x'.repeat(1_000_000);
    await client.create('/n', data);
    expect(dataOf(await client.getData('/n')).data).toBe(data);
  });

  it('takes no long frame from who has no session, and any other one right behind the first', async () => {
    server = await TestServer.start();
    const length = Buffer.alloc(4);
    length.writeInt32BE(SERVER_LIMITS.greetingFrameBytesMax + 1);
    expect(await exchange(server.port, length)).toBe('');
    expect(server.lines.join('')).toContain('bad frame length');
    const client = await server.client();
    expect((await client.create('/n', 'x'.repeat(10_000))).error).toBe(ErrorCode.ok);
  });

  it('closes on a negative length', async () => {
    server = await TestServer.start();
    expect(await exchange(server.port, Buffer.from([255, 255, 255, 0]))).toBe('');
  });

  it('refuses more connections from one address than it may have, until one is gone', async () => {
    server = await TestServer.start({ connectionsPerAddressMax: 2 });
    const first = await server.client();
    await server.client();
    await expect(server.client()).rejects.toThrow('closed');
    expect(server.server.stats.connectionsRejected).toBe(1);
    expect(server.lines.join('')).toContain('too many connections from this address');
    await first.closeSession();
    while (server.server.connectionCount > 1) await new Promise(setImmediate);
    const again = await server.client();
    expect((await again.exists('/')).error).toBe(ErrorCode.ok);
  });

  it('refuses more connections than it may have in all', async () => {
    server = await TestServer.start({ connectionsMax: 1 });
    await server.client();
    await expect(server.client()).rejects.toThrow('closed');
  });

  it('stops answering a client that does not take its replies, and goes on when it does', async () => {
    server = await TestServer.start();
    const client = await server.client();
    const data = 'x'.repeat(500_000);
    await client.create('/big', data);
    client.socket.pause();
    const reads = Array.from({ length: 80 }, () => client.getData('/big'));
    const other = await server.client();
    for (let i = 0; i < 20; i++) await other.ping();
    // Far less than the 40 MB that were asked for: the kernel's buffers and the limit.
    expect(server.server.stats.packetsSent).toBeLessThan(70);
    client.socket.resume();
    for (const reply of await Promise.all(reads)) expect(reply.body.length).toBe(500_072);
  });

  it('cuts a client whose replies cannot wait, before they fill the memory', async () => {
    server = await TestServer.start();
    const slow = await server.client();
    const writer = await server.client();
    const [big, small] = ['/big', '/small'];
    await writer.create(big, 'x'.repeat(800_000));
    await writer.create(small);
    slow.socket.pause();
    // Reads that wait behind a write are answered before the next one applies, whatever the pace.
    server.consensus.hold();
    for (let i = 0; i < 60; i++) {
      void slow.setData(small, '');
      void slow.getData(big);
    }
    while (server.consensus.proposed.length < 60) await new Promise(setImmediate);
    server.consensus.release();
    expect((await writer.sync('/')).error).toBe(ErrorCode.ok);
    expect(server.server.stats.connectionsDropped).toBe(1);
    expect(server.lines.join('')).toContain('client does not take its replies');
    slow.socket.resume();
    await slow.closed;
  });

  it('reads from nobody while too much is proposed and not applied', async () => {
    server = await TestServer.start();
    const writer = await server.client();
    const reader = await server.client();
    server.consensus.hold();
    const data = 'x'.repeat(900_000);
    const count = Math.ceil(SERVER_LIMITS.pendingProposalBytesMax / data.length) + 5;
    const writes = Array.from({ length: count }, (_, i) => writer.create(`/n${i}`, data));
    while (server.consensus.pendingBytes <= SERVER_LIMITS.pendingProposalBytesMax) {
      await new Promise(setImmediate);
    }
    const read = reader.exists('/');
    // Words are answered all the same; it is the time in which the read would have been.
    expect(await Promise.race([read, exchange(server.port, 'ruok')])).toBe('imok');
    expect(server.consensus.pendingBytes).toBeLessThan(18 * 1024 * 1024);
    server.consensus.release();
    expect((await read).error).toBe(ErrorCode.ok);
    for (const reply of await Promise.all(writes)) expect(reply.error).toBe(ErrorCode.ok);
  });

  it('takes no identities that would not fit a request', async () => {
    server = await TestServer.start();
    const client = await server.client();
    expect((await client.auth('digest', `${'u'.repeat(20_000)}:p`)).error).toBe(ErrorCode.ok);
    const more = await client.auth('digest', `${'v'.repeat(900_000)}:p`);
    expect(more.error).toBe(ErrorCode.authFailed);
    await client.closed;
    expect(server.fatal).toEqual([]);
  });

  it('cuts a connection that says nothing', async () => {
    server = await TestServer.start();
    const silent = connect({ port: server.port, host: '127.0.0.1' });
    const closed = new Promise((resolve) => silent.on('close', resolve));
    await server.client();
    server.pass(SERVER_LIMITS.transientMsMax + 200);
    await closed;
  });
});

describe('a reply that is longer than a frame may be', () => {
  let server: TestServer;
  afterEach(() => server.stop());

  it('is an error in its place, and the connection goes on', async () => {
    server = await TestServer.start({ frameBytesMax: 10_000 });
    const client = await server.client();
    await client.create('/dir');
    for (let i = 0; i < 30; i++) await client.create(`/dir/${String(i).padStart(500, '0')}`);
    const reply = await client.getChildren('/dir');
    expect(reply).toMatchObject({ error: ErrorCode.marshallingError, zxid: 33 });
    expect(reply.body).toHaveLength(0);
    expect((await client.exists('/dir')).error).toBe(ErrorCode.ok);
    expect(server.server.stats.repliesTooLong).toBe(1);
    expect(server.lines.join('')).toMatch(
      /WARN {2}server: reply too long client=\S+ sessionId=2 operation=GETC bytes=15\d{3}\n/,
    );
  });

  it('leaves the replies before and behind it in the same turn as they are', async () => {
    server = await TestServer.start({ frameBytesMax: 1_000 });
    const client = await server.client();
    await client.create('/n', 'x'.repeat(940));
    await client.create('/dir');
    for (let i = 0; i < 3; i++) await client.create(`/dir/${String(i).padStart(400, '0')}`);
    const replies = await Promise.all([
      client.exists('/n'),
      client.getChildren('/dir'),
      client.exists('/dir'),
    ]);
    expect(replies.map(({ error }) => error)).toEqual([0, ErrorCode.marshallingError, 0]);
    expect(replies.map(({ body }) => body.length)).toEqual([68, 0, 68]);
  });

  it('is given up early when there are gigabytes behind one request', async () => {
    server = await TestServer.start();
    const client = await server.client();
    await client.create('/n', 'x'.repeat(1_000_000));
    const operations = Array.from({ length: 20_000 }, () => ({
      opCode: OpCode.getData as typeof OpCode.getData,
      path: '/n',
    }));
    const reply = await client.send(OpCode.multiRead, (writer) =>
      writeMultiReadRequest(writer, operations),
    );
    expect(reply.error).toBe(ErrorCode.marshallingError);
    expect(reply.body).toHaveLength(0);
    expect(server.server.stats.repliesTooLong).toBe(1);
    expect((await client.exists('/n')).body).toHaveLength(68);
  });

  it('is let through when it is just as long as that', async () => {
    // 16 of header, 4 of length, 68 of Stat.
    server = await TestServer.start({ frameBytesMax: 500 + 88 });
    const client = await server.client();
    await client.create('/n', 'x'.repeat(500));
    expect((await client.getData('/n')).error).toBe(ErrorCode.ok);
  });
});

describe('requests that wait', () => {
  let server: TestServer;
  afterEach(() => server.stop());

  it('stop those who have any when there are too many of all clients together', async () => {
    server = await TestServer.start({ outstandingMax: 1_100 });
    const [one, other, idle] = [
      await server.client(),
      await server.client(),
      await server.client(),
    ];
    await one.create('/n');
    server.consensus.hold();
    const writes = Array.from({ length: 900 }, () => one.setData('/n', ''));
    while (server.server.inspection.report().outstandingRequests < 900) {
      await new Promise(setImmediate);
    }
    const more = Array.from({ length: 900 }, () => other.setData('/n', ''));
    while (server.server.stats.throttled === 0) await new Promise(setImmediate);
    // Who has nothing waiting is served all the same.
    expect((await idle.exists('/n')).error).toBe(ErrorCode.ok);
    expect(server.server.inspection.report().outstandingRequests).toBe(1_101);
    server.consensus.release();
    for (const reply of await Promise.all([...writes, ...more])) {
      expect(reply.error).toBe(ErrorCode.ok);
    }
    expect(server.server.inspection.report().outstandingRequests).toBe(0);
  });

  it('of a client that left do not hold up the others', async () => {
    server = await TestServer.start({ outstandingMax: 1_100 });
    const [one, other] = [await server.client(), await server.client()];
    await one.create('/n');
    server.consensus.hold();
    for (let i = 0; i < 900; i++) void one.setData('/n', '');
    const writes = Array.from({ length: 300 }, () => other.setData('/n', ''));
    while (server.server.stats.throttled === 0) await new Promise(setImmediate);
    await one.drop();
    while (server.server.connectionCount > 1) await new Promise(setImmediate);
    server.pass(100);
    while (server.server.inspection.report().outstandingRequests < 300) {
      await new Promise(setImmediate);
    }
    server.consensus.release();
    for (const reply of await Promise.all(writes)) expect(reply.error).toBe(ErrorCode.ok);
  });
});

describe('a session whose frames are left lying', () => {
  let server: TestServer;
  afterEach(() => server.stop());

  it('does not expire for pings that the server itself does not read', async () => {
    server = await TestServer.start();
    const client = await server.client({ timeoutMs: 4_000 });
    const silent = await server.client({ timeoutMs: 4_000 });
    await client.create('/n');
    server.consensus.hold();
    const writes = Array.from({ length: 1_200 }, () => client.setData('/n', ''));
    while (server.server.stats.throttled === 0) await new Promise(setImmediate);
    const ping = client.ping();
    server.pass(10_000);
    server.consensus.release();
    for (const reply of await Promise.all(writes)) expect(reply.error).toBe(ErrorCode.ok);
    expect((await ping).error).toBe(ErrorCode.ok);
    expect(server.server.coordinator.sessions.has(client.sessionId)).toBe(true);
    // The clock did run: another one, which was not held and said nothing, is gone.
    await silent.closed;
  });

  it('expires when its client takes no replies at all', async () => {
    server = await TestServer.start();
    const client = await server.client({ timeoutMs: 4_000 });
    await client.create('/big', 'x'.repeat(1_000_000));
    client.socket.pause();
    for (let i = 0; i < 40; i++) void client.getData('/big');
    while (!isCongested(server)) await new Promise(setImmediate);
    server.pass(10_000);
    while (server.server.coordinator.sessions.size > 0) await new Promise(setImmediate);
    client.socket.resume();
    await client.closed;
    expect(server.server.stats.sessionsExpired).toBe(1);
  });

  function isCongested(of: TestServer): boolean {
    return of.server.inspection.connections().some((connection) => connection.isCongested);
  }
});

describe('watches', () => {
  let server: TestServer;
  afterEach(() => server.stop());

  it('of one session have a limit, which is an error of its own', async () => {
    server = await TestServer.start({ watchesPerSessionMax: 3 });
    const client = await server.client();
    for (const path of ['/a', '/b', '/c']) await client.exists(path, true);
    expect((await client.exists('/d', true)).error).toBe(ErrorCode.quotaExceeded);
    expect((await client.exists('/d')).error).toBe(ErrorCode.noNode);
    const watches = { relativeZxid: 0, dataWatches: [], existWatches: ['/d'], childWatches: [] };
    expect((await client.setWatches(watches)).error).toBe(ErrorCode.quotaExceeded);
    await client.create('/a');
    expect((await client.exists('/d', true)).error).toBe(ErrorCode.noNode);
    const other = await server.client();
    expect((await other.exists('/d', true)).error).toBe(ErrorCode.noNode);
  });

  it('that nobody takes the events of do not grow the memory: the client is cut', async () => {
    server = await TestServer.start();
    const slow = await server.client();
    const writer = await server.client();
    const pathOf = (i: number): string => `/${String(i).padStart(10_000, '0')}`;
    const count = 3_000;
    // 30 MB of events, of which the kernel takes some and the server keeps 16.
    for (let i = 0; i < count; i++) void slow.exists(pathOf(i), true);
    expect((await slow.exists('/')).error).toBe(ErrorCode.ok);
    slow.socket.pause();
    let unsentBytesMax = 0;
    for (let i = 0; i < count; i += 100) {
      const creates = Array.from({ length: 100 }, (_, k) => writer.create(pathOf(i + k)));
      await Promise.all(creates);
      for (const { socket } of server.server.inspection.connections()) {
        unsentBytesMax = Math.max(unsentBytesMax, socket.writableLength);
      }
    }
    expect(unsentBytesMax).toBeGreaterThan(SERVER_LIMITS.outputPauseBytes);
    expect(unsentBytesMax).toBeLessThan(SERVER_LIMITS.outputBytesMax + 1024 * 1024);
    expect(server.server.stats.connectionsDropped).toBe(1);
    expect(server.server.connectionCount).toBe(1);
    // Those that were left were forgotten with their client.
    expect(server.server.coordinator.watches.watchCount).toBe(0);
  });
});
