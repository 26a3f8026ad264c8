/*
 * What `mntr` tells, and the admin server's `monitor`: the names are those of ZooKeeper 3.9, without
 * the zk_ in front. What has no meaning here (caches and queues of the Java server) is left out.
 */
import type { NodeStatus } from '@bellwether/cluster';
import { failoverValues } from './failover-report.ts';
import type { LearnersReport, ServerReport } from './server-report.ts';
import type { Summary } from './summary.ts';

/** A number that Java prints with a fraction, whole or not. */
export interface Fraction {
  readonly fraction: number;
}

export type MonitorValue = readonly [name: string, value: string | number | Fraction];

export function monitorValues(report: ServerReport): MonitorValue[] {
  const { stats } = report;
  return [
    ['version', report.version],
    ['server_state', report.mode ?? 'null'],
    ...peerState(report),
    ...gauges(report),
    ...learners(report.learners),
    ...counters(report),
    ...summary('readlatency', stats.readLatencyMs),
    ...summary('updatelatency', stats.updateLatencyMs),
    ...flushes(report.status),
    ...(report.failovers === undefined ? [] : failoverValues(report.failovers)),
  ];
}

function peerState({ mode }: ServerReport): MonitorValue[] {
  switch (mode) {
    case 'leader':
      return [['peer_state', 'leading - broadcast']];
    case 'follower':
      return [['peer_state', 'following - broadcast']];
    case 'observer':
      return [['peer_state', 'observing - broadcast']];
    case 'read-only':
      return [['peer_state', 'looking']];
    default:
      return [];
  }
}

function gauges(report: ServerReport): MonitorValue[] {
  const { stats } = report;
  return [
    ['ephemerals_count', report.ephemerals],
    ['num_alive_connections', report.connections],
    ['avg_latency', { fraction: stats.latencyMs.mean }],
    ['outstanding_requests', report.outstandingRequests],
    ['znode_count', report.znodes],
    ['global_sessions', report.sessions],
    ['non_mtls_remote_conn_count', 0],
    ['last_client_response_size', stats.replyBytes.last],
    ['packets_sent', stats.packetsSent],
    ['packets_received', stats.packetsReceived],
    ['max_client_response_size', stats.replyBytes.max],
    ['connection_drop_probability', { fraction: 0 }],
    ['watch_count', report.watches],
    ['auth_failed_count', stats.authFailures],
    ['min_latency', Math.round(stats.latencyMs.min)],
    ['max_file_descriptor_count', report.openFilesMax],
    ['approximate_data_size', report.dataBytes],
    ['open_file_descriptor_count', report.openFiles],
    ['local_sessions', report.localSessions],
    ['uptime', Math.round(report.uptimeMs)],
    ['max_latency', Math.round(stats.latencyMs.max)],
    ['outstanding_tls_handshake', 0],
    ['min_client_response_size', stats.replyBytes.min],
    ['non_mtls_local_conn_count', 0],
    ...(report.quorumSize === undefined ? [] : ([['quorum_size', report.quorumSize]] as const)),
  ];
}

function learners(report: LearnersReport | undefined): MonitorValue[] {
  if (report === undefined) return [];
  return [
    ['learners', report.learners],
    ['followers', report.followers],
    ['synced_followers', report.syncedFollowers],
    ['synced_non_voting_followers', 0],
    ['synced_observers', report.syncedObservers],
    ['pending_syncs', report.pendingSyncs],
    ['leader_uptime', Math.round(report.leaderUptimeMs)],
    ['last_proposal_size', report.proposalBytes.last],
    ['max_proposal_size', report.proposalBytes.max],
    ['min_proposal_size', report.proposalBytes.min],
  ];
}

function counters({ stats, status }: ServerReport): MonitorValue[] {
  return [
    ['connection_request_count', stats.connectionRequests],
    ['connection_revalidate_count', stats.sessionsRevalidated],
    ['connection_rejected', stats.connectionsRejected],
    ['connection_drop_count', stats.connectionsDropped],
    ['stale_sessions_expired', stats.sessionsExpired],
    ['bytes_received_count', stats.bytesReceived],
    ['response_bytes', stats.bytesSent],
    ['large_responses_refused', stats.repliesTooLong],
    ['request_throttle_wait_count', stats.throttled],
    ['commit_count', stats.commits],
    ['digest_mismatches_count', stats.digestMismatches],
    ['looking_count', status?.elections ?? 0],
    ['insecure_admin_count', 0],
  ];
}

function summary(name: string, measured: Summary): MonitorValue[] {
  return [
    [`avg_${name}`, { fraction: measured.mean }],
    [`min_${name}`, Math.round(measured.min)],
    [`max_${name}`, Math.round(measured.max)],
    [`cnt_${name}`, measured.count],
    [`sum_${name}`, Math.round(measured.sum)],
  ];
}

function flushes(status: NodeStatus | undefined): MonitorValue[] {
  if (status === undefined) return [];
  return [
    ['avg_fsynctime', { fraction: status.flushMsMean }],
    ['max_fsynctime', Math.round(status.flushMsMax)],
    ['cnt_fsynctime', status.flushes],
    ['sum_fsynctime', Math.round(status.flushMsMean * status.flushes)],
  ];
}

/** As Java prints it: always with a fraction. */
export function decimal(value: number): string {
  const rounded = Math.round(value * 10_000) / 10_000;
  return Number.isInteger(rounded) ? `${rounded}.0` : String(rounded);
}

/** For texts. */
export function monitorText(value: MonitorValue[1]): string {
  return typeof value === 'object' ? decimal(value.fraction) : String(value);
}
