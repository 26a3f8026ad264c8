import type { HistoryRecord } from './history.ts';
import { OracleError } from './history.ts';
import type { Timelines } from './timelines.ts';

/**
 * What a client is told never goes back: each reply comes from a state that is no older than that of
 * the one before, whichever server gave it.
 */
export function checkReplyOrder(records: readonly HistoryRecord[]): void {
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

/**
 * What a client asks for is done in the order in which it asks, also what it was never answered: a write
 * that was lost with a connection has happened before anything that is asked for over the next one, or
 * never does.
 */
export function checkEffectOrder(records: readonly HistoryRecord[], timelines: Timelines): void {
  const newest = new Map<number, number>();
  for (const record of records) {
    if (record.type === 'event') continue;
    const { client } = record;
    const zxid = lostAt(record, timelines) ?? record.zxid;
    if (zxid === 0) continue;
    const before = newest.get(client) ?? 0;
    const isLost = record.type === 'write' && record.outcome === 'indeterminate';
    if (zxid < before || (isLost && zxid === before)) {
      const what = isLost ? 'has an effect' : 'is answered';
      const than = `although something that it did before was at ${before}`;
      throw new OracleError(
        'clientOrder',
        `what client ${client} asks ${what} at ${zxid}, ${than}`,
      );
    }
    newest.set(client, zxid);
  }
}

/** The transaction of a write that was not answered, if anybody saw its effect. */
function lostAt(record: HistoryRecord, timelines: Timelines): number | undefined {
  if (record.type !== 'write' || record.outcome !== 'indeterminate') return undefined;
  for (const { value } of record.changes) {
    const zxid = timelines.zxidOf(value);
    if (zxid !== undefined) return zxid;
  }
  return undefined;
}
