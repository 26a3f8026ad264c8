import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withCluster } from './cluster-fixture.ts';
import { findMissingJava } from './java.ts';
import { ServerProcess } from './server-process.ts';

const ZKCLI = process.env['ZKCLI'] ?? '/usr/share/zookeeper/bin/zkCli.sh';
const TEST_TIMEOUT_MS = 60_000;
const missing = existsSync(ZKCLI) ? findMissingJava() : `${ZKCLI} is not there, ZKCLI is not set`;

/** Runs zkCli.sh with the commands on its standard input; returns all that it printed. */
async function runCommands(server: string, commands: readonly string[]): Promise<string> {
  const cli = new ServerProcess([ZKCLI, '-server', server]);
  try {
    // Commands sent before the session is there would fail with ConnectionLoss.
    await cli.waitForOutput(/WatchedEvent state:SyncConnected/);
    commands.forEach((command) => cli.writeLine(command));
    cli.writeLine('quit');
    await cli.waitForEnd();
    return cli.output;
  } finally {
    await cli.end('SIGKILL');
  }
}

describe.skipIf(missing !== undefined)(
  missing === undefined ? 'zkCli.sh' : `zkCli.sh (skipped: ${missing})`,
  () => {
    it(
      'creates, reads, lists, sets and deletes on one server, and sees it all on another',
      () =>
        withCluster(async (cluster) => {
          const [first, second] = cluster.nodes;
          const writing = await runCommands(first!.address, [
            'create /app one',
            'create /app/child two',
            'create -e /app/ephemeral three',
            'create -s /app/item- four',
            'get /app',
            'set /app changed',
            'get -s /app',
            'ls /app',
            'delete /app/child',
            'stat /app',
            'create /app again',
            'delete /missing',
          ]);
          expect(writing).toMatch(/^Created \/app$/m);
          expect(writing).toMatch(/^Created \/app\/child$/m);
          expect(writing).toMatch(/^Created \/app\/ephemeral$/m);
          expect(writing).toMatch(/^Created \/app\/item-0000000002$/m);
          expect(writing).toMatch(/^one$/m);
          expect(writing).toMatch(/^changed$/m);
          expect(writing).toMatch(/^dataVersion = 1$/m);
          expect(writing).toContain('[child, ephemeral, item-0000000002]');
          expect(writing).toMatch(/^cversion = 4$/m);
          expect(writing).toMatch(/^numChildren = 2$/m);
          expect(writing).toContain('Node already exists: /app');
          expect(writing).toContain('Node does not exist: /missing');

          const reading = await runCommands(second!.address, [
            'sync /app',
            'get /app',
            'ls /app',
            'deleteall /app',
            'ls /',
          ]);
          expect(reading).toMatch(/^changed$/m);
          // The first session has been closed by "quit", and took its ephemeral znode with it.
          expect(reading).toContain('[item-0000000002]');
          expect(reading).toContain('[zookeeper]');
        }),
      TEST_TIMEOUT_MS,
    );
  },
);
