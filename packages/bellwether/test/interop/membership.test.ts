import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ErrorCode } from '@bellwether/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TestClient } from '../server/support/test-client.ts';
import { outcomeOf } from '../support/outcome.ts';
import { withCluster, type TestCluster } from './cluster-fixture.ts';
import { findFreePorts } from './free-ports.ts';
import { poll } from './poll.ts';
import { SERVER } from './server-command.ts';
import { TestNode } from './test-node.ts';

const TEST_TIMEOUT_MS = 120_000;
const PROMOTED_DEADLINE_MS = 60_000;
const SUPER = ['--auth', 'super:test'];
const CONFIG = [
  'reconfigEnabled=true',
  'DigestAuthenticationProvider.superDigest=super:D/InIHSb7yEEbrWz8b9l71RjZJU=',
];

interface Newcomer {
  readonly node: TestNode;
  readonly peerAddress: string;
}

/** As /zookeeper/config names them. */
async function peersOf(cluster: TestCluster) {
  const { out } = await members(cluster, 'list', '--json');
  const listing = JSON.parse(out) as { members: { id: number; host: string; port: number }[] };
  return listing.members.map(({ id, host, port }) => ({ id, host, port }));
}

/** A node that lists the members and itself, and is none yet. */
async function newcomer(cluster: TestCluster, id: number): Promise<Newcomer> {
  const directory = mkdtempSync(join(tmpdir(), 'bellwether-test-'));
  const [clientPort = 0, peerPort = 0] = await findFreePorts(2);
  const file = join(directory, 'node.yaml');
  const settings = {
    nodeId: id,
    dataDir: join(directory, 'data'),
    client: { address: '127.0.0.1', port: clientPort },
    join: true,
    peers: [...(await peersOf(cluster)), { id, host: '127.0.0.1', port: peerPort }],
    fourLetterWords: ['*'],
  };
  writeFileSync(file, JSON.stringify(settings));
  const node = new TestNode(id, clientPort, file);
  onTestFinished(async () => {
    await node.kill();
    rmSync(directory, { recursive: true, force: true });
  });
  return { node, peerAddress: `127.0.0.1:${peerPort}` };
}

function members(cluster: TestCluster, ...args: readonly string[]) {
  const [command = 'list', ...rest] = args;
  return outcomeOf('members', command, ...rest, '--server', cluster.connectString);
}

async function write(node: TestNode, path: string): Promise<void> {
  const client = await TestClient.open(node.clientPort);
  expect((await client.create(path)).error).toBe(ErrorCode.ok);
  await client.closeSession();
}

/** The leader says so in its log. */
function isDone(cluster: TestCluster, others: readonly TestNode[], version: number): Promise<true> {
  const text = `the members are as decided in version ${version}`;
  return poll(`version ${version} is done`, PROMOTED_DEADLINE_MS, async () => {
    const all = [...cluster.nodes, ...others];
    return Promise.resolve(all.some(({ output }) => output.includes(text)) ? true : undefined);
  });
}

function versionIn({ out }: { readonly out: string }): number {
  return parseInt(/version ([0-9a-f]+)/.exec(out)?.[1] ?? '', 16);
}

describe.skipIf(SERVER !== 'bellwether')('a cluster that runs', () => {
  it(
    'takes a node in for one that is dead, and then survives the loss of another',
    () =>
      withCluster(
        async (cluster) => {
          const [one, two, three] = cluster.nodes;
          if (one === undefined || two === undefined || three === undefined) throw new Error('3');
          const { node: four, peerAddress } = await newcomer(cluster, 4);
          await write(one, '/before');
          await three.kill();
          const client = ['--client', four.address];
          const add = ['add', '4', peerAddress, ...client, '--replace', '3'];
          expect(await members(cluster, ...add)).toMatchObject({
            code: 1,
            err: expect.stringMatching(/noAuth.*--auth/) as string,
          });
          const added = await members(cluster, ...add, ...SUPER);
          expect(added).toMatchObject({ code: 0, err: '' });
          four.start();
          await four.waitUntilServing();
          await isDone(cluster, [four], versionIn(added));
          const leader = await cluster.waitForLeader().catch(() => four);
          await leader.kill();
          const rest = [one, two, four].filter((node) => node !== leader);
          for (const node of rest) await write(node, `/through-${node.id}`);
          const list = await members(cluster, 'list');
          expect(list.out).toMatch(/4 +127\.0\.0\.1:\d+ +127\.0\.0\.1:\d+ +voter +serving/);
        },
        { config: CONFIG },
      ),
    TEST_TIMEOUT_MS,
  );

  it(
    'lets the node go that leads, which sends its clients away',
    () =>
      withCluster(
        async (cluster) => {
          const leader = await cluster.waitForLeader();
          const stays = await cluster.followers();
          const guest = await TestClient.open(leader.clientPort);
          const removed = await members(cluster, 'remove', String(leader.id), ...SUPER);
          expect(removed).toMatchObject({ code: 0, err: '' });
          await guest.closed;
          for (const node of stays) await write(node, `/after-${node.id}`);
          const list = await members(cluster, 'list', '--json');
          const { tolerance } = JSON.parse(list.out) as { readonly tolerance: number };
          expect(tolerance).toBe(0);
          expect(list.out).not.toContain(`"id": ${leader.id},`);
        },
        { config: CONFIG },
      ),
    TEST_TIMEOUT_MS,
  );
});
