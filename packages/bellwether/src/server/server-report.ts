import type { NodeStatus } from '@bellwether/cluster';
import type { Coordinator } from '@bellwether/coordination';
import type { FollowersReport, ServerMode, ServerReport } from './four-letter-words.ts';
import type { ClientConnections } from './client-connections.ts';
import { openFileCount, openFileLimit } from './open-files.ts';
import type { ServerStats } from './server-stats.ts';

/** The level of ZooKeeper whose protocol is spoken, which is what tools look for, and our own version. */
const REPORTED_VERSION = '3.9.0-bellwether-0.1.0';

/** Collects what the four-letter words tell. */
export function reportOf(options: {
  readonly coordinator: Coordinator;
  readonly connections: ClientConnections;
  readonly stats: ServerStats;
  readonly status: NodeStatus | undefined;
  readonly outstandingRequests: number;
  readonly uptimeMs: number;
}): ServerReport {
  const { coordinator, connections, stats, status } = options;
  return {
    version: REPORTED_VERSION,
    mode: status && modeOf(status),
    latencyMsMin: stats.latencyMsMin,
    latencyMsMean: stats.latencyMsMean,
    latencyMsMax: stats.latencyMsMax,
    packetsReceived: stats.packetsReceived,
    packetsSent: stats.packetsSent,
    connectionsRejected: stats.connectionsRejected,
    connectionsDropped: stats.connectionsDropped,
    outstandingRequests: options.outstandingRequests,
    zxid: coordinator.lastAppliedIndex,
    znodes: coordinator.znodeCount,
    watches: coordinator.watches.pathCount,
    ephemerals: ephemeralCount(coordinator),
    sessions: coordinator.sessions.size,
    openFiles: openFileCount(),
    openFilesMax: openFileLimit(),
    uptimeMs: options.uptimeMs,
    connections: connections.report(),
    followers: status && followersOf(status),
  };
}

/** undefined while there is no leader whose earlier writes are all applied here. */
function modeOf({ raft, leadership }: NodeStatus): ServerMode | undefined {
  if (!leadership.isServing) return undefined;
  const { voters, votersOutgoing, learners } = raft.membership;
  if (voters.length + votersOutgoing.length + learners.length === 1) return 'standalone';
  if (leadership.role === 'leader') return 'leader';
  return learners.includes(raft.id) ? 'observer' : 'follower';
}

function followersOf({ raft, leadership }: NodeStatus): FollowersReport | undefined {
  if (leadership.role !== 'leader' || raft.membership.voters.length === 1) return undefined;
  const others = raft.progress.filter((progress) => progress.nodeId !== raft.id);
  const live = others.filter((progress) => progress.recentlyActive);
  const synced = live.filter((progress) => progress.state === 'replicate');
  return {
    learners: live.length,
    followers: live.filter((progress) => !progress.isLearner).length,
    synced: synced.filter((progress) => !progress.isLearner).length,
    syncedObservers: synced.filter((progress) => progress.isLearner).length,
    quorumSize: raft.membership.voters.length,
  };
}

function ephemeralCount(coordinator: Coordinator): number {
  let count = 0;
  for (const id of coordinator.sessions.keys()) count += coordinator.ephemeralsOf(id).length;
  return count;
}
