import type { HistoryRecord, ReadRecord } from './history.ts';
import { OracleError } from './history.ts';
import type { Timelines } from './timelines.ts';

/** A read shows what the transactions up to its zxid have left, and nothing else. */
export function checkReads(records: readonly HistoryRecord[], timelines: Timelines): void {
  for (const record of records) {
    if (record.type === 'read' && record.children === undefined) checkRead(record, timelines);
  }
}

function checkRead({ client, path, seen, zxid }: ReadRecord, timelines: Timelines): void {
  const timeline = timelines.of(path);
  const newest = timeline.at(zxid);
  const fail = (what: string): never => {
    const who = `client ${client} reads ${path} at ${zxid}`;
    throw new OracleError('readsSeeTheirState', `${who}: ${what}`);
  };
  if (seen === undefined) {
    const isThere = newest !== undefined && newest.action !== 'delete';
    if (isThere && !timeline.mayBeDeleted) fail(`not there, though written at ${newest.zxid}`);
  } else if (newest?.zxid !== seen.mzxid) {
    fail(`${seen.value ?? 'it'} of ${seen.mzxid}, though changed at ${newest?.zxid}`);
  }
}
