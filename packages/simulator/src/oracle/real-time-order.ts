import type { HistoryRecord, ReadRecord, WriteRecord } from './history.ts';
import { OracleError } from './history.ts';

type Ordered = WriteRecord | ReadRecord;

function isOrdered(record: HistoryRecord): record is Ordered {
  if (record.type === 'write') return record.outcome === 'done' && record.error === 0;
  return record.type === 'read' && record.guarantee === 'linearizable';
}

/**
 * Transactions are ordered as they happened: what was asked for after a write was answered comes
 * behind it, and what is read behind a sync shows it. Over all znodes together, which is more than
 * linearizability of each by itself.
 */
export function checkRealTimeOrder(records: readonly HistoryRecord[]): void {
  const ordered = records.filter(isOrdered);
  const byBegin = [...ordered].sort((a, b) => a.invokedMs - b.invokedMs);
  const writesByEnd = ordered
    .filter((record) => record.type === 'write')
    .sort((a, b) => a.endedMs - b.endedMs);
  let newest = 0;
  let at = 0;
  for (const record of byBegin) {
    for (let write = writesByEnd[at]; write !== undefined; write = writesByEnd[++at]) {
      if (write.endedMs >= record.invokedMs) break;
      newest = Math.max(newest, write.zxid);
    }
    const isBehind = record.type === 'write' ? record.zxid > newest : record.zxid >= newest;
    if (isBehind) continue;
    const what = `a ${record.type} at ${record.zxid} was asked for after ${newest} was answered`;
    throw new OracleError('realTimeOrder', `client ${record.client}: ${what}`);
  }
}
