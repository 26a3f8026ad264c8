import { describe, expect, it } from 'vitest';
import { OPEN_ACL, Permission } from '@bellwether/protocol';
import { CClient } from './c-client.ts';
import { withCluster, type TestCluster } from './cluster-fixture.ts';
import { RawClient } from './raw-client.ts';
import { cliMt, kazoo, kazooPython, titleOf, zkCli } from './requirements.ts';
import { ServerProcess } from './server-process.ts';
import { runZkCli } from './zkcli.ts';

const TEST_TIMEOUT_MS = 60_000;
/** As ZooKeeper's DigestAuthenticationProvider prints it with digestAlg=SHA-256. */
const ANN_SHA256 = 'ann:gW+b8HZum3TwTstGfpl32bPArFr4tjcyRtV13gDSyK0=';
const CONFIG = ['DigestAuthenticationProvider.digestAlg=SHA-256'];

const KAZOO_PROGRAM = `
import sys
from kazoo.client import KazooClient
from kazoo.exceptions import NoAuthError
client = KazooClient(hosts=sys.argv[1], timeout=10)
client.start(timeout=20)
try:
    client.get("/guarded")
except NoAuthError:
    print("closed before")
client.add_auth("digest", "ann:secret")
print(client.get("/guarded")[0].decode())
client.stop()
`;

/** A cluster with a znode that only ann may read. */
async function withGuarded(body: (cluster: TestCluster) => Promise<void>): Promise<void> {
  await withCluster(
    async (cluster) => {
      const client = await RawClient.connect(cluster.nodes[0]!.clientPort);
      const guard = { perms: Permission.all, scheme: 'digest', id: ANN_SHA256 };
      await client.create('/guarded', 'for ann', [guard]);
      await client.create('/open', 'for all', OPEN_ACL);
      await client.close();
      await body(cluster);
    },
    { config: CONFIG },
  );
}

describe('passwords hashed by SHA-256', () => {
  it.skipIf(kazoo.missing !== undefined)(
    `are those that ${titleOf(kazoo)} offers`,
    () =>
      withGuarded(async (cluster) => {
        const command = [kazooPython!, '-c', KAZOO_PROGRAM, cluster.connectString] as const;
        const client = new ServerProcess(command);
        await client.waitForOutput(/^closed before\nfor ann$/m);
        await client.waitForEnd();
        expect(client.exitCode).toBe(0);
      }),
    TEST_TIMEOUT_MS,
  );

  it.skipIf(cliMt.missing !== undefined)(
    `are those that the ${titleOf(cliMt)} offers`,
    () =>
      withGuarded(async (cluster) => {
        const client = await CClient.connect(cluster.nodes[1]!.address);
        try {
          await client.run('get /guarded', /\/guarded: rc = -102\n/);
          client.send('addauth digest ann:guess');
          await client.run('get /guarded', /\/guarded: rc = -102\n/);
          client.send('addauth digest ann:secret');
          await client.run('get /guarded', /\/guarded: rc = 0\n value_len = 7\nfor ann\n/);
        } finally {
          await client.kill();
        }
      }),
    TEST_TIMEOUT_MS,
  );

  it.skipIf(zkCli.missing !== undefined)(
    `are those that ${titleOf(zkCli)} offers and shows`,
    () =>
      withGuarded(async (cluster) => {
        const output = await runZkCli(cluster.nodes[2]!.address, [
          'get /guarded',
          'addauth digest ann:secret',
          'get /guarded',
          'create /own mine auth::cdrwa',
          'getAcl /own',
        ]);
        expect(output).toMatch(/Insufficient permission : \/guarded[^]*^for ann$/m);
        expect(output).toContain(`'digest,'${ANN_SHA256}\n: cdrwa`);
      }),
    TEST_TIMEOUT_MS,
  );
});
