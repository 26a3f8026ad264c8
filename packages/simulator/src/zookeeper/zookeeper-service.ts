import type { CommittedBatch, Consensus, Leadership, MembersOutcome } from '@bellwether/cluster';
import { DEFAULT_TIMING } from '@bellwether/cluster';
import { NO_NODE, type LogIndex, type NodeId, type RequestId } from '@bellwether/raft';
import {
  type Logger,
  readExpiry,
  SERVER_LIMITS,
  type ServerSettings,
  ZookeeperServer,
} from 'bellwether/testing';
import type { RandomSource } from '../random.ts';
import type { ServicePlace, SimulatedService } from '../application.ts';
import type { ServerSocket } from './client-connection.ts';
import { watchExpiries } from './expiry-watch.ts';
import type { KeptSessions } from './kept-sessions.ts';

/** Sessions end within a run. */
export const SESSION_TIMEOUT_MS = { min: 400, max: 2_000 } as const;
const CONTAINER_CHECK_MS = 300;
const SNAPSHOT_CHUNK_BYTES_MAX = [200, 1_000, 10_000] as const;

/** The production service of a node, with simulated clocks, timers, clients and chance. */
export class ZookeeperService implements SimulatedService {
  readonly server: ZookeeperServer;
  readonly #sockets = new Set<ServerSocket>();
  readonly #random: RandomSource;
  readonly #nodeId: NodeId;
  readonly #kept: KeptSessions;
  #leadership: Leadership = { role: 'follower', term: 0, leaderId: NO_NODE, isServing: false };

  constructor(place: ServicePlace, kept: KeptSessions) {
    this.#random = place.random.fork('snapshots');
    this.#nodeId = place.nodeId;
    this.#kept = kept;
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
    this.server.attach(new Proxy(consensus, { get: (target, name) => this.#asked(target, name) }));
  }

  /** The consensus as it is, but for what is noted of its use. */
  #asked(consensus: Consensus, name: string | symbol): unknown {
    const value: unknown = Reflect.get(consensus, name);
    if (typeof value !== 'function') return value;
    return (...args: readonly unknown[]): unknown => {
      const [payload] = args;
      if (name === 'propose' && payload instanceof Uint8Array) this.#onProposed(payload);
      return Reflect.apply(value, consensus, args);
    };
  }

  #onProposed(payload: Uint8Array): void {
    const expiry = readExpiry(payload);
    if (expiry !== undefined) this.#kept.onDecided(this.#nodeId, expiry, this.#leadership);
  }

  digest(): string {
    const { coordinator } = this.server;
    return `${coordinator.lastAppliedIndex}:${coordinator.digest()}`;
  }

  onProcessEnded(how: 'kill' | 'power'): void {
    if (how === 'kill') for (const socket of this.#sockets) socket.onProcessKilled();
  }

  onCommitted(batch: CommittedBatch): void {
    const { sessions } = this.server.coordinator;
    const onEnded = this.#kept.onExpired.bind(this.#kept);
    this.server.onCommitted(watchExpiries(batch, sessions, onEnded));
  }

  onLeadership(leadership: Leadership): void {
    this.#leadership = leadership;
    this.server.onLeadership(leadership);
    this.#kept.onLeadership(this.#nodeId, leadership);
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

  /** In many chunks, so that much is changed between them. */
  beginSnapshot(): Iterator<Uint8Array> {
    return this.server.coordinator.snapshot(this.#random.pick(SNAPSHOT_CHUNK_BYTES_MAX));
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
