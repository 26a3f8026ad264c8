import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { withCluster } from './cluster-fixture.ts';
import { ServerProcess } from './server-process.ts';

const PROGRAM = fileURLToPath(new URL('./kazoo_client.py', import.meta.url));
const TEST_TIMEOUT_MS = 60_000;

/**
 * A distribution's python3 has the distribution's kazoo, which another one in the PATH may
 * hide.
 */
const python = [process.env['PYTHON'] ?? 'python3', '/usr/bin/python3'].find(
  (program) => spawnSync(program, ['-c', 'import kazoo']).status === 0,
);
const title = python === undefined ? 'kazoo (skipped: no python3 that can import kazoo)' : 'kazoo';

describe.skipIf(python === undefined)(title, () => {
  it(
    'creates, watches, sets, locks and deletes, with transactions and the errors it expects',
    () =>
      withCluster(async (cluster) => {
        const client = new ServerProcess([python!, PROGRAM, cluster.connectString]);
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
