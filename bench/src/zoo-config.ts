/** Where one server of an ensemble keeps its files and listens, and where the others do. */
export interface ServerPlan {
  readonly id: number;
  readonly directory: string;
  /** Where it listens. */
  readonly address: string;
  readonly clientPort: number;
  readonly adminPort: number;
  /** All servers of the ensemble, this one among them. */
  readonly peers: readonly PeerPlan[];
}

export interface PeerPlan {
  readonly id: number;
  readonly address: string;
  readonly peerPort: number;
  readonly electionPort: number;
}

/** A zoo.cfg for this server; `extra` are lines that only one system needs. */
export function zooConfig(plan: ServerPlan, extra: readonly string[]): string {
  const lines = [
    'tickTime=2000',
    'initLimit=10',
    'syncLimit=5',
    `dataDir=${plan.directory}`,
    `clientPort=${plan.clientPort}`,
    `clientPortAddress=${plan.address}`,
    'maxClientCnxns=0',
    ...extra,
    ...plan.peers.map((p) => `server.${p.id}=${p.address}:${p.peerPort}:${p.electionPort}`),
  ];
  return `${lines.join('\n')}\n`;
}
