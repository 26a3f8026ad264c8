import type { Connection } from '../server/connection.ts';
import { operationName } from '../server/operation-names.ts';
import type { JsonFields } from './command.ts';

/** A connection as `stats` and, in full, `connections` tell it. */
export function connectionJson(connection: Connection, form: 'full' | 'brief'): JsonFields {
  const { traffic } = connection;
  const counts = {
    remote_socket_address: connection.remote,
    interest_ops: connection.interestOps,
    outstanding_requests: connection.waiting.size,
    packets_received: traffic.received,
    packets_sent: traffic.sent,
  };
  if (form === 'brief') return counts;
  return {
    ...counts,
    session_id: connection.sessionId,
    last_operation: operationName(traffic.lastOpCode),
    established: connection.establishedMs,
    session_timeout: connection.sessionTimeoutMs,
    last_cxid: traffic.lastXid,
    last_zxid: traffic.lastZxid,
    last_response_time: Math.round(traffic.lastResponseMs),
    last_latency: Math.round(traffic.lastLatencyMs),
    min_latency: Math.round(traffic.latencyMsMin),
    avg_latency: Math.floor(traffic.latencyMsMean),
    max_latency: Math.round(traffic.latencyMsMax),
  };
}
