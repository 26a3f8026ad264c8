/* Commands about this node: its settings, its state, what it has counted. */
import { configuration } from '../server/configuration-report.ts';
import { environment } from '../server/environment.ts';
import { byPath, type Inspection } from '../server/inspection.ts';
import { newestSnapshot } from '../server/newest-snapshot.ts';
import { monitorValues } from '../server/monitor-values.ts';
import type { ServerReport } from '../server/server-report.ts';
import { setsByExpiry } from '../server/session-dump.ts';
import type { SizeStats } from '../server/summary.ts';
import type { AdminCommand, Json, JsonFields } from './command.ts';
import { connectionJson } from './connection-json.ts';
import { runtimeProperties } from './runtime-properties.ts';

/** As signed 64-bit numbers of Java; what JSON readers take for exact. */
const TRACE_MASK_MAX = BigInt(Number.MAX_SAFE_INTEGER);

export const NODE_COMMANDS: readonly AdminCommand[] = [
  { names: ['configuration', 'conf', 'config'], when: 'serving', run: configurationJson },
  { names: ['connection_stat_reset', 'crst'], when: 'serving', run: resetConnections },
  { names: ['connections', 'cons'], when: 'serving', run: connections },
  { names: ['dirs'], when: 'serving', run: directories },
  { names: ['dump'], when: 'serving', run: dump },
  {
    names: ['environment', 'env', 'envi'],
    when: 'always',
    run: () => Object.fromEntries(environment()),
  },
  { names: ['get_trace_mask', 'gtmk'], when: 'always', run: traceMask },
  { names: ['hash'], when: 'serving', run: hash },
  {
    names: ['is_read_only', 'isro'],
    when: 'serving',
    run: ({ mode }) => ({ read_only: mode === 'read-only' }),
  },
  { names: ['last_snapshot', 'lsnp'], when: 'serving', run: lastSnapshot },
  { names: ['monitor', 'mntr'], when: 'always', run: monitor },
  { names: ['ruok'], when: 'serving', run: () => ({}) },
  { names: ['server_stats', 'srvr'], when: 'serving', run: serverStats },
  { names: ['set_trace_mask', 'stmk'], when: 'always', run: setTraceMask },
  { names: ['stat_reset', 'srst'], when: 'serving', run: resetStats },
  { names: ['stats', 'stat'], when: 'serving', run: stats },
  { names: ['system_properties', 'sysp'], when: 'always', run: () => runtimeProperties() },
  { names: ['watch_summary', 'wchs'], when: 'serving', run: watchSummary },
  { names: ['watches', 'wchc'], when: 'serving', run: watches },
  { names: ['watches_by_path', 'wchp'], when: 'serving', run: watchesByPath },
];

/** `clientPort` becomes `client_port`. */
function configurationJson(inspection: Inspection): JsonFields {
  const shown = configuration(inspection).filter(([key]) => !/Size$|^secure/.test(key));
  return Object.fromEntries(
    shown.map(([key, value]) => [key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`), value]),
  );
}

function resetConnections(inspection: Inspection): JsonFields {
  inspection.resetConnectionStats();
  return {};
}

function connections(inspection: Inspection): JsonFields {
  const all = inspection.connections().map((one) => connectionJson(one, 'full'));
  return { connections: all, secure_connections: [] };
}

function directories(inspection: Inspection): JsonFields {
  const { dataBytes, logBytes } = inspection.directorySizes();
  return { datadir_size: dataBytes, logdir_size: logBytes };
}

function dump(inspection: Inspection): JsonFields {
  const sets = setsByExpiry(inspection.sessionExpiryMs() ?? new Map<number, number>());
  return {
    expiry_time_to_session_ids: Object.fromEntries(sets.map(([atMs, ids]) => [atMs, ids])),
    session_id_to_ephemeral_paths: Object.fromEntries(inspection.ephemerals()),
  };
}

function traceMask(inspection: Inspection): JsonFields {
  const mask = inspection.traceMask;
  return { tracemask: mask > TRACE_MASK_MAX || mask < 0n ? String(mask) : Number(mask) };
}

function setTraceMask(inspection: Inspection, query: URLSearchParams): JsonFields {
  const text = query.get('traceMask');
  if (text === null) return { error: 'setTraceMask requires long traceMask argument' };
  if (!/^[+-]?\d{1,19}$/.test(text)) {
    return { error: `setTraceMask requires long traceMask argument, got ${text}` };
  }
  inspection.traceMask = BigInt.asIntN(64, BigInt(text));
  return traceMask(inspection);
}

function hash(inspection: Inspection): JsonFields {
  const { zxid, digest } = inspection.digest();
  return { digests: [{ zxid, digest }] };
}

function lastSnapshot({ settings }: Inspection): JsonFields {
  const newest = newestSnapshot(settings.node.dataDir);
  const zxid = newest === undefined ? 'ffffffffffffffff' : newest.index.toString(16);
  return { zxid, timestamp: newest === undefined ? -1 : Math.floor(newest.modifiedMs / 1_000) };
}

function monitor(inspection: Inspection): JsonFields {
  const entries = monitorValues(inspection.report()).map(([name, value]): [string, Json] => {
    return [name, typeof value === 'object' ? value.fraction : value];
  });
  return Object.fromEntries(entries);
}

function sizes({ last, min, max }: SizeStats): JsonFields {
  return { last_buffer_size: last, min_buffer_size: min, max_buffer_size: max };
}

function serverStats(inspection: Inspection): JsonFields {
  const report = inspection.report();
  const replies = sizes(report.stats.replyBytes);
  return {
    version: report.version,
    read_only: report.mode === 'read-only',
    server_stats: { ...countersOf(report, inspection), client_response_stats: replies },
    client_response: replies,
    ...(report.learners === undefined ? {} : { proposal_stats: sizes(report.stats.proposalBytes) }),
    node_count: report.znodes,
  };
}

function countersOf(report: ServerReport, inspection: Inspection): JsonFields {
  const { dataBytes, logBytes } = inspection.directorySizes();
  const { latencyMs, packetsReceived, packetsSent, authFailures } = report.stats;
  return {
    packets_sent: packetsSent,
    packets_received: packetsReceived,
    data_dir_size: dataBytes,
    log_dir_size: logBytes,
    last_processed_zxid: report.zxid,
    outstanding_requests: report.outstandingRequests,
    server_state: report.mode ?? 'null',
    avg_latency: latencyMs.mean,
    max_latency: Math.round(latencyMs.max),
    min_latency: Math.round(latencyMs.min),
    num_alive_client_connections: report.connections,
    auth_failed_count: authFailures,
    non_mtlslocal_conn_count: 0,
    non_mtlsremote_conn_count: 0,
    fsync_threshold_exceed_count: 0,
    provider_null: false,
    uptime: Math.round(report.uptimeMs),
  };
}

function resetStats(inspection: Inspection): JsonFields {
  inspection.stats.reset();
  return {};
}

function stats(inspection: Inspection): JsonFields {
  const all = inspection.connections().map((one) => connectionJson(one, 'brief'));
  return { ...serverStats(inspection), connections: all, secure_connections: [] };
}

function watchSummary({ coordinator: { watches: table } }: Inspection): JsonFields {
  return {
    num_connections: table.watchers().size,
    num_paths: table.pathCount,
    num_total_watches: table.watchCount,
  };
}

function watches(inspection: Inspection): JsonFields {
  return { session_id_to_watched_paths: Object.fromEntries(inspection.watches()) };
}

function watchesByPath(inspection: Inspection): JsonFields {
  return { path_to_session_ids: Object.fromEntries(byPath(inspection.watches())) };
}
