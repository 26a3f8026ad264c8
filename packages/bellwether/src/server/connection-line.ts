import type { Connection } from './connection.ts';
import { operationName } from './operation-names.ts';

const hex = (value: number): string => value.toString(16);

/** A connection as `cons` and, in brief, `stat` list it. */
export function connectionLine(connection: Connection, form: 'full' | 'brief'): string {
  const { remote, waiting, traffic, sessionId } = connection;
  const counts = `queued=${waiting.size},recved=${traffic.received},sent=${traffic.sent}`;
  const session = form === 'brief' || sessionId === 0 ? '' : sessionPart(connection);
  return ` /${remote}[${hex(connection.interestOps)}](${counts}${session})`;
}

function sessionPart({ sessionId, traffic, establishedMs, sessionTimeoutMs }: Connection): string {
  const { lastXid, lastOpCode, lastZxid, lastLatencyMs, latencyMsMin, latencyMsMax } = traffic;
  return [
    `,sid=0x${hex(sessionId)}`,
    `,lop=${operationName(lastOpCode)}`,
    `,est=${establishedMs}`,
    `,to=${sessionTimeoutMs}`,
    lastXid < 0 ? '' : `,lcxid=0x${hex(lastXid)}`,
    `,lzxid=0x${lastZxid < 0 ? 'ffffffffffffffff' : hex(lastZxid)}`,
    `,lresp=${Math.round(traffic.lastResponseMs)}`,
    `,llat=${Math.round(lastLatencyMs)}`,
    `,minlat=${Math.round(latencyMsMin)}`,
    `,avglat=${Math.floor(traffic.latencyMsMean)}`,
    `,maxlat=${Math.round(latencyMsMax)}`,
  ].join('');
}
