import type { FailoverReport, NodeStatus } from '@bellwether/cluster';
import type { Coordinator } from '@bellwether/coordination';
import { openFileCount, openFileLimit } from './open-files.ts';
import type { ServerStats } from './server-stats.ts';
import type { SizeStats } from './summary.ts';

/** The level of ZooKeeper whose protocol is spoken, which is what tools look for, and our own version. */
export const REPORTED_VERSION = '3.9.0-bellwether-0.1.0';

/** read-only: there is no quorum, and clients that allow it are served what is here. */
export type ServerMode = 'leader' | 'follower' | 'observer' | 'standalone' | 'read-only';

/** What `srvr` and `mntr` tell, taken at one moment. */
export interface ServerReport {
  readonly version: string;
  /** undefined while no leader serves this node. */
  readonly mode: ServerMode | undefined;
  readonly stats: ServerStats;
  readonly status: NodeStatus | undefined;
  readonly failovers: FailoverReport | undefined;
  readonly connections: number;
  readonly outstandingRequests: number;
  readonly zxid: number;
  readonly znodes: number;
  /** Of paths and data, as ZooKeeper counts them. */
  readonly dataBytes: number;
  readonly watches: number;
  readonly ephemerals: number;
  readonly sessions: number;
  /** Those of read-only clients, which this node alone knows. */
  readonly localSessions: number;
  readonly openFiles: number;
  readonly openFilesMax: number;
  readonly uptimeMs: number;
  /** Voters; undefined when the node is on its own. */
  readonly quorumSize: number | undefined;
  /** undefined unless this node leads others. */
  readonly learners: LearnersReport | undefined;
}

export interface LearnersReport {
  /** All that follow: ZooKeeper counts observers among them here. */
  readonly learners: number;
  readonly followers: number;
  readonly syncedFollowers: number;
  readonly syncedObservers: number;
  readonly pendingSyncs: number;
  readonly leaderUptimeMs: number;
  readonly proposalBytes: SizeStats;
}

/** What reports are made of besides the replicated state. */
export interface ReportSource {
  readonly coordinator: Coordinator;
  readonly stats: ServerStats;
  readonly status: NodeStatus | undefined;
  readonly failovers: FailoverReport | undefined;
  readonly mode: ServerMode | undefined;
  readonly connections: number;
  readonly localSessions: number;
  readonly outstandingRequests: number;
  readonly pendingSyncs: number;
  readonly uptimeMs: number;
  readonly leaderUptimeMs: number;
}

/** Takes the report. */
export function reportOf(source: ReportSource): ServerReport {
  const { coordinator, status, mode } = source;
  return {
    version: REPORTED_VERSION,
    mode,
    stats: source.stats,
    status,
    failovers: source.failovers,
    connections: source.connections,
    outstandingRequests: source.outstandingRequests,
    zxid: coordinator.lastAppliedIndex,
    znodes: coordinator.znodeCount,
    dataBytes: coordinator.approximateDataSize,
    watches: coordinator.watches.watchCount,
    ephemerals: ephemeralCount(coordinator),
    sessions: coordinator.sessions.size,
    localSessions: source.localSessions,
    openFiles: openFileCount(),
    openFilesMax: openFileLimit(),
    uptimeMs: source.uptimeMs,
    quorumSize: status === undefined || isAlone(status) ? undefined : votersOf(status),
    learners: mode === 'leader' && status !== undefined ? learnersOf(source, status) : undefined,
  };
}

/** undefined while there is no leader whose earlier writes are all applied here. */
export function modeOf(status: NodeStatus): ServerMode | undefined {
  const { raft, leadership } = status;
  if (!leadership.isServing) return undefined;
  if (isAlone(status)) return 'standalone';
  if (leadership.role === 'leader') return 'leader';
  return raft.membership.learners.includes(raft.id) ? 'observer' : 'follower';
}

function votersOf({ raft }: NodeStatus): number {
  return raft.membership.voters.length;
}

function isAlone({ raft }: NodeStatus): boolean {
  const { voters, votersOutgoing, learners } = raft.membership;
  return voters.length + votersOutgoing.length + learners.length === 1;
}

function learnersOf(source: ReportSource, { raft }: NodeStatus): LearnersReport {
  const others = raft.progress.filter((progress) => progress.nodeId !== raft.id);
  const live = others.filter((progress) => progress.recentlyActive);
  const synced = live.filter((progress) => progress.state === 'replicate');
  return {
    learners: live.length,
    followers: live.filter((progress) => !progress.isLearner).length,
    syncedFollowers: synced.filter((progress) => !progress.isLearner).length,
    syncedObservers: synced.filter((progress) => progress.isLearner).length,
    pendingSyncs: source.pendingSyncs,
    leaderUptimeMs: source.leaderUptimeMs,
    proposalBytes: source.stats.proposalBytes,
  };
}

function ephemeralCount(coordinator: Coordinator): number {
  let count = 0;
  for (const id of coordinator.sessions.keys()) count += coordinator.ephemeralsOf(id).length;
  return count;
}
