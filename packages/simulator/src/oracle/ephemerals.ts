import type { HistoryRecord, ReadRecord } from './history.ts';
import { OracleError } from './history.ts';

/** What is known of how long a session was there, in zxids. */
interface Life {
  /** It was there at this one. */
  aliveAt: number;
  /** It was gone at this one. */
  goneAt: number;
}

interface Ephemeral {
  readonly path: string;
  readonly session: number;
  readonly createdAt: number;
}

/** An ephemeral is there exactly as long as its session is, unless it is deleted. */
export function checkEphemerals(records: readonly HistoryRecord[]): void {
  const lives = livesOf(records);
  const { ephemerals, deleted } = ephemeralsIn(records);
  for (const record of records) {
    if (record.type !== 'read') continue;
    if (record.seen !== undefined) checkOwner(record.path, record.seen.owner, record, lives);
    if (record.children !== undefined) checkChildren(record, ephemerals, deleted, lives);
  }
}

function livesOf(records: readonly HistoryRecord[]): Map<number, Life> {
  const lives = new Map<number, Life>();
  const newest = new Map<number, number>();
  for (const record of records) {
    const { client, session } = record;
    if (session === 0) continue;
    const life = lives.get(session) ?? { aliveAt: session, goneAt: Infinity };
    lives.set(session, life);
    // Of two sessions of a client, the older one was over when the younger one began.
    const before = newest.get(client) ?? 0;
    const older = lives.get(before);
    if (before < session && older !== undefined) older.goneAt = Math.min(older.goneAt, session);
    newest.set(client, Math.max(before, session));
    noteLife(life, record);
  }
  return lives;
}

function noteLife(life: Life, record: HistoryRecord): void {
  if (record.type === 'event' || record.zxid === 0) return;
  if (record.type !== 'session') life.aliveAt = Math.max(life.aliveAt, record.zxid);
  else if (record.what === 'closed') life.goneAt = Math.min(life.goneAt, record.zxid);
}

function ephemeralsIn(records: readonly HistoryRecord[]): {
  readonly ephemerals: ReadonlyMap<string, readonly Ephemeral[]>;
  readonly deleted: ReadonlySet<string>;
} {
  const ephemerals = new Map<string, Ephemeral[]>();
  const deleted = new Set<string>();
  for (const record of records) {
    if (record.type !== 'write') continue;
    for (const { action, kind, made, path } of record.changes) {
      if (action === 'delete' && record.outcome !== 'failed') deleted.add(path);
      if (kind !== 'ephemeral' || made === undefined) continue;
      const parent = made.path.slice(0, made.path.lastIndexOf('/'));
      const siblings = ephemerals.get(parent) ?? [];
      siblings.push({ path: made.path, session: record.session, createdAt: record.zxid });
      ephemerals.set(parent, siblings);
    }
  }
  return { ephemerals, deleted };
}

function checkOwner(
  path: string,
  owner: number,
  { zxid, client }: ReadRecord,
  lives: ReadonlyMap<number, Life>,
): void {
  const goneAt = lives.get(owner)?.goneAt ?? Infinity;
  if (owner === 0 || zxid < goneAt) return;
  const what = `client ${client} sees ${path} at ${zxid}, whose session was over at ${goneAt}`;
  throw new OracleError('ephemerals', what);
}

function checkChildren(
  record: ReadRecord,
  ephemerals: ReadonlyMap<string, readonly Ephemeral[]>,
  deleted: ReadonlySet<string>,
  lives: ReadonlyMap<number, Life>,
): void {
  const { path: parent, children = [], zxid, client } = record;
  const names = new Set(children);
  for (const { path, session, createdAt } of ephemerals.get(parent) ?? []) {
    const isThere = names.has(path.slice(parent.length + 1));
    if (isThere) {
      checkOwner(path, session, record, lives);
      continue;
    }
    const aliveAt = lives.get(session)?.aliveAt ?? 0;
    if (deleted.has(path) || zxid < createdAt || zxid > aliveAt) continue;
    const what = `client ${client} does not see ${path} at ${zxid}, made at ${createdAt}`;
    throw new OracleError('ephemerals', `${what}, whose session is there until ${aliveAt}`);
  }
}
