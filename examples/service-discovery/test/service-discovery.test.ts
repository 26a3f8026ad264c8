import { Client } from '@bellwether/client';
import { ServiceRegistry } from '@bellwether/client/recipes';
import { startServers } from 'example-support';
import { expect, it, onTestFinished } from 'vitest';
import { BalancedClient } from '../src/balanced-client.ts';
import { REGISTRY, SERVICE } from '../src/backend.ts';
import { forkBackend } from '../dist/backends.js';

/** How often each backend has answered. */
async function answersOf(client: BalancedClient, requests: number): Promise<Map<string, number>> {
  const bodies = await Promise.all(Array.from({ length: requests }, (_, i) => client.get(`/${i}`)));
  const counts = new Map<string, number>();
  for (const [i, body] of bodies.entries()) {
    const [, name = ''] = /^(\w+) greets (\d+)$/.exec(body) ?? [];
    expect(body).toBe(`${name} greets ${i}`);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

it(
  'spreads requests over the backends that are there, and loses none',
  { timeout: 60_000 },
  async () => {
    const servers = await startServers();
    onTestFinished(servers.stop);
    const { connectString } = servers;
    const fork = async (name: string) => {
      const child = await forkBackend(connectString, name);
      onTestFinished(() => void child.kill('SIGKILL'));
      return child;
    };
    const [ann] = await Promise.all([fork('ann'), fork('bob')]);
    const client = await Client.connect(connectString);
    onTestFinished(() => client.close());
    const directory = await new ServiceRegistry(client, REGISTRY).discover(SERVICE);
    const balanced = new BalancedClient(directory);

    expect([...(await answersOf(balanced, 60)).keys()].sort()).toEqual(['ann', 'bob']);

    // Nobody is told yet that it is gone: its session has not run out.
    ann.kill('SIGKILL');
    expect([...(await answersOf(balanced, 60)).keys()]).toEqual(['bob']);
    for await (const instances of directory.changes()) if (instances.length === 1) break;

    servers.kill(1);
    await fork('cat');
    for await (const instances of directory.changes()) if (instances.length === 2) break;
    expect([...(await answersOf(balanced, 60)).keys()].sort()).toEqual(['bob', 'cat']);
  },
);
