import type { EventRecord, HistoryRecord, ReadRecord } from './history.ts';
import { OracleError } from './history.ts';
import type { Timelines } from './timelines.ts';

interface Watch {
  /** State that was shown when it was set. */
  readonly since: number;
  readonly wasThere: boolean;
  /** The change has to be told. */
  isDemanded: boolean;
}

/** Watches that one session has set and that have not fired, by kind and path. */
type Outstanding = Map<string, Watch>;

/**
 * Who watches a znode hears of its change before anything that shows a state with the change in it,
 * also when the session moves to another server meanwhile; and hears of it once.
 */
export function checkWatches(
  records: readonly HistoryRecord[],
  timelines: Timelines,
  childChanges: ReadonlyMap<string, readonly number[]> = childChangesIn(records),
): void {
  const bySession = new Map<string, Outstanding>();
  for (const record of records) {
    const name = `${record.client} ${record.session}`;
    const outstanding = bySession.get(name) ?? new Map<string, Watch>();
    bySession.set(name, outstanding);
    if (record.type === 'event') onEvent(record, outstanding);
    else if (record.zxid > 0) {
      checkNotLate(record.client, record.zxid, outstanding, timelines, childChanges);
    }
    if (record.type === 'read') onRead(record, outstanding);
    if (record.type === 'session' && record.what === 'resumed') onResumed(outstanding);
  }
}

function onRead(record: ReadRecord, outstanding: Outstanding): void {
  const { watch, path, zxid } = record;
  if (watch === 'none') return;
  const key = `${watch} ${path}`;
  if (outstanding.get(key)?.isDemanded === true) return;
  const wasThere = watch === 'children' || record.seen !== undefined;
  outstanding.set(key, { since: zxid, wasThere, isDemanded: true });
}

/** What came and went while the session had no connection can't be told from what never was. */
function onResumed(outstanding: Outstanding): void {
  for (const watch of outstanding.values()) watch.isDemanded &&= watch.wasThere;
}

function onEvent({ client, watch, path }: EventRecord, outstanding: Outstanding): void {
  if (outstanding.delete(`${watch} ${path}`)) return;
  throw new OracleError('watches', `client ${client} hears of ${path}, which it does not watch`);
}

function checkNotLate(
  client: number,
  zxid: number,
  outstanding: Outstanding,
  timelines: Timelines,
  childChanges: ReadonlyMap<string, readonly number[]>,
): void {
  for (const [key, { since, isDemanded }] of outstanding) {
    if (!isDemanded) continue;
    const [watch, path] = key.split(' ') as ['data' | 'children', string];
    const changedAt =
      watch === 'data'
        ? timelines.of(path).after(since)?.zxid
        : childChanges.get(path)?.find((change) => change > since);
    if (changedAt === undefined || changedAt > zxid) continue;
    const what = `is answered from ${zxid} before it hears that ${path} changed at ${changedAt}`;
    throw new OracleError('watches', `client ${client} ${what}`);
  }
}

/** When children of a znode are known to have come or gone, in rising order. */
function childChangesIn(records: readonly HistoryRecord[]): Map<string, number[]> {
  const changes = new Map<string, number[]>();
  for (const record of records) {
    if (record.type !== 'write' || record.outcome !== 'done' || record.error !== 0) continue;
    for (const { action, path, made } of record.changes) {
      if (action === 'set') continue;
      const full = made?.path ?? path;
      const parent = full.slice(0, full.lastIndexOf('/'));
      const known = changes.get(parent) ?? [];
      known.push(record.zxid);
      changes.set(parent, known);
    }
  }
  for (const known of changes.values()) known.sort((a, b) => a - b);
  return changes;
}
