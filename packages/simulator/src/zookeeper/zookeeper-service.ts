import type { CommittedBatch, Consensus, Leadership, MembersOutcome } from '@bellwether/cluster';
import { DEFAULT_TIMING } from '@bellwether/cluster';
import type { LogIndex, NodeId, RequestId } from '@bellwether/raft';
import {
  type Logger,
  SERVER_LIMITS,
  type ServerSettings,
  ZookeeperServer,
} from 'bellwether/testing';
import type { ServicePlace, SimulatedService } from '../application.ts';
import type { ServerSocket } from './client-connection.ts';

/** Sessions end within a run. */
export const SESSION_TIMEOUT_MS = { min: 400, max: 2_000 } as const;
const CONTAINER_CHECK_MS = 300;

/** The production service of a node, with simulated clocks, timers, clients and chance. */
export class ZookeeperService implements SimulatedService {
  readonly server: ZookeeperServer;
  readonly #sockets = new Set<ServerSocket>();

  constructor(place: ServicePlace) {
    this.server = new ZookeeperServer({
      settings: settingsOf(place),
      log: silentLogger(place),
      nowMs: () => place.nowMs(),
      wallMs: () => place.wallMs(),
      randomBytes: (count) => Uint8Array.from({ length: count }, () => place.random.below(256)),
      every: (intervalMs, action) => place.every(intervalMs, action),
      onFatal: (error) => {
        throw error;
      },
    });
  }

  /** A client has connected; to be called on the service thread. */
  accept(socket: ServerSocket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    this.server.accept(socket);
  }

  attach(consensus: Consensus): void {
    this.server.attach(consensus);
  }

  digest(): string {
    const { coordinator } = this.server;
    return `${coordinator.lastAppliedIndex}:${coordinator.digest()}`;
  }

  onProcessEnded(how: 'kill' | 'power'): void {
    if (how === 'kill') for (const socket of this.#sockets) socket.onProcessKilled();
  }

  onCommitted(batch: CommittedBatch): void {
    this.server.onCommitted(batch);
  }

  onLeadership(leadership: Leadership): void {
    this.server.onLeadership(leadership);
  }

  onReadIndex(requestId: RequestId, index: LogIndex): void {
    this.server.onReadIndex(requestId, index);
  }

  onMessage(from: NodeId, bytes: Uint8Array): void {
    this.server.onMessage(from, bytes);
  }

  onMembersOutcome(requestId: RequestId, outcome: MembersOutcome): void {
    this.server.onMembersOutcome(requestId, outcome);
  }

  beginSnapshot(): Iterator<Uint8Array> {
    return this.server.beginSnapshot();
  }

  onOutcomesUnknown(): void {
    this.server.onOutcomesUnknown();
  }

  onRestoreBegin(): void {
    this.server.onRestoreBegin();
  }

  onRestoreChunk(chunk: Uint8Array): void {
    this.server.onRestoreChunk(chunk);
  }

  onRestoreEnd(appliedIndex: LogIndex): void {
    this.server.onRestoreEnd(appliedIndex);
  }

  onFatal(error: Error): void {
    throw error;
  }
}

function settingsOf({ nodeId, members: ids }: ServicePlace): ServerSettings {
  const members = ids.map((id) => ({
    ...{ id, host: `node${id}`, port: 1, clientPort: undefined },
    kind: 'voter' as const,
  }));
  return {
    clientAddress: undefined,
    clientPort: 0,
    sessionTimeoutMsMin: SESSION_TIMEOUT_MS.min,
    sessionTimeoutMsMax: SESSION_TIMEOUT_MS.max,
    connectionsPerAddressMax: 0,
    connectionsMax: 0,
    fourLetterWords: [],
    frameBytesMax: SERVER_LIMITS.frameBytesMax,
    outstandingMax: SERVER_LIMITS.outstandingMax,
    watchesPerSessionMax: 0,
    quotas: 'reported',
    containerCheckMs: CONTAINER_CHECK_MS,
    containerNeverUsedMsMax: 0,
    readOnly: 'refused',
    reconfig: 'allowed',
    digest: { algorithm: 'SHA1', superUser: undefined },
    saslUsers: new Map(),
    node: { nodeId, dataDir: '/data', members, timing: DEFAULT_TIMING },
  };
}

/** Only what is wrong, for the event log. */
function silentLogger(place: ServicePlace): Logger {
  const note = (message: string): void => place.note(`server: ${message}`);
  const logger: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: note,
    error: note,
    area: () => logger,
  };
  return logger;
}
