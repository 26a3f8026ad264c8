import { describe, expect, it } from 'vitest';
import { CClient } from './c-client.ts';
import { withCluster } from './cluster-fixture.ts';
import { cliMt, titleOf } from './requirements.ts';

const TEST_TIMEOUT_MS = 60_000;

describe.skipIf(cliMt.missing !== undefined)(titleOf(cliMt), () => {
  it(
    'creates, reads, lists, sets, watches, authenticates and deletes',
    () =>
      withCluster(async (cluster) => {
        const [one, two] = cluster.nodes;
        const client = await CClient.connect(one!.address);
        const other = await CClient.connect(two!.address);
        try {
          await client.run('create /c', /\[\/c\]: rc = 0\n\tname = \/c\n/);
          await client.run('create +e /c/e', /\[\/c\/e\]: rc = 0\n\tname = \/c\/e\n/);
          await client.run('create +s /c/s-', /name = \/c\/s-0000000001\n/);
          await client.run('set /c world', /\/c: rc = 0 Stat:\n[^]*?\tversion=1\taversion=0\n/);
          await other.run('sync /c', /\[\/c\]: rc = 0/);
          await other.run('get /c', /\/c: rc = 0\n value_len = 5\nworld\nStat:\n/);
          await other.run('ls2 /c', /\/c: rc = 0\n(\t(e|s-0000000001)\n){2}/);
          await other.run('wexists /later', /Error -101 for \/later\n/);
          await client.run('delete /c/e', /\/c\/e: rc = 0\n/);
          await other.expect(/CHILD_EVENT state = CONNECTED_STATE for path \/c\n/);
          await client.run('create /later', /name = \/later\n/);
          await other.expect(/CREATED_EVENT state = CONNECTED_STATE for path \/later\n/);
          await client.run('delete /c', /\/c: rc = -111\n/);
          await client.run('create /c', /\[\/c\]: rc = -110\n/);
          await client.run('delete /missing', /\/missing: rc = -101\n/);
          await client.run('addauth nonsense me', /AUTH_FAILED_STATE\n/);
          expect(await other.quit()).toBe(0);
        } finally {
          await Promise.all([client.kill(), other.kill()]);
        }
      }),
    TEST_TIMEOUT_MS,
  );
});
