import { createServer } from 'node:net';

/**
 * Below the range from which Linux takes the local ports of outgoing connections (32768 and up), so
 * that no client's connection can sit on a server's port while that server restarts.
 */
interface PortRange {
  readonly first: number;
  readonly last: number;
}

const SINGLE_PORTS: PortRange = { first: 20_000, last: 32_000 };
/** Apart from the others: most of a block is not listened on at once, and must not be given away. */
const BLOCK_PORTS: PortRange = { first: 12_000, last: 19_999 };

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}

function randomPort({ first, last }: PortRange): number {
  return first + Math.floor(Math.random() * (last - first));
}

/** `count` different ports on loopback that nobody listens on now. */
export async function findFreePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomPort(SINGLE_PORTS);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

/** The first of `count` ports in a row that nobody listens on now. */
export async function findFreePortBlock(count: number): Promise<number> {
  for (;;) {
    const first = Math.min(randomPort(BLOCK_PORTS), BLOCK_PORTS.last - count);
    const ports = Array.from({ length: count }, (_, i) => first + i);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return first;
  }
}
