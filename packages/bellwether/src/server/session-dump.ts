import type { Connection } from './connection.ts';
import type { Inspection } from './inspection.ts';
import { javaDate } from './java-date.ts';

/** Things that expire are listed together for each of these. */
const STEP_MS = 1_000;

const hex = (value: number): string => `0x${value.toString(16)}`;

/** What `dump` tells: sessions, their ephemerals, and connections. */
export function dumpLines(inspection: Inspection): readonly string[] {
  return [
    'SessionTracker dump:',
    ...sessionLines(inspection),
    'ephemeral nodes dump:',
    ...ephemeralLines(inspection),
    'Connections dump:',
    ...connectionLines(inspection),
  ];
}

/** Only the leader knows when they expire. */
function sessionLines(inspection: Inspection): readonly string[] {
  const expiry = inspection.sessionExpiryMs();
  if (expiry !== undefined) return setLines('Session Sets', expiry, hex);
  const sessions = [...inspection.coordinator.sessions.values()].sort((a, b) => a.id - b.id);
  const each = sessions.map(({ id, timeoutMs }) => `${hex(id)}\t${timeoutMs}ms`);
  return [`Global Sessions(${sessions.length}):`, ...each];
}

function ephemeralLines(inspection: Inspection): readonly string[] {
  const owners = [...inspection.ephemerals()];
  const each = owners.flatMap(([id, paths]) => [
    `${hex(id)}:`,
    ...paths.map((path) => `\t${path}`),
  ]);
  return [`Sessions with Ephemerals (${owners.length}):`, ...each];
}

function connectionLines(inspection: Inspection): readonly string[] {
  const expiry = new Map<Connection, number>();
  for (const one of inspection.connections()) expiry.set(one, inspection.connectionExpiryMs(one));
  return setLines('Connections Sets', expiry, ({ remote, sessionId }) => {
    return `ip: /${remote} sessionId: ${hex(sessionId)}`;
  });
}

function setLines<T>(
  title: string,
  expiryMs: ReadonlyMap<T, number>,
  nameOf: (one: T) => string,
): readonly string[] {
  const sets = setsByExpiry(expiryMs);
  const each = sets.flatMap(([atMs, members]) => [
    `${members.length} expire at ${javaDate(atMs)}:`,
    ...members.map((one) => `\t${nameOf(one)}`),
  ]);
  return [`${title} (${sets.length})/(${expiryMs.size}):`, ...each];
}

/** In the order in which they expire, those of the same second together. */
export function setsByExpiry<T>(
  expiryMs: ReadonlyMap<T, number>,
): readonly (readonly [atMs: number, members: readonly T[]])[] {
  const sets = new Map<number, T[]>();
  for (const [one, ms] of expiryMs) {
    const atMs = Math.ceil(ms / STEP_MS) * STEP_MS;
    const set = sets.get(atMs);
    if (set === undefined) sets.set(atMs, [one]);
    else set.push(one);
  }
  return [...sets].sort(([a], [b]) => a - b);
}
