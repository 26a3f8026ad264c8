import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../../src/client.ts';
import type { ClientError } from '../../src/errors.ts';
import { findFreePorts, TestServer } from './ensemble.ts';
import { SYSTEMS } from './systems.ts';

describe.skipIf(SYSTEMS[0]!.missing !== undefined)('SASL', () => {
  let directory: string;
  let server: TestServer;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'bellwether-client-sasl-'));
    const [port = 0] = await findFreePorts(1);
    const configFile = join(directory, 'node.yaml');
    const lines = [
      'nodeId: 1',
      `dataDir: ${join(directory, 'data')}`,
      `client: { address: 127.0.0.1, port: ${port} }`,
      'sasl: { users: { ann: secret } }',
    ];
    writeFileSync(configFile, `${lines.join('\n')}\n`);
    server = new TestServer(port, SYSTEMS[0]!.command(configFile));
    server.start();
    await server.waitUntilServing();
  }, 60_000);
  afterAll(async () => {
    await server.kill();
    rmSync(directory, { recursive: true, force: true });
  });

  it('proves who the client is, before anything else is asked', async () => {
    const sasl = { username: 'ann', password: 'secret' };
    const client = await Client.connect(server.address, { sasl });
    const identities = await client.whoAmI();
    expect(identities).toContainEqual({ authScheme: 'sasl', user: 'ann' });
    await client.create('/mine', 'x', { acls: [{ perms: 31, scheme: 'sasl', id: 'ann' }] });
    expect((await client.getData('/mine')).data.toString()).toBe('x');
    await client.close();
  });

  it('ends a client that is not believed', async () => {
    const sasl = { username: 'ann', password: 'wrong' };
    const error = await Client.connect(server.address, { sasl }).then(
      () => undefined,
      (failure: ClientError) => failure,
    );
    expect(error).toMatchObject({ code: 'closed', cause: { code: 'authFailed' } });
  });
});
