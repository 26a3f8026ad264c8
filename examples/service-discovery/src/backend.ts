import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Client } from '@bellwether/client';
import { ServiceRegistry, type Registration } from '@bellwether/client/recipes';

/** Where services are registered. */
export const REGISTRY = '/services';
/** What the backends of this example are called. */
export const SERVICE = 'greeter';

/** Serves HTTP, and can be found as long as its client is connected; resolves with its registration. */
export async function startBackend(client: Client, name: string): Promise<Registration> {
  const server = createServer((request, response) => {
    response.end(`${name} greets ${request.url?.slice(1) ?? ''}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const registry = new ServiceRegistry(client, REGISTRY);
  return registry.register(SERVICE, { address: '127.0.0.1', port, id: name });
}
