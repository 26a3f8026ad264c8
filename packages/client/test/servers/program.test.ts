import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../../src/client.ts';
import type { ClientError } from '../../src/errors.ts';
import { Ensemble } from './ensemble.ts';
import { SYSTEMS } from './systems.ts';

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

/** What a program prints and how it ends; it is given 20 s for that. */
async function run(args: readonly string[]): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, args, { cwd: PACKAGE, timeout: 20_000 });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = (await once(child, 'close')) as [number];
  return { code, output };
}

describe.skipIf(SYSTEMS[0]!.missing !== undefined)('a program', () => {
  let ensemble: Ensemble;
  beforeAll(async () => {
    ensemble = await Ensemble.start(SYSTEMS[0]!, 1);
  }, 60_000);
  afterAll(() => ensemble.stop());

  it('ends by itself when it has closed its client', async () => {
    const program = `
      import { Client } from '@bellwether/client';
      import { Lock, NodeCache, ServiceRegistry } from '@bellwether/client/recipes';
      const client = await Client.connect('${ensemble.connectString}');
      const hold = await new Lock(client, '/lock').acquire();
      const cache = new NodeCache(client, '/node');
      await new ServiceRegistry(client, '/services').register('web', { address: 'here' });
      client.watch('/', { recursive: true });
      await cache.ready;
      console.log(hold.isHeld, cache.current);
      await client.close();
      console.log('closed');`;
    expect(await run(['--input-type=module', '-e', program])).toEqual({
      code: 0,
      output: 'true null\nclosed\n',
    });
  });

  it('can be of CommonJS', async () => {
    const program = `
      const { Client } = require('@bellwether/client');
      const { Lock } = require('@bellwether/client/recipes');
      Client.connect('${ensemble.connectString}').then(async (client) => {
        await new Lock(client, '/lock').use(() => console.log('held'));
        await client.close();
      });`;
    const { code, output } = await run(['--no-warnings', '--input-type=commonjs', '-e', program]);
    expect({ code, output }).toEqual({ code: 0, output: 'held\n' });
  });
});

const hasOpenSsl = spawnSync('openssl', ['version']).status === 0;

describe.skipIf(!hasOpenSsl || SYSTEMS[0]!.missing !== undefined)(
  hasOpenSsl ? 'TLS' : 'TLS (skipped: no openssl in the PATH)',
  () => {
    let ensemble: Ensemble;
    let directory: string;
    let proxy: Server;
    let servers: string;
    const read = (name: string): Buffer => readFileSync(join(directory, name));

    beforeAll(async () => {
      ensemble = await Ensemble.start(SYSTEMS[0]!, 1);
      directory = mkdtempSync(join(tmpdir(), 'bellwether-client-tls-'));
      makeCertificates(directory);
      const options = { cert: read('server.crt'), key: read('server.key'), ca: read('ca.crt') };
      proxy = createServer({ ...options, requestCert: true }, (socket) => {
        const onward = connect(ensemble.servers[0]!.port, '127.0.0.1');
        socket.on('error', () => onward.destroy()).pipe(onward);
        onward.on('error', () => socket.destroy()).pipe(socket);
      });
      proxy.on('tlsClientError', () => undefined);
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      servers = `localhost:${(proxy.address() as AddressInfo).port}`;
    }, 60_000);
    afterAll(async () => {
      proxy.close();
      await ensemble.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    it('with a CA of its own and a certificate for the client', async () => {
      const tls = { ca: read('ca.crt'), cert: read('client.crt'), key: read('client.key') };
      const client = await Client.connect(servers, { tls });
      const large = Buffer.alloc(500_000, 3);
      await client.create('/tls', large);
      expect((await client.getData('/tls')).data.equals(large)).toBe(true);
      await client.close();
    });

    it('refuses a server that nobody vouches for, and a missing certificate', async () => {
      const fail = (tls: object): Promise<ClientError> =>
        Client.connect(servers, { tls, connectTimeoutMs: 500 }).then(
          () => Promise.reject(new Error('it connected')),
          (error: ClientError) => error,
        );
      expect(await fail({})).toMatchObject({ code: 'cannotConnect' });
      expect((await fail({})).message).toContain('certificate');
      expect((await fail({ ca: read('ca.crt') })).code).toBe('cannotConnect');
    });
  },
);

function makeCertificates(directory: string): void {
  const openssl = (...args: readonly string[]): void => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: directory, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=ca');
  for (const name of ['server', 'client']) {
    const subject = name === 'server' ? 'localhost' : name;
    const names = ['-addext', `subjectAltName=DNS:${subject}`];
    const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`];
    const signer = ['-CA', 'ca.crt', '-CAkey', 'ca.key'];
    openssl('req', '-x509', ...signer, ...key, ...files, '-subj', `/CN=${subject}`, ...names);
  }
}
