import { createServer } from 'node:net';

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}

/** `count` ports on loopback that nobody listens on now, the lowest ones from `first` on. */
export async function findFreePorts(first: number, count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let port = first; ports.length < count; port += 1) {
    if (port > 65_535) throw new Error(`no ${count} free ports from ${first} on`);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}
