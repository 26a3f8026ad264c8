import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { Client } from '../src/client.ts';
import { NodeRuntime } from '../src/node-runtime.ts';
import type { DialTarget, Transport } from '../src/runtime.ts';

const servers: Server[] = [];
const transports: Transport[] = [];

afterEach(async () => {
  for (const transport of transports.splice(0)) transport.destroy();
  await Promise.all(servers.splice(0).map((server) => once(server.close(), 'close')));
});

async function listen(host: string, port = 0): Promise<number> {
  const server = createServer((socket: Socket) => socket.on('error', () => undefined).resume());
  servers.push(server);
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function dial(runtime: NodeRuntime, target: DialTarget): Promise<'connected' | Error> {
  return new Promise((resolve) => {
    const transport = runtime.dial(target, {
      onConnected: () => resolve('connected'),
      onData: () => undefined,
      onClosed: resolve,
    });
    transports.push(transport);
  });
}

it('a name is looked up each time it is dialled, since its addresses change', async () => {
  const port = await listen('127.0.0.1');
  let addresses = ['127.0.0.1'];
  const runtime = new NodeRuntime(undefined, () => Promise.resolve(addresses));
  expect(await dial(runtime, { host: 'zk', port })).toBe('connected');
  addresses = ['127.0.0.2'];
  expect(await dial(runtime, { host: 'zk', port })).toMatchObject({ code: 'ECONNREFUSED' });
  addresses = [];
  expect(await dial(runtime, { host: 'zk', port })).toMatchObject({
    message: 'zk has no address',
  });
});

it('one address of a name that refuses is no reason to give up the others', async () => {
  const port = await listen('127.0.0.1');
  const all = ['127.0.0.2', '127.0.0.3', '127.0.0.1', '127.0.0.4'];
  const runtime = new NodeRuntime(undefined, () => Promise.resolve(all));
  for (let i = 0; i < 5; i++) expect(await dial(runtime, { host: 'zk', port })).toBe('connected');
});

it('clients spread over the addresses of a name', async () => {
  const port = await listen('127.0.0.1');
  await listen('127.0.0.2', port);
  const runtime = new NodeRuntime(undefined, () => Promise.resolve(['127.0.0.1', '127.0.0.2']));
  for (let i = 0; i < 40; i++) await dial(runtime, { host: 'zk', port });
  const counts = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count))),
    ),
  );
  expect(Math.min(...counts)).toBeGreaterThan(0);
});

it('a lookup that fails ends the attempt', async () => {
  const runtime = new NodeRuntime(undefined, () => Promise.reject(new Error('ENOTFOUND')));
  expect(await dial(runtime, { host: 'zk', port: 1 })).toMatchObject({ message: 'ENOTFOUND' });
});

it('keys and certificates that are none are refused before anybody dials', async () => {
  const tls = { cert: 'nonsense', key: 'nonsense' };
  expect(() => new Client('localhost', { tls })).toThrow(/the options for TLS are refused/);
  await expect(Client.connect('127.0.0.1', { tls })).rejects.toMatchObject({
    code: 'badArguments',
  });
});
