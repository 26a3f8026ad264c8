import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@bellwether/client';
import { ServiceRegistry } from '@bellwether/client/recipes';
import { startServers } from 'example-support';
import { REGISTRY, SERVICE } from './backend.ts';
import { forkBackend } from './backends.ts';
import { BalancedClient } from './balanced-client.ts';

const servers = await startServers();
const { connectString } = servers;
const names = ['ann', 'bob', 'cat'];
const backends = await Promise.all(names.map((name) => forkBackend(connectString, name)));
const client = await Client.connect(connectString);
const directory = await new ServiceRegistry(client, REGISTRY).discover(SERVICE);
const balanced = new BalancedClient(directory);

const pids = backends.map(({ pid }, i) => `${names[i]} is process ${pid}`).join(', ');
console.log(`Three servers at ${connectString}; ${pids}.
Kill a backend: the others answer. It is found again by nobody. Ctrl-C ends all.`);

const controller = new AbortController();
process.once('SIGINT', () => controller.abort());
for (let i = 1; !controller.signal.aborted; i++) {
  const { length } = directory.instances;
  console.log(`${await balanced.get(`/${i}`)} (${length} are registered)`);
  await sleep(1_000, undefined, { signal: controller.signal }).catch(() => undefined);
}
for (const backend of backends) backend.kill();
await client.close();
await servers.stop();
