import type { HistoryRecord } from './history.ts';
import { OracleError } from './history.ts';

interface Named {
  readonly zxid: number;
  readonly name: string;
}

/** The names of sequential znodes are unique, and rise in the order of the transactions. */
export function checkSequences(records: readonly HistoryRecord[]): void {
  const byPrefix = new Map<string, Named[]>();
  for (const record of records) {
    if (record.type !== 'write') continue;
    for (const { kind, path, made } of record.changes) {
      if (kind !== 'sequential' || made === undefined) continue;
      const named = byPrefix.get(path) ?? [];
      named.push({ zxid: record.zxid, name: made.path });
      byPrefix.set(path, named);
    }
  }
  for (const named of byPrefix.values()) checkRising(named);
}

function checkRising(named: readonly Named[]): void {
  const sorted = named.toSorted((a, b) => a.zxid - b.zxid);
  sorted.forEach(({ zxid, name }, at) => {
    const before = sorted[at - 1];
    if (before === undefined || before.name < name) return;
    const what = `${name} at ${zxid} comes after ${before.name} at ${before.zxid}`;
    throw new OracleError('sequences', what);
  });
}
