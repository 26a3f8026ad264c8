import type { LogIndex, NodeId, Role, Term } from '@bellwether/raft';
import type { NodeConfig } from '../node-config.ts';

/** What a node says of itself to whoever runs it (`bellwether dev`, the log). */
export interface ServerStatus {
  readonly role: Role;
  readonly term: Term;
  /** NO_NODE while no leader is known. */
  readonly leaderId: NodeId;
  /** The leader's first entry of this term is applied here: requests are answered. */
  readonly isServing: boolean;
  readonly appliedIndex: LogIndex;
  /** Open sessions of the whole cluster, as applied here. */
  readonly sessions: number;
}

export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

export interface RunningServer {
  /** Where clients are accepted; the port is the real one when the settings said 0. */
  readonly clientAddress: SocketAddress;
  /** As of now. */
  status(): ServerStatus;
  /** Calls `onChange` after every change of role, term, leader or `isServing`. */
  onLeadership(onChange: () => void): void;
  /** Closes the connections (sessions stay), flushes, and closes the data directory. */
  stop(): Promise<void>;
}

/**
 * Starts one node: consensus thread, state machine, client port.
 *
 * @throws when a port is taken or the data directory cannot be opened
 */
export function startServer(config: NodeConfig): Promise<RunningServer> {
  return Promise.reject(new Error(`node ${config.nodeId}: the server is not wired up yet`));
}
