import { createServer } from 'node:net';
import { UserError } from '../cli/user-error.ts';
import { DEV_HOST, type DevNode } from './dev-layout.ts';

const PORT_MAX = 65_535;
const PROPOSALS_MAX = 50;

/**
 * Looks at every port before anything starts.
 *
 * @throws UserError that names those that are taken
 */
export async function checkPorts(nodes: readonly DevNode[]): Promise<void> {
  const taken: string[] = [];
  for (const node of nodes) {
    if (!(await isFree(node.clientPort)))
      taken.push(`${node.clientPort} (clients of node ${node.id})`);
    if (!(await isFree(node.peerPort))) taken.push(`${node.peerPort} (node ${node.id} itself)`);
  }
  if (taken.length === 0) return;
  const ports = taken.length === 1 ? 'port' : 'ports';
  const isAre = taken.length === 1 ? 'is' : 'are';
  const proposal = await freeBase(nodes);
  throw new UserError(
    `${ports} ${taken.join(', ')} ${isAre} already in use: choose others with --port` +
      (proposal === undefined ? '' : `, for instance --port ${proposal}`),
  );
}

/** A first port from which on all that are needed are free. */
async function freeBase(nodes: readonly DevNode[]): Promise<number | undefined> {
  const first = nodes[0]?.clientPort ?? 0;
  for (let proposal = 1; proposal <= PROPOSALS_MAX; proposal++) {
    const base = first + proposal * 100;
    const ports = Array.from({ length: nodes.length * 2 }, (_, offset) => base + offset);
    if (base + ports.length > PORT_MAX) return undefined;
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return base;
  }
  return undefined;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else if (error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen({ port, host: DEV_HOST, exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}
