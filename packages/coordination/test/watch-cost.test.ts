import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { AddWatchMode, WatchEventType } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { WatchTable, type Watcher } from '../src/watch-table.ts';

const OPEN = {
  id: 0,
  acls: [{ perms: 31, scheme: 'world', id: 'anyone' }],
  worldPerms: 31,
  hash: 0,
};
const MANY = 300_000;
const DEEP = '/a/b/c/d';

function watcher(): Watcher {
  return { identities: [], onWatchEvent: () => undefined };
}

/** Somebody else, with so many watches elsewhere. */
function crowd(table: WatchTable, count: number): void {
  const other = watcher();
  for (let i = 0; i < count; i++) table.add('data', `/a/b/c/e${i}`, other);
  table.addLasting(AddWatchMode.persistentRecursive, '/elsewhere', other);
}

interface Sized {
  readonly size: number;
}
type Methods = Record<PropertyKey, ((this: Sized, ...args: unknown[]) => unknown) | undefined>;

/** Methods of maps and sets, and how many entries a call of one touches. */
const COSTS: readonly (readonly [PropertyKey, (of: Sized) => number])[] = [
  ...['get', 'has', 'set', 'add', 'delete'].map((name) => [name, () => 1] as const),
  ...['keys', 'values', 'entries', 'forEach', Symbol.iterator].map(
    (name) => [name, ({ size }: Sized) => size] as const,
  ),
];

/** Entries of maps and sets that are looked up or gone through while `action` runs. */
function touches(action: () => void): number {
  let count = 0;
  const restore: (() => void)[] = [];
  for (const methods of [Map.prototype, Set.prototype] as unknown as Methods[]) {
    for (const [name, costOf] of COSTS) {
      const original = methods[name];
      if (original === undefined) continue;
      restore.push(() => (methods[name] = original));
      methods[name] = function (this: Sized, ...args) {
        count += costOf(this);
        return original.apply(this, args);
      };
    }
  }
  try {
    action();
  } finally {
    for (const each of restore) each();
  }
  return count;
}

describe('what an event touches', () => {
  function touchedWith(elsewhere: number, watchersOfIt: number): number {
    const table = new WatchTable();
    crowd(table, elsewhere);
    for (let i = 0; i < watchersOfIt; i++) table.add('data', DEEP, watcher());
    table.addLasting(AddWatchMode.persistentRecursive, '/a', watcher());
    return touches(() => table.fire(WatchEventType.nodeDataChanged, DEEP, OPEN, 1));
  }

  it('does not depend on the watches elsewhere, recursive ones included', () => {
    expect(touchedWith(MANY, 1)).toBe(touchedWith(0, 1));
  });

  it('grows with the watchers of the znode, each of whom costs the same', () => {
    const perWatcher = (touchedWith(100, 1_010) - touchedWith(100, 10)) / 1_000;
    expect(perWatcher).toBeGreaterThan(0);
    expect(perWatcher).toBeLessThan(12);
  });

  it('grows with the depth of the znode where there are recursive watches', () => {
    const at = (path: string): number => {
      const table = new WatchTable();
      crowd(table, 100);
      return touches(() => table.fire(WatchEventType.nodeDataChanged, path, OPEN, 1));
    };
    const perLevel = (at('/x/x/x/x/x/x/x/x/x/x/x') - at('/x')) / 10;
    expect(perLevel).toBe(1);
  });
});

describe('what a watch costs', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;

  function heldBytes(): number {
    collect();
    return process.memoryUsage().heapUsed;
  }

  /** Paths of znodes that are there: a watch keeps the same string. */
  const paths = Array.from({ length: MANY }, (_, i) => `/n${String(i).padStart(7, '0')}`);

  it.each([
    [
      'of a read',
      100,
      (table: WatchTable, path: string, who: Watcher) => table.add('data', path, who),
    ],
    [
      'that stays, which is in both tables',
      200,
      (table: WatchTable, path: string, who: Watcher) =>
        table.addLasting(AddWatchMode.persistent, path, who),
    ],
    [
      'that stays, for everything below',
      100,
      (table: WatchTable, path: string, who: Watcher) =>
        table.addLasting(AddWatchMode.persistentRecursive, path, who),
    ],
  ] as const)('%s: less than %d bytes', (_, bytesMax, add) => {
    const table = new WatchTable();
    const who = watcher();
    const before = heldBytes();
    for (const path of paths) add(table, path, who);
    const bytes = (heldBytes() - before) / MANY;
    expect(table.watchCount).toBeGreaterThanOrEqual(MANY);
    expect(bytes).toBeGreaterThan(10);
    expect(bytes).toBeLessThan(bytesMax);
    table.removeWatcher(who);
    expect(table.isEmpty).toBe(true);
  });
});
