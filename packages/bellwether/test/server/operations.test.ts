import {
  AddWatchMode,
  ErrorCode,
  JuteReader,
  OPEN_ACL,
  OpCode,
  SpecialXid,
  WatcherType,
  readCreate2Response,
  readGetAllChildrenNumberResponse,
  readGetEphemeralsResponse,
  readMultiReadResponse,
  readMultiResponse,
  readWhoAmIResponse,
  writeAddWatchRequest,
  writeCheckWatchesRequest,
  writeCreateRequest,
  writeCreateTtlRequest,
  writeGetAllChildrenNumberRequest,
  writeGetEphemeralsRequest,
  writeMultiReadRequest,
  writeMultiRequest,
  writeRemoveWatchesRequest,
  writeSetWatches2Request,
} from '@bellwether/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Reply, TestClient } from './support/test-client.ts';
import { TestServer } from './support/test-server.ts';

let server: TestServer;
let client: TestClient;

beforeEach(async () => {
  server = await TestServer.start({ containerCheckMs: 1_000 });
  client = await server.client();
});

afterEach(() => server.stop());

const request = (path: string, flags: number) => ({
  path,
  data: Buffer.from('x'),
  acls: OPEN_ACL,
  flags,
});

function createContainer(path: string): Promise<Reply> {
  return client.send(OpCode.createContainer, (w) => writeCreateRequest(w, request(path, 4)));
}

function createTtl(path: string, ttlMs: number): Promise<Reply> {
  return client.send(OpCode.createTTL, (w) =>
    writeCreateTtlRequest(w, { ...request(path, 5), ttlMs }),
  );
}

function addWatch(path: string, mode: number): Promise<Reply> {
  return client.send(OpCode.addWatch, (w) => writeAddWatchRequest(w, { path, mode }));
}

const errorOf = async (reply: Promise<Reply>): Promise<number> => (await reply).error;
const readerOf = async (reply: Promise<Reply>): Promise<JuteReader> =>
  new JuteReader((await reply).body);

/** What the leader has proposed is applied with the clock of the server, then it is looked at. */
async function pass(ms: number): Promise<void> {
  server.pass(ms);
  server.consensus.timeMs += ms;
  await client.sync('/');
}

describe('containers', () => {
  it('are made, and removed by the leader after their last child', async () => {
    const { path, stat } = readCreate2Response(await readerOf(createContainer('/c')));
    expect(path).toBe('/c');
    expect(stat.ephemeralOwner).toBe(0);
    await pass(5_000);
    expect(await errorOf(client.exists('/c'))).toBe(ErrorCode.ok);
    await client.create('/c/child');
    await pass(5_000);
    await client.delete('/c/child');
    expect(await errorOf(client.exists('/c', true))).toBe(ErrorCode.ok);
    await pass(1_100);
    await client.eventsArrived(1);
    expect(client.events).toMatchObject([{ type: 2, path: '/c' }]);
    expect(await errorOf(client.exists('/c'))).toBe(ErrorCode.noNode);
  });

  it('are left alone by a node that does not lead', async () => {
    await createContainer('/c');
    await client.create('/c/child');
    await client.delete('/c/child');
    server.consensus.follow(2);
    const proposed = server.consensus.proposed.length;
    server.pass(5_000);
    expect(server.consensus.proposed.length).toBe(proposed);
  });
});

describe('TTL nodes', () => {
  it('go when their time is over', async () => {
    server.consensus.timeMs += server.nowMs;
    expect(await errorOf(createTtl('/t', 3_000))).toBe(ErrorCode.ok);
    await pass(2_000);
    expect(await errorOf(client.exists('/t'))).toBe(ErrorCode.ok);
    await pass(2_000);
    await pass(1_100);
    expect(await errorOf(client.exists('/t'))).toBe(ErrorCode.noNode);
  });

  it('need a time', async () => {
    expect(await errorOf(createTtl('/t', 0))).toBe(ErrorCode.badArguments);
  });
});

describe('reads about more than one znode', () => {
  it('count all that is below', async () => {
    for (const path of ['/a', '/a/b', '/a/b/c', '/ab']) await client.create(path);
    const count = async (path: string) => {
      const reply = client.send(OpCode.getAllChildrenNumber, (w) =>
        writeGetAllChildrenNumberRequest(w, { path }),
      );
      const { error } = await reply;
      if (error !== 0) return error;
      return readGetAllChildrenNumberResponse(await readerOf(reply)).totalNumber;
    };
    expect(await count('/a')).toBe(2);
    expect(await count('/')).toBe(7);
    expect(await count('/ab')).toBe(0);
    expect(await count('/none')).toBe(ErrorCode.noNode);
  });

  it('name the ephemerals of the session, by prefix', async () => {
    const other = await server.client();
    await other.create('/other', '', 1);
    for (const path of ['/e1', '/e2', '/x']) await client.create(path, '', 1);
    const list = async (prefixPath: string | null) => {
      const reply = client.send(OpCode.getEphemerals, (w) =>
        writeGetEphemeralsRequest(w, { prefixPath }),
      );
      return readGetEphemeralsResponse(await readerOf(reply)).ephemerals.toSorted();
    };
    expect(await list('/e')).toEqual(['/e1', '/e2']);
    for (const all of [null, '', ' ', '/', '\u0001/\t ', '\0']) {
      expect(await list(all)).toEqual(['/e1', '/e2', '/x']);
    }
    for (const none of ['/none', '\u3000', '\u00a0/']) expect(await list(none)).toEqual([]);
  });

  it('answer each part of a multiRead by itself', async () => {
    await client.create('/a', 'data');
    await client.create('/a/b');
    const reply = client.send(OpCode.multiRead, (w) =>
      writeMultiReadRequest(w, [
        { opCode: OpCode.getData, path: '/a' },
        { opCode: OpCode.getData, path: '/none' },
        { opCode: OpCode.getChildren, path: '/a' },
        { opCode: OpCode.getChildren, path: '/none' },
      ]),
    );
    const [data, noData, children, noChildren] = readMultiReadResponse(await readerOf(reply));
    expect(data).toMatchObject({ opCode: 4, stat: { numChildren: 1, dataLength: 4 } });
    expect(children).toEqual({ opCode: 8, children: ['b'] });
    for (const failed of [noData, noChildren]) {
      expect(failed).toEqual({ opCode: -1, error: ErrorCode.noNode });
    }
  });

  it('can not be mixed with writes', async () => {
    const multi = client.send(OpCode.multi, (w) =>
      writeMultiReadRequest(w, [{ opCode: OpCode.getData, path: '/' }]),
    );
    expect(await errorOf(multi)).toBe(ErrorCode.marshallingError);
    const multiRead = client.send(OpCode.multiRead, (w) =>
      writeMultiRequest(w, [{ opCode: OpCode.check, request: { path: '/', version: -1 } }]),
    );
    expect(await errorOf(multiRead)).toBe(ErrorCode.marshallingError);
  });

  it('tell who asks, without what proves it', async () => {
    await client.auth('digest', 'ann:secret');
    const reply = client.send(OpCode.whoAmI, () => undefined);
    expect(readWhoAmIResponse(await readerOf(reply)).clientInfo).toEqual([
      { authScheme: 'ip', user: '127.0.0.1' },
      { authScheme: 'digest', user: 'ann' },
    ]);
  });
});

describe('a multi', () => {
  it('makes containers and TTL nodes', async () => {
    const reply = client.send(OpCode.multi, (w) =>
      writeMultiRequest(w, [
        { opCode: OpCode.createContainer, request: request('/c', 4) },
        { opCode: OpCode.createTTL, request: { ...request('/t', 6), ttlMs: 9 } },
      ]),
    );
    expect(readMultiResponse(await readerOf(reply))).toMatchObject([
      { opCode: OpCode.create2, path: '/c' },
      { opCode: OpCode.create2, path: '/t0000000001' },
    ]);
  });
});

describe('lasting watches', () => {
  it('stay, and are told before the reply to their cause', async () => {
    const reply = await addWatch('/a', AddWatchMode.persistentRecursive);
    expect([reply.error, ...reply.body]).toEqual([0, 0, 0, 0, 0]);
    await client.create('/a');
    await client.create('/a/b');
    await client.setData('/a/b', 'x');
    expect(client.events).toMatchObject([
      { type: 1, path: '/a' },
      { type: 1, path: '/a/b' },
      { type: 3, path: '/a/b' },
    ]);
  });

  it('have one of two modes', async () => {
    for (const mode of [-1, 2]) {
      expect(await errorOf(addWatch('/a', mode))).toBe(ErrorCode.marshallingError);
    }
  });

  it('can be asked for and removed, by type', async () => {
    await addWatch('/a', AddWatchMode.persistent);
    const check = (type: number) =>
      errorOf(
        client.send(OpCode.checkWatches, (w) => writeCheckWatchesRequest(w, { path: '/a', type })),
      );
    const remove = (type: number) =>
      errorOf(
        client.send(OpCode.removeWatches, (w) =>
          writeRemoveWatchesRequest(w, { path: '/a', type }),
        ),
      );
    expect(await check(WatcherType.persistent)).toBe(ErrorCode.ok);
    expect(await check(WatcherType.any)).toBe(ErrorCode.ok);
    expect(await check(WatcherType.data)).toBe(ErrorCode.noWatcher);
    expect(await remove(WatcherType.children)).toBe(ErrorCode.noWatcher);
    expect(await remove(WatcherType.any)).toBe(ErrorCode.ok);
    expect(await check(WatcherType.any)).toBe(ErrorCode.noWatcher);
    expect(await check(9)).toBe(ErrorCode.marshallingError);
    await client.create('/a');
    expect(client.events).toEqual([]);
  });

  it('come back with setWatches2', async () => {
    const reply = client.send(
      OpCode.setWatches2,
      (w) =>
        writeSetWatches2Request(w, {
          relativeZxid: 0,
          dataWatches: ['/gone'],
          existWatches: [],
          childWatches: [],
          persistentWatches: ['/p'],
          persistentRecursiveWatches: ['/r'],
        }),
      SpecialXid.setWatches,
    );
    expect(await errorOf(reply)).toBe(ErrorCode.ok);
    for (const path of ['/p', '/p/x', '/r', '/r/x']) await client.create(path);
    expect(client.events.map(({ type, path }) => [type, path])).toEqual([
      [2, '/gone'],
      [1, '/p'],
      [4, '/p'],
      [1, '/r'],
      [1, '/r/x'],
    ]);
  });
});

describe('quotas', () => {
  const quota = '/zookeeper/quota/a';
  const limits = 'count=1,bytes=-1=;byteHardLimit=3';

  async function setQuota(): Promise<void> {
    for (const path of ['/a', quota]) await client.create(path);
    await client.create(`${quota}/zookeeper_limits`, limits);
    await client.create(`${quota}/zookeeper_stats`, 'count=0,bytes=0');
  }

  it('are reported, but not each time', async () => {
    await setQuota();
    for (const path of ['/a/b', '/a/c']) {
      expect(await errorOf(client.create(path, '1234'))).toBe(ErrorCode.ok);
    }
    const warnings = server.lines.filter((line) => line.includes('quota exceeded'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('/a');
    expect(warnings[0]).toContain('hard');
  });

  it('stop requests where they are enforced', async () => {
    await server.stop();
    server = await TestServer.start({ quotas: 'enforced' });
    client = await server.client();
    await setQuota();
    expect(await errorOf(client.create('/a/b', '1234'))).toBe(ErrorCode.quotaExceeded);
    expect(await errorOf(client.create('/a/b', '123'))).toBe(ErrorCode.ok);
    expect(await errorOf(client.setData('/a', '1'))).toBe(ErrorCode.quotaExceeded);
  });
});
