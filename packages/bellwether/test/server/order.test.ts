import { ErrorCode, OpCode, SpecialXid, WatchEventType } from '@bellwether/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SERVER_LIMITS } from '../../src/server/limits.ts';
import { dataOf, exchange, pathOf, type Reply } from './support/test-client.ts';
import { TestServer } from './support/test-server.ts';

describe('the order of replies', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await TestServer.start();
  });
  afterEach(() => server.stop());

  it('answers a pipeline of writes and reads in its order, each read seeing the writes before it', async () => {
    const client = await server.client();
    await client.create('/n', 'start');
    const reads: Promise<Reply>[] = [];
    const writes: Promise<Reply>[] = [];
    for (let i = 0; i < 50; i++) {
      writes.push(client.setData('/n', `v${i}`));
      for (let k = 0; k < i % 3; k++) reads.push(client.getData('/n'));
    }
    await Promise.all(writes);
    const seen = (await Promise.all(reads)).map((reply) => dataOf(reply).data);
    const wanted = Array.from({ length: 50 }, (_, i) => Array<string>(i % 3).fill(`v${i}`)).flat();
    expect(seen).toEqual(wanted);
    const xids = client.arrived.map((item) => ('xid' in item ? item.xid : 0));
    expect(xids).toEqual(Array.from({ length: xids.length }, (_, i) => i + 1));
  });

  it('does not show a read what a later write of the same batch does', async () => {
    const client = await server.client();
    await client.create('/n', 'a');
    server.consensus.hold();
    const all = [
      client.setData('/n', 'b'),
      client.getData('/n'),
      client.setData('/n', 'c'),
      client.getData('/n'),
    ];
    await client.ping();
    server.consensus.release();
    const replies = await Promise.all(all);
    expect(dataOf(replies[1]!).data).toBe('b');
    expect(dataOf(replies[3]!).data).toBe('c');
    expect(replies[1]!.zxid).toBe(replies[0]!.zxid);
  });

  it('does not let the reads of one session wait for the writes of another', async () => {
    const writer = await server.client();
    const reader = await server.client();
    await writer.create('/n', 'old');
    server.consensus.hold();
    const write = writer.setData('/n', 'new');
    await writer.ping();
    expect(dataOf(await reader.getData('/n')).data).toBe('old');
    server.consensus.release();
    await write;
    expect(dataOf(await reader.getData('/n')).data).toBe('new');
  });

  it('answers a ping before its turn, while nobody leads', async () => {
    const client = await server.client();
    server.consensus.follow(0);
    server.consensus.hold();
    const write = client.create('/n');
    const ping = await client.ping();
    expect(ping).toMatchObject({ xid: SpecialXid.ping, error: ErrorCode.ok });
    expect(client.arrived).toHaveLength(1);
    server.consensus.release();
    expect((await write).error).toBe(ErrorCode.ok);
  });

  it('goes on with reads while nobody leads', async () => {
    const client = await server.client();
    await client.create('/n', 'x');
    server.consensus.follow(0);
    server.consensus.hold();
    expect(dataOf(await client.getData('/n')).data).toBe('x');
  });

  it('keeps the place of a sync, and answers it with its path', async () => {
    const client = await server.client();
    server.consensus.hold();
    const create = client.create('/n', '1');
    const sync = client.sync('/n');
    const read = client.getData('/n');
    await client.ping();
    server.consensus.release();
    await create;
    expect(pathOf(await sync)).toBe('/n');
    expect(dataOf(await read).data).toBe('1');
    const order = client.arrived.map((item) => ('xid' in item ? item.xid : 0));
    expect(order).toEqual([SpecialXid.ping, 1, 2, 3]);
  });

  it('answers a sync only when its read index is applied', async () => {
    const client = await server.client();
    server.consensus.hold();
    const sync = client.sync('/');
    await client.ping();
    server.server.onReadIndex(1, server.consensus.appliedIndex + 1);
    await client.ping();
    expect(client.arrived).toHaveLength(2);
    server.consensus.commitForeign(new Uint8Array([99]), 2);
    server.consensus.flush();
    expect(await sync).toMatchObject({ error: ErrorCode.ok, zxid: server.consensus.appliedIndex });
  });

  it('answers a sync and a read before a write that is applied while they wait', async () => {
    const client = await server.client();
    await client.create('/n', 'before');
    server.consensus.hold();
    const sync = client.sync('/n');
    const read = client.getData('/n');
    const write = client.setData('/n', 'after');
    await client.ping();
    server.consensus.release();
    expect((await sync).error).toBe(ErrorCode.ok);
    expect(dataOf(await read).data).toBe('before');
    expect((await write).zxid).toBe(server.consensus.appliedIndex);
  });

  it('sends a watch event before the reply that shows the change', async () => {
    const writer = await server.client();
    const watcher = await server.client();
    await writer.create('/n', 'old');
    await watcher.getData('/n', true);
    server.consensus.hold();
    const write = writer.setData('/n', 'new');
    const own = watcher.setData('/other', '');
    const read = watcher.getData('/n');
    await Promise.all([writer.ping(), watcher.ping()]);
    server.consensus.release();
    await Promise.all([write, own]);
    expect(dataOf(await read).data).toBe('new');
    expect(watcher.arrived.slice(2)).toMatchObject([
      { type: WatchEventType.nodeDataChanged, state: 3, path: '/n' },
      { xid: 2, error: ErrorCode.noNode },
      { xid: 3 },
    ]);
  });

  it('tells the writer its own event before its own reply', async () => {
    const client = await server.client();
    await client.exists('/n', true);
    await client.create('/n');
    expect(client.arrived.slice(1)).toMatchObject([
      { type: WatchEventType.nodeCreated, path: '/n' },
      { xid: 2 },
    ]);
  });

  it('answers what was asked before a write of another batch is seen', async () => {
    const client = await server.client();
    const path = pathOf(await client.create('/s', '', 2));
    expect(path).toBe('/s0000000000');
  });

  it('answers malformed requests with an error, and goes on', async () => {
    const client = await server.client();
    const write = client.send(OpCode.create, (writer) => writer.writeInt(5));
    const read = client.send(OpCode.getData, (writer) => writer.writeInt(5));
    const sync = client.send(OpCode.sync, (writer) => writer.writeInt(5));
    for (const reply of await Promise.all([write, read, sync])) {
      expect(reply.error).toBe(ErrorCode.marshallingError);
      expect(reply.body).toHaveLength(0);
    }
    expect((await client.exists('/')).error).toBe(ErrorCode.ok);
  });

  it('answers an unknown operation in its turn, then closes', async () => {
    const client = await server.client();
    const create = client.create('/n');
    const unknown = client.send(777, () => undefined);
    expect((await create).error).toBe(ErrorCode.ok);
    expect(await unknown).toMatchObject({ zxid: -1, error: ErrorCode.unimplemented });
    await client.closed;
  });

  it('closes on a frame that is too short for a header', async () => {
    const client = await server.client();
    client.sendFrame((writer) => writer.writeInt(1));
    await client.closed;
  });

  it('stops reading a client with too many requests in flight, and loses none', async () => {
    const client = await server.client();
    await client.create('/n', 'x');
    server.consensus.hold();
    const first = client.setData('/n', 'y');
    const reads = Array.from({ length: 3_000 }, () => client.getData('/n'));
    const last = client.setData('/n', 'z');
    let queued = 0;
    while (queued < SERVER_LIMITS.outstandingPerConnectionMax) {
      queued = Number(/queued=(\d+)/.exec(await exchange(server.port, 'stat'))?.[1]);
    }
    expect(queued).toBe(SERVER_LIMITS.outstandingPerConnectionMax);
    server.consensus.release();
    await first;
    const seen = new Set((await Promise.all(reads)).map((reply) => dataOf(reply).data));
    expect([...seen]).toEqual(['y']);
    expect((await last).error).toBe(ErrorCode.ok);
  });
});
