import type { Consensus, FailoverReport, NodeStatus } from '@bellwether/cluster';
import type { MemberConfig } from '../node-config.ts';
import type { Coordinator } from '@bellwether/coordination';
import type { ClientConnections } from './client-connections.ts';
import type { Connection } from './connection.ts';
import { directorySizes, type DirectorySizes } from './directory-sizes.ts';
import type { KnownMembers } from './known-members.ts';
import { SERVER_LIMITS } from './limits.ts';
import type { ReplyOrder } from './reply-order.ts';
import { modeOf, reportOf, type ServerMode, type ServerReport } from './server-report.ts';
import type { ServerSettings } from './server-settings.ts';
import type { ServerStats } from './server-stats.ts';
import type { SessionUpkeep } from './session-upkeep.ts';

/** ZooTrace's default. */
const TRACE_MASK_DEFAULT = 306n;

/** Equal on all nodes that have applied the same zxid. */
export interface StateDigest {
  readonly zxid: number;
  /** In hexadecimal. */
  readonly digest: string;
}

/** What operators are told of a node, by four-letter words and by HTTP. Everything is taken when it is asked for. */
export class Inspection {
  readonly coordinator: Coordinator;
  readonly stats: ServerStats;
  readonly settings: ServerSettings;
  /** Kept because clients set it and ask for it; nothing is traced. */
  traceMask = TRACE_MASK_DEFAULT;
  readonly #connections: ClientConnections;
  readonly #order: ReplyOrder;
  readonly #upkeep: SessionUpkeep;
  readonly #consensus: () => Consensus | undefined;
  readonly #members: KnownMembers;
  readonly #isReadOnly: () => boolean;
  readonly #nowMs: () => number;
  readonly #wallMs: () => number;
  readonly #startedMs: number;
  #leadingSinceMs: number | undefined;

  constructor(parts: {
    readonly coordinator: Coordinator;
    readonly stats: ServerStats;
    readonly settings: ServerSettings;
    readonly connections: ClientConnections;
    readonly order: ReplyOrder;
    readonly upkeep: SessionUpkeep;
    readonly consensus: () => Consensus | undefined;
    readonly members: KnownMembers;
    readonly isReadOnly: () => boolean;
    readonly nowMs: () => number;
    readonly wallMs: () => number;
  }) {
    this.coordinator = parts.coordinator;
    this.stats = parts.stats;
    this.settings = parts.settings;
    this.#connections = parts.connections;
    this.#order = parts.order;
    this.#upkeep = parts.upkeep;
    this.#consensus = parts.consensus;
    this.#members = parts.members;
    this.#isReadOnly = parts.isReadOnly;
    this.#nowMs = parts.nowMs;
    this.#wallMs = parts.wallMs;
    this.#startedMs = parts.nowMs();
  }

  /** This node leads and serves since now, or does not any more. */
  onLeading(isLeading: boolean): void {
    if (!isLeading) this.#leadingSinceMs = undefined;
    else this.#leadingSinceMs ??= this.#nowMs();
  }

  get status(): NodeStatus | undefined {
    return this.#consensus()?.status;
  }

  get failovers(): FailoverReport | undefined {
    return this.#consensus()?.failovers;
  }

  /** In order of their ids, as the newest change has decided. */
  get members(): readonly MemberConfig[] {
    return this.#members.configs;
  }

  /** undefined while nothing is served. */
  get mode(): ServerMode | undefined {
    const { status } = this;
    return this.#isReadOnly() ? 'read-only' : status && modeOf(status);
  }

  report(): ServerReport {
    const { coordinator, stats, status, mode } = this;
    const since = this.#leadingSinceMs;
    return reportOf({
      coordinator,
      stats,
      status,
      failovers: this.failovers,
      mode,
      connections: this.#connections.size,
      localSessions: this.connections().filter((one) => this.#isLocal(one)).length,
      outstandingRequests: this.#order.outstanding,
      pendingSyncs: this.#order.pendingSyncs,
      uptimeMs: this.#nowMs() - this.#startedMs,
      leaderUptimeMs: since === undefined ? 0 : this.#nowMs() - since,
    });
  }

  connections(): readonly Connection[] {
    return this.#connections.all();
  }

  /** When each connection is cut if nothing more is heard of it, ms since 1970. */
  connectionExpiryMs({ state, sessionTimeoutMs, heardMs, transientSinceMs }: Connection): number {
    const deadlineMs =
      state === 'open'
        ? heardMs + sessionTimeoutMs
        : transientSinceMs + SERVER_LIMITS.transientMsMax;
    return this.#wallMs() + deadlineMs - this.#nowMs();
  }

  /** When each session expires if nothing more is heard of it, ms since 1970; only the leader knows. */
  sessionExpiryMs(): ReadonlyMap<number, number> | undefined {
    const nowMs = this.#wallMs();
    const remaining = this.#upkeep.remainingMs();
    return remaining && new Map([...remaining].map(([id, ms]) => [id, nowMs + ms]));
  }

  /** Paths of the ephemerals of every session that has any. */
  ephemerals(): ReadonlyMap<number, readonly string[]> {
    const paths = new Map<number, readonly string[]>();
    for (const id of this.coordinator.sessions.keys()) {
      const owned = this.coordinator.ephemeralsOf(id);
      if (owned.length > 0) paths.set(id, owned);
    }
    return paths;
  }

  /** What the clients of this node watch, by session. */
  watches(): ReadonlyMap<number, readonly string[]> {
    const { watches } = this.coordinator;
    const paths = new Map<number, readonly string[]>();
    for (const connection of this.connections()) {
      const watched = watches.pathsOf(connection);
      if (watched.size > 0) paths.set(connection.sessionId, [...watched]);
    }
    return paths;
  }

  directorySizes(): DirectorySizes {
    return directorySizes(this.settings.node.dataDir);
  }

  /** Kept up to date as the state changes. */
  digest(): StateDigest {
    const { coordinator } = this;
    return { zxid: coordinator.lastAppliedIndex, digest: coordinator.digest() };
  }

  resetConnectionStats(): void {
    for (const connection of this.connections()) connection.traffic.reset();
  }

  #isLocal({ isReadOnly, sessionId }: Connection): boolean {
    return isReadOnly && !this.coordinator.sessions.has(sessionId);
  }
}

/** The same, turned round: by path. */
export function byPath(
  pathsBySession: ReadonlyMap<number, readonly string[]>,
): ReadonlyMap<string, readonly number[]> {
  const sessions = new Map<string, number[]>();
  for (const [id, paths] of pathsBySession) {
    for (const path of paths) {
      const ids = sessions.get(path);
      if (ids === undefined) sessions.set(path, [id]);
      else ids.push(id);
    }
  }
  return sessions;
}
