import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { withCluster } from './cluster-fixture.ts';
import { kazoo, kazooPython, titleOf } from './requirements.ts';
import { ServerProcess } from './server-process.ts';

const PROGRAM = fileURLToPath(new URL('./kazoo_client.py', import.meta.url));
const TEST_TIMEOUT_MS = 60_000;

describe.skipIf(kazoo.missing !== undefined)(titleOf(kazoo), () => {
  it(
    'creates, watches, sets, locks and deletes, with transactions and the errors it expects',
    () =>
      withCluster(async (cluster) => {
        const client = new ServerProcess([kazooPython!, PROGRAM, cluster.connectString]);
        const [, json] = await client.waitForOutput(/^SEEN (.*)$/m);
        await client.waitForEnd();
        expect(JSON.parse(json!)).toEqual({
          created: '/kazoo',
          data: ['one', 0],
          version: 1,
          event: ['CHANGED', '/kazoo'],
          ephemeral: '/kazoo/e-0000000000',
          owner: true,
          children: ['deep', 'e-0000000000'],
          'error-exists': 'NodeExistsError',
          'error-missing': 'NoNodeError',
          'error-version': 'BadVersionError',
          transaction: ['/kazoo/t', 'True', 'True'],
          'locked-by': ['me'],
          gone: true,
        });
        expect(client.exitCode).toBe(0);
      }),
    TEST_TIMEOUT_MS,
  );
});
