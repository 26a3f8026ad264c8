import { createServer } from 'node:net';

/**
 * Below the range from which Linux takes the local ports of outgoing connections (32768 and up), so
 * that no client's connection can sit on a server's port while that server restarts.
 */
const FIRST_PORT = 15_000;
const LAST_PORT = 32_000;

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}

function randomPort(): number {
  return FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));
}

/** `count` different ports on loopback that nobody listens on now. */
export async function findFreePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomPort();
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

/** The first of `count` ports in a row that nobody listens on now. */
export async function findFreePortBlock(count: number): Promise<number> {
  for (;;) {
    const first = Math.min(randomPort(), LAST_PORT - count);
    const ports = Array.from({ length: count }, (_, i) => first + i);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return first;
  }
}
