import type { HistoryRecord, ReadRecord } from './history.ts';
import { OracleError } from './history.ts';
import type { Timelines } from './timelines.ts';

/** A read shows what the transactions up to its zxid have left, and nothing else. */
export function checkReads(records: readonly HistoryRecord[], timelines: Timelines): void {
  for (const record of records) {
    if (record.type !== 'read') continue;
    if (record.children === undefined) checkRead(record, timelines);
    else checkChildren(record, record.children, timelines);
  }
}

/**
 * A list of children names those that were there. Names that were given twice tell nothing, and what
 * becomes of ephemerals is judged beside their sessions.
 */
function checkChildren(
  { client, path: parent, zxid }: ReadRecord,
  children: readonly string[],
  timelines: Timelines,
): void {
  const names = new Set(children);
  const fail = (what: string): never => {
    const who = `client ${client} lists ${parent} at ${zxid}`;
    throw new OracleError('readsSeeTheirState', `${who}: ${what}`);
  };
  for (const timeline of timelines.childrenOf(parent)) {
    const [first] = timeline.moments;
    if (first?.action !== 'create' || !timeline.isMadeOnce) continue;
    const isListed = names.has(timeline.path.slice(parent.length + 1));
    const newest = timeline.at(zxid);
    if (isListed && newest === undefined) fail(`${timeline.path}, made at ${first.zxid}`);
    if (isListed && newest?.action === 'delete') {
      fail(`${timeline.path}, deleted at ${newest.zxid}`);
    }
    if (isListed || newest === undefined || timeline.mayVanish) continue;
    fail(`not ${timeline.path}, made at ${first.zxid}`);
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
