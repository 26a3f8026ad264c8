/** Ports of a node; each has a network of its own, so all have the same. */
export const PORTS = { client: 2181, peer: 2888, admin: 8080 } as const;

/** Who may change the members. */
export const SUPER_USER = 'super:test';
const SUPER_USER_HASHED = 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=';

/** Where a node is found. */
export interface NodeAddress {
  readonly id: number;
  readonly address: string;
}

export interface NodeConfigOptions extends NodeAddress {
  readonly dataDirectory: string;
  /** All members that it is told of, itself among them. */
  readonly members: readonly NodeAddress[];
  /** founder: one of the first. newcomer: begins with nothing, in a cluster that runs. */
  readonly as: 'founder' | 'newcomer';
}

/** The configuration file of a node. JSON is YAML. */
export function nodeConfig(options: NodeConfigOptions): string {
  const { id, address, dataDirectory, members } = options;
  const settings = {
    clusterId: 'chaos',
    nodeId: id,
    dataDir: dataDirectory,
    client: { address, port: PORTS.client, reconfig: true },
    admin: { address: '127.0.0.1', port: PORTS.admin },
    join: options.as === 'newcomer',
    peers: members.map((member) => ({
      id: member.id,
      host: member.address,
      port: PORTS.peer,
      clientPort: PORTS.client,
    })),
    session: { timeoutMsMin: 1_000 },
    limits: { connectionsPerAddressMax: 0 },
    digest: { superUser: SUPER_USER_HASHED },
    fourLetterWords: ['*'],
  };
  return `${JSON.stringify(settings, undefined, 2)}\n`;
}
