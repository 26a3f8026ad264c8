import zookeeper, { type Client, type Event } from 'node-zookeeper-client';
import { afterEach, expect, it } from 'vitest';
import { TestServer } from './support/test-server.ts';

let server: TestServer | undefined;
let client: Client | undefined;
afterEach(async () => {
  client?.close();
  await server?.stop();
});

/** The result of a function that calls back with an error or a value. */
function call<T extends readonly unknown[]>(
  action: (done: (error: Error | null, ...result: T) => void) => void,
): Promise<T[0]> {
  return new Promise((resolve, reject) => {
    action((error, ...result) => (error ? reject(error) : resolve(result[0])));
  });
}

it('serves node-zookeeper-client: connect, create, read, watch, list, delete, transaction, close', async () => {
  server = await TestServer.start();
  const { CreateMode } = zookeeper;
  const zk = zookeeper.createClient(`127.0.0.1:${server.port}`, { sessionTimeout: 10_000 });
  client = zk;
  await new Promise<void>((resolve) => {
    zk.once('connected', resolve);
    zk.connect();
  });

  const path = await call<[string]>((done) =>
    zk.create('/app', Buffer.from('one'), CreateMode.PERSISTENT, done),
  );
  expect(path).toBe('/app');
  const member = await call<[string]>((done) =>
    zk.create('/app/m-', Buffer.from(''), CreateMode.EPHEMERAL_SEQUENTIAL, done),
  );
  expect(member).toBe('/app/m-0000000000');

  const watched: Event[] = [];
  const fired = new Promise<void>((resolve) => {
    const watcher = (event: Event): void => {
      watched.push(event);
      resolve();
    };
    zk.getData('/app', watcher, () => undefined);
  });
  await call((done) => zk.setData('/app', Buffer.from('two'), -1, done));
  await fired;
  expect(watched[0]?.getPath()).toBe('/app');
  const data = await call<[Buffer, unknown]>((done) => zk.getData('/app', done));
  expect(data.toString()).toBe('two');
  expect(await call<[string[], unknown]>((done) => zk.getChildren('/app', done))).toEqual([
    'm-0000000000',
  ]);

  await call((done) =>
    zk.transaction().create('/a', Buffer.from('')).setData('/app', Buffer.from('3')).commit(done),
  );
  await expect(call((done) => zk.remove('/app', -1, done))).rejects.toThrow('NOT_EMPTY');
  await call((done) => zk.remove(member, -1, done));
  await call((done) => zk.remove('/app', -1, done));
  expect(await call<[unknown]>((done) => zk.exists('/app', done))).toBeNull();
});
