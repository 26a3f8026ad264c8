import {
  CreateMode,
  ErrorCode,
  OPEN_ACL,
  OpCode,
  WatchEventType,
  writeAddWatchRequest,
  writeCreateRequest,
  writeCreateTtlRequest,
} from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { TestClient } from '../server/support/test-client.ts';
import { withCluster } from './cluster-fixture.ts';
import { poll } from './poll.ts';
import { SERVER } from './server-command.ts';

const TEST_TIMEOUT_MS = 60_000;
const CHECK_INTERVAL_MS = 1_000;
const CONFIG = [`znode.container.checkIntervalMs=${CHECK_INTERVAL_MS}`];
const TTL_MS = 3_000;
const LONG_TTL_MS = 600_000;
/** A look at the latest, the loss of a leader, and a machine that is busy with other tests. */
const LATE_MS_MAX = CHECK_INTERVAL_MS + 5_000;
const GONE_DEADLINE_MS = TTL_MS + LATE_MS_MAX;
const PERSISTENT_RECURSIVE = 1;
const DYING = ['/m/c', ...Array.from({ length: 20 }, (_, i) => `/m/ttl-${i}`)];
const STAYING = ['/m/long', '/m/parent', '/m/parent/child', '/m/unused'];

async function must(reply: Promise<{ readonly error: number }>): Promise<void> {
  expect((await reply).error).toBe(ErrorCode.ok);
}

function createTtl(client: TestClient, path: string, ttlMs: number): Promise<void> {
  const flags = CreateMode.persistentWithTtl;
  const data = Buffer.from('x');
  return must(
    client.send(OpCode.createTTL, (writer) =>
      writeCreateTtlRequest(writer, { path, data, acls: OPEN_ACL, flags, ttlMs }),
    ),
  );
}

function createContainer(client: TestClient, path: string): Promise<void> {
  const flags = CreateMode.container;
  return must(
    client.send(OpCode.createContainer, (writer) =>
      writeCreateRequest(writer, { path, data: null, acls: OPEN_ACL, flags }),
    ),
  );
}

/** A session that hears of everything below /m. */
async function watch(port: number): Promise<TestClient> {
  const client = await TestClient.open(port);
  const mode = PERSISTENT_RECURSIVE;
  await must(client.send(OpCode.addWatch, (w) => writeAddWatchRequest(w, { path: '/m', mode })));
  return client;
}

function deletionsSeen(client: TestClient): readonly string[] {
  return client.events
    .filter(({ type }) => type === WatchEventType.nodeDeleted)
    .map(({ path }) => path)
    .filter((path) => DYING.includes(path));
}

function goneFor(client: TestClient, paths: readonly string[]): Promise<true> {
  return poll(`${paths.length} znodes are gone`, GONE_DEADLINE_MS, async () => {
    const seen = deletionsSeen(client);
    return paths.every((path) => seen.includes(path)) ? true : undefined;
  });
}

/** Resolves when the leader has begun another look, and ended it, since this was called. */
async function nextLook(client: TestClient): Promise<void> {
  for (const path of ['/m/tick-1', '/m/tick-2']) {
    await createTtl(client, path, 1);
    await poll(`${path} is gone`, LATE_MS_MAX, async () =>
      (await client.exists(path)).error === ErrorCode.noNode ? true : undefined,
    );
  }
}

// Apache's server takes the interval as a system property only.
describe.skipIf(SERVER === 'zookeeper')('what goes by itself', () => {
  it(
    'goes once, on time and on all nodes, though its leader is killed before',
    () =>
      withCluster(
        async (cluster) => {
          const leader = await cluster.waitForLeader();
          const [one, two] = await cluster.followers();
          const clients = [await TestClient.open(one!.clientPort)];
          const client = clients[0]!;
          await must(client.create('/m'));
          const watchers = await Promise.all([one!, two!].map((node) => watch(node.clientPort)));
          clients.push(...watchers);

          await createContainer(client, '/m/unused');
          await createContainer(client, '/m/c');
          await must(client.create('/m/c/child'));
          await createTtl(client, '/m/long', LONG_TTL_MS);
          await createTtl(client, '/m/parent', TTL_MS);
          await must(client.create('/m/parent/child'));
          const createdMs = performance.now();
          const mortals = DYING.filter((path) => path !== '/m/c');
          await Promise.all(mortals.map((path) => createTtl(client, path, TTL_MS)));
          await leader.kill();
          await must(client.delete('/m/c/child'));

          await goneFor(watchers[0]!, mortals);
          const goneAfterMs = performance.now() - createdMs;
          expect(goneAfterMs).toBeGreaterThanOrEqual(TTL_MS);
          expect(goneAfterMs).toBeLessThan(TTL_MS + LATE_MS_MAX);
          await Promise.all(watchers.map((watcher) => goneFor(watcher, DYING)));

          // Whoever comes after them under the same name is not taken for them.
          await Promise.all(mortals.map((path) => createTtl(client, path, LONG_TTL_MS)));
          leader.start();
          await cluster.waitUntilServing();
          await nextLook(client);
          const [first, ...others] = await cluster.digestsAtSameZxid();
          expect(others).toEqual([first, first]);
          for (const node of cluster.nodes) {
            const reader = await TestClient.open(node.clientPort);
            clients.push(reader);
            for (const path of [...STAYING, ...mortals]) await must(reader.exists(path));
            expect((await reader.exists('/m/c')).error).toBe(ErrorCode.noNode);
          }
          for (const watcher of watchers) {
            expect([...deletionsSeen(watcher)].sort()).toEqual([...DYING].sort());
          }
          for (const each of clients) await each.closeSession();
        },
        { config: CONFIG },
      ),
    TEST_TIMEOUT_MS,
  );
});
