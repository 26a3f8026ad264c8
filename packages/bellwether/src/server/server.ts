import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ConsensusClient,
  isClusterError,
  newIncarnation,
  ProcessChannel,
} from '@bellwether/cluster';
import type { ConsensusOptions, Leadership } from '@bellwether/cluster';
import type { LogIndex, NodeId, Role, Term } from '@bellwether/raft';
import { AdminServer } from '../admin/admin-server.ts';
import type { NodeControl } from '../admin/control.ts';
import { EXIT_FATAL } from '../exit-codes.ts';
import { createLogger, type Logger } from '../logger.ts';
import type { NodeConfig } from '../node-config.ts';
import { handOver } from './hand-over.ts';
import { SERVER_LIMITS } from './limits.ts';
import { consensusMemberOf } from './member-note.ts';
import type { ServerSettings } from './server-settings.ts';
import { ZookeeperServer } from './zookeeper-server.ts';

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
  /** Of the admin server; undefined when there is none. */
  readonly adminAddress: SocketAddress | undefined;
  /** As of now. */
  status(): ServerStatus;
  /** Calls `onChange` after every change of role, term, leader or `isServing`. */
  onLeadership(onChange: () => void): void;
  /**
   * Has another node lead first, if this one does. Then answers what is in flight, closes the
   * connections (sessions stay), flushes, and closes the data directory.
   */
  stop(): Promise<void>;
}

/**
 * Starts one node: consensus, state machine, client port.
 *
 * @param consensusAs a process of its own, or a thread of this one
 * @throws when a port is taken or the data directory cannot be opened
 */
export async function startServer(
  config: NodeConfig,
  consensusAs: 'process' | 'thread' = 'thread',
): Promise<RunningServer> {
  const log = createLogger(config.log, 'server');
  const service = new ZookeeperServer({
    settings: settingsOf(config),
    log,
    nowMs: () => performance.now(),
    wallMs: () => Date.now(),
    randomBytes,
    every,
    onFatal: (error) => {
      log.error('stopping, because going on would not be safe', { error });
      if (!isClusterError(error) || error.code !== 'CONSENSUS_FAILED') process.exit(EXIT_FATAL);
      service.abandon();
      setTimeout(() => process.exit(EXIT_FATAL), SERVER_LIMITS.abandonedMs);
    },
  });
  const consensus = startConsensus(config, service, consensusAs);
  service.attach(consensus);
  await consensus.started;
  const control: NodeControl = {
    transfer: (to) =>
      handOver(consensus, () => service.leadership, SERVER_LIMITS.handOverMsMax, to),
    get leaderId() {
      return service.leadership.leaderId;
    },
  };
  const admin = config.admin && new AdminServer(config.admin, service.inspection, control, log);
  const adminAddress = await onceFree(() => admin?.listen());
  const clientAddress = await onceFree(() => service.listen());
  return new RunningNode({ consensus, service, admin, clientAddress, adminAddress, log });
}

/**
 * A port may still be held, for a moment, by this very node as it was before: when its consensus is killed, the service has
 * to notice that.
 */
async function onceFree<T>(listen: () => T): Promise<Awaited<T>> {
  const untilMs = performance.now() + SERVER_LIMITS.portFreeMsMax;
  for (;;) {
    try {
      return await listen();
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!isTaken || performance.now() > untilMs) throw error;
      await sleep(PORT_POLL_MS);
    }
  }
}

const PORT_POLL_MS = 20;

function startConsensus(
  config: NodeConfig,
  service: ZookeeperServer,
  consensusAs: 'process' | 'thread',
): ConsensusClient {
  const log = createLogger(config.log, 'consensus');
  const { nodeId, clusterId, peerListen, timing, dataDir } = config;
  const options: ConsensusOptions = {
    id: nodeId,
    clusterId,
    start: config.start,
    removeDeadAfterMs: config.removeDeadAfterMs,
    members: config.members.map(consensusMemberOf),
    listenOn: peerListen && { host: peerListen.address, port: peerListen.port },
    dataDirectory: dataDir,
    incarnation: newIncarnation(),
    timing,
  };
  const channel = consensusAs === 'thread' ? undefined : new ProcessChannel(options);
  return new ConsensusClient(options, service, (text) => log.info(text), channel);
}

function settingsOf(config: NodeConfig): ServerSettings {
  return {
    clientAddress: config.client.address,
    clientPort: config.client.port,
    sessionTimeoutMsMin: config.session.timeoutMsMin,
    sessionTimeoutMsMax: config.session.timeoutMsMax,
    connectionsPerAddressMax: config.limits.connectionsPerAddressMax,
    connectionsMax: config.limits.connectionsMax,
    fourLetterWords: config.fourLetterWords,
    frameBytesMax: config.limits.frameBytesMax,
    outstandingMax: config.limits.outstandingMax,
    watchesPerSessionMax: config.limits.watchesPerSessionMax,
    quotas: config.limits.quotas,
    containerCheckMs: config.limits.containerCheckMs,
    containerNeverUsedMsMax: config.limits.containerNeverUsedMsMax,
    readOnly: config.readOnly,
    reconfig: config.reconfig,
    digest: config.digest,
    saslUsers: config.saslUsers,
    node: {
      nodeId: config.nodeId,
      dataDir: config.dataDir,
      members: config.members,
      timing: config.timing,
    },
  };
}

function every(intervalMs: number, action: () => void): () => void {
  const timer = setInterval(action, intervalMs);
  return () => clearInterval(timer);
}

class RunningNode implements RunningServer {
  readonly clientAddress: SocketAddress;
  readonly #consensus: ConsensusClient;
  readonly #service: ZookeeperServer;
  readonly #admin: AdminServer | undefined;
  readonly adminAddress: SocketAddress | undefined;
  readonly #log: Logger;

  constructor(parts: {
    readonly consensus: ConsensusClient;
    readonly service: ZookeeperServer;
    readonly admin: AdminServer | undefined;
    readonly clientAddress: SocketAddress;
    readonly adminAddress: SocketAddress | undefined;
    readonly log: Logger;
  }) {
    this.clientAddress = parts.clientAddress;
    this.#consensus = parts.consensus;
    this.#service = parts.service;
    this.#admin = parts.admin;
    this.adminAddress = parts.adminAddress;
    this.#log = parts.log;
  }

  status(): ServerStatus {
    const { coordinator } = this.#service;
    return {
      ...this.#service.leadership,
      appliedIndex: coordinator.lastAppliedIndex,
      sessions: coordinator.sessions.size,
    };
  }

  onLeadership(onChange: () => void): void {
    this.#service.onLeadershipChange = onChange;
  }

  async stop(): Promise<void> {
    const { handOverMsMax } = SERVER_LIMITS;
    const leadership = (): Leadership => this.#service.leadership;
    const outcome = await handOver(this.#consensus, leadership, handOverMsMax);
    this.#log.info('leadership', { outcome });
    await this.#admin?.close();
    await this.#service.close();
    await this.#consensus.stop();
  }
}
