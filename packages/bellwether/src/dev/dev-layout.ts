import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { UserError } from '../cli/user-error.ts';

export const DEV_NODES_MAX = 9;
export const DEV_HOST = '127.0.0.1';

/** One process of the local cluster: where it listens and where its files are. */
export interface DevNode {
  readonly id: number;
  readonly clientPort: number;
  readonly peerPort: number;
  readonly configFile: string;
  readonly dataDir: string;
  readonly logFile: string;
}

/** Clients' ports first, then the nodes' own: with 2181 and three nodes 2181-2183 and 2184-2186. */
export function layOut(nodes: number, port: number, directory: string): readonly DevNode[] {
  const portMax = port + 2 * nodes - 1;
  if (portMax > 65_535) {
    throw new UserError(`${nodes} nodes from --port ${port} on need ports up to ${portMax}`, 2);
  }
  return Array.from({ length: nodes }, (_, position) => {
    const id = position + 1;
    const home = resolve(directory, `node-${id}`);
    return {
      id,
      clientPort: port + position,
      peerPort: port + nodes + position,
      configFile: join(home, 'node.yaml'),
      dataDir: join(home, 'data'),
      logFile: join(home, 'log.txt'),
    };
  });
}

/** The settings of `node`, as `bellwether serve` reads them. */
export function settingsOf(node: DevNode, all: readonly DevNode[]): string {
  const settings = {
    clusterId: 'dev',
    nodeId: node.id,
    dataDir: node.dataDir,
    client: { address: DEV_HOST, port: node.clientPort },
    peers: all.map(({ id, peerPort, clientPort }) => {
      return { id, host: DEV_HOST, port: peerPort, clientPort };
    }),
    // Load programs open many connections, all from this one machine.
    limits: { connectionsPerAddressMax: 0 },
    fourLetterWords: ['*'],
  };
  return `# Written by "bellwether dev" at every start.\n${stringify(settings)}`;
}

export function clientsOf(nodes: readonly DevNode[]): string {
  return nodes.map((node) => `${DEV_HOST}:${node.clientPort}`).join(',');
}
