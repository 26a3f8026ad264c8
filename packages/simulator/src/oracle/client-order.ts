import type { HistoryRecord } from './history.ts';
import { OracleError } from './history.ts';

/**
 * What a client is told never goes back: each reply comes from a state that is no older than that of
 * the one before, whichever server gave it.
 */
export function checkClientOrder(records: readonly HistoryRecord[]): void {
  const newest = new Map<number, number>();
  for (const record of records) {
    if (record.type === 'event' || record.zxid === 0) continue;
    const { client, zxid } = record;
    const before = newest.get(client) ?? 0;
    if (zxid < before) {
      const what = `client ${client} is answered from ${zxid}, after ${before}`;
      throw new OracleError('clientOrder', what);
    }
    newest.set(client, zxid);
  }
}
