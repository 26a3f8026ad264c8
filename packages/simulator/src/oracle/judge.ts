import { checkEffectOrder, checkReplyOrder } from './client-order.ts';
import { checkEphemerals } from './ephemerals.ts';
import type { HistoryRecord } from './history.ts';
import { checkLinearizable } from './linearizable-znodes.ts';
import { checkReads } from './reads.ts';
import { checkRealTimeOrder } from './real-time-order.ts';
import { checkSequences } from './sequences.ts';
import { Timelines } from './timelines.ts';
import { checkWatches } from './watches.ts';

/**
 * Holds what clients were told against everything that is promised to them.
 *
 * @throws OracleError for the first promise that was broken
 */
export function judge(records: readonly HistoryRecord[]): void {
  checkReplyOrder(records);
  const timelines = new Timelines(records);
  checkEffectOrder(records, timelines);
  checkReads(records, timelines);
  checkRealTimeOrder(records);
  checkSequences(records);
  checkEphemerals(records);
  checkWatches(records, timelines);
  checkLinearizable(records);
}
