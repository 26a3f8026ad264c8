import { AddWatchMode, WatcherType, type WatchEventType } from '@bellwether/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WatchTable, type Watcher } from '../src/watch-table.ts';
import { command, op, RecordingWatcher, takeSnapshot, World } from './world.ts';

const { persistent, persistentRecursive } = AddWatchMode;

describe('a persistent watch', () => {
  it('hears of everything at its path, again and again', () => {
    const world = new World();
    const watcher = new RecordingWatcher();
    world.coordinator.addWatch(persistent, '/a', watcher);
    world.create('/a');
    world.setData('/a', 'x');
    world.setData('/a', 'y');
    world.create('/a/b');
    world.setData('/a/b', 'z');
    world.delete('/a/b');
    world.delete('/a');
    world.create('/a');
    expect(watcher.events).toEqual([
      'created /a',
      'dataChanged /a',
      'dataChanged /a',
      'childrenChanged /a',
      'childrenChanged /a',
      'deleted /a',
      'created /a',
    ]);
  });

  it('and a watch of a read together tell an event once', () => {
    const world = new World();
    world.create('/a');
    const watcher = new RecordingWatcher();
    world.coordinator.addWatch(persistent, '/a', watcher);
    world.coordinator.getData('/a', [], watcher);
    world.coordinator.getChildren('/a', [], watcher);
    expect(world.coordinator.watches.watchCount).toBe(2);
    world.delete('/a');
    expect(watcher.events).toEqual(['deleted /a']);
    expect(world.coordinator.watches.has(WatcherType.data, '/a', watcher)).toBe(false);
    expect(world.coordinator.watches.has(WatcherType.persistent, '/a', watcher)).toBe(true);
  });
});

describe('a persistent recursive watch', () => {
  it('hears of everything at and below its path, but not of changes of children', () => {
    const world = new World();
    world.create('/a');
    const watcher = new RecordingWatcher();
    world.coordinator.addWatch(persistentRecursive, '/a', watcher);
    world.create('/a/b');
    world.create('/a/b/c');
    world.setData('/a/b/c', 'x');
    world.setData('/a', 'x');
    world.create('/ab');
    world.delete('/a/b/c');
    world.multi(op.delete('/a/b'), op.delete('/a'));
    expect(watcher.events).toEqual([
      'created /a/b',
      'created /a/b/c',
      'dataChanged /a/b/c',
      'dataChanged /a',
      'deleted /a/b/c',
      'deleted /a/b',
      'deleted /a',
    ]);
  });

  it('of the root hears of everything', () => {
    const world = new World();
    const watcher = new RecordingWatcher();
    world.coordinator.addWatch(persistentRecursive, '/', watcher);
    world.create('/a');
    world.setData('/', 'x');
    world.delete('/a');
    expect(watcher.events).toEqual(['created /a', 'dataChanged /', 'deleted /a']);
  });

  it('tells an event once, however many of its paths it is on', () => {
    const world = new World();
    world.create('/a');
    const watcher = new RecordingWatcher();
    for (const path of ['/', '/a', '/a/b']) {
      world.coordinator.addWatch(persistentRecursive, path, watcher);
    }
    world.coordinator.exists('/a/b', [], watcher);
    world.create('/a/b');
    expect(watcher.events).toEqual(['created /a/b']);
  });

  it('is kept from those who may not read the znode that changed', () => {
    const world = new World();
    const ann = { scheme: 'digest', id: 'ann:hash' };
    world.identities = [ann];
    world.create('/a');
    const [reader, other] = [new RecordingWatcher([ann]), new RecordingWatcher()];
    for (const watcher of [reader, other]) {
      world.coordinator.addWatch(persistentRecursive, '/a', watcher);
    }
    world.create('/a/secret', '', 0, [{ perms: 31, ...ann }]);
    expect(reader.events).toEqual(['created /a/secret']);
    expect(other.events).toEqual([]);
  });
});

describe('removing watches', () => {
  it('removes those of one type, and says whether there was one', () => {
    const world = new World();
    world.create('/a');
    const { watches } = world.coordinator;
    const watcher = new RecordingWatcher();
    world.coordinator.getData('/a', [], watcher);
    world.coordinator.getChildren('/a', [], watcher);
    watches.addLasting(persistent, '/a', watcher);
    watches.addLasting(persistentRecursive, '/a', watcher);
    for (const type of [1, 2, 4, 5]) {
      expect(watches.has(type, '/a', watcher)).toBe(true);
      expect(watches.remove(type, '/a', watcher)).toBe(true);
      expect(watches.has(type, '/a', watcher)).toBe(false);
      expect(watches.remove(type, '/a', watcher)).toBe(false);
    }
    expect(watches.isEmpty).toBe(true);
    expect(watches.hasRecursive).toBe(false);
  });

  it('of any type removes them all', () => {
    const world = new World();
    const { watches } = world.coordinator;
    const watcher = new RecordingWatcher();
    expect(watches.remove(WatcherType.any, '/a', watcher)).toBe(false);
    watches.addLasting(persistent, '/a', watcher);
    watches.addLasting(persistentRecursive, '/a', watcher);
    expect(watches.has(WatcherType.any, '/a', watcher)).toBe(true);
    expect(watches.remove(WatcherType.any, '/a', watcher)).toBe(true);
    world.create('/a');
    expect(watcher.events).toEqual([]);
  });

  it('leaves those of others, and of other paths', () => {
    const world = new World();
    const { watches } = world.coordinator;
    const [one, other] = [new RecordingWatcher(), new RecordingWatcher()];
    for (const watcher of [one, other]) {
      watches.addLasting(persistentRecursive, '/a', watcher);
      watches.addLasting(persistent, '/b', watcher);
    }
    watches.remove(WatcherType.any, '/a', one);
    watches.removeWatcher(other);
    world.create('/a');
    world.create('/b');
    expect(one.events).toEqual(['created /b']);
    expect(other.events).toEqual([]);
  });

  it('knows five types', () => {
    const { watches } = new World().coordinator;
    for (const type of [0, 6, -1]) {
      expect(watches.has(type, '/a', new RecordingWatcher())).toBeUndefined();
      expect(watches.remove(type, '/a', new RecordingWatcher())).toBeUndefined();
    }
  });
});

describe('setWatches2', () => {
  it('registers lasting watches without telling what was missed', () => {
    const world = new World();
    world.create('/a');
    const watcher = new RecordingWatcher();
    world.coordinator.setWatches(
      {
        relativeZxid: 0,
        dataWatches: [],
        existWatches: [],
        childWatches: ['/a'],
        persistentWatches: ['/a'],
        persistentRecursiveWatches: ['/b'],
      },
      watcher,
    );
    expect(watcher.events).toEqual(['childrenChanged /a']);
    world.setData('/a', 'x');
    world.create('/b');
    world.create('/b/c');
    expect(watcher.events.slice(1)).toEqual(['dataChanged /a', 'created /b', 'created /b/c']);
  });
});

describe('a lasting watch over a restore', () => {
  it('hears of what is different in the new state, and stays', () => {
    const [leader, follower] = [new World(), new World()];
    for (const world of [leader, follower]) {
      for (const path of ['/a', '/a/same', '/a/data', '/a/gone', '/b']) world.create(path);
    }
    const watcher = new RecordingWatcher();
    follower.coordinator.addWatch(persistentRecursive, '/a', watcher);
    follower.coordinator.addWatch(persistent, '/b', watcher);
    leader.setData('/a/data', 'x');
    leader.delete('/a/gone');
    leader.create('/a/new');
    leader.create('/b/child');
    leader.create('/elsewhere');
    const chunks = takeSnapshot(leader.coordinator.snapshot());
    follower.coordinator.restoreBegin();
    for (const chunk of chunks) follower.coordinator.restoreChunk(chunk);
    follower.coordinator.restoreEnd(leader.index);
    expect(watcher.events.toSorted()).toEqual([
      'childrenChanged /b',
      'created /a/new',
      'dataChanged /a/data',
      'deleted /a/gone',
    ]);
    watcher.events.length = 0;
    follower.apply(command.createSession());
    follower.setData('/a/same', 'x');
    expect(watcher.events).toEqual(['dataChanged /a/same']);
  });
});

/** Watches as one would write them on the back of an envelope: a list of (watcher, path, mode). */
class NaiveWatches {
  private all: { who: number; path: string; table: 'data' | 'child'; mode: string }[] = [];

  add(who: number, path: string, table: 'data' | 'child', mode: string): void {
    const isNew = !this.all.some(
      (w) => w.who === who && w.path === path && w.table === table && w.mode === mode,
    );
    if (isNew) this.all.push({ who, path, table, mode });
  }

  remove(who: number, path: string, matches: (table: string, mode: string) => boolean): boolean {
    const count = this.all.length;
    this.all = this.all.filter(
      (w) => !(w.who === who && w.path === path && matches(w.table, w.mode)),
    );
    return this.all.length < count;
  }

  removeWatcher(who: number): void {
    this.all = this.all.filter((w) => w.who !== who);
  }

  fire(type: number, path: string): Set<number> {
    const tables = type === 4 ? ['child'] : type === 2 ? ['data', 'child'] : ['data'];
    const isHit = (w: (typeof this.all)[number]): boolean => {
      if (!tables.includes(w.table)) return false;
      const isBelow = w.path === '/' || path.startsWith(`${w.path}/`);
      return w.path === path || (w.mode === 'recursive' && isBelow);
    };
    const hit = this.all.filter(isHit);
    this.all = this.all.filter((w) => !(hit.includes(w) && w.mode === 'once'));
    return new Set(hit.map((w) => w.who));
  }

  get pairs(): number {
    return new Set(this.all.map((w) => `${w.who} ${w.table} ${w.path}`)).size;
  }
}

const MATCHES: Record<number, (table: string, mode: string) => boolean> = {
  1: (table, mode) => table === 'child' && mode === 'once',
  2: (table, mode) => table === 'data' && mode === 'once',
  3: () => true,
  4: (_, mode) => mode === 'persistent',
  5: (_, mode) => mode === 'recursive',
};

describe('the watch table', () => {
  const who = fc.nat({ max: 3 });
  const path = fc.constantFrom('/', '/a', '/a/b', '/a/b/c', '/ab', '/a/bb', '/x');
  const step = fc.oneof(
    fc.record({ kind: fc.constantFrom('data', 'child', 'persistent', 'recursive'), who, path }),
    fc.record({ kind: fc.constant('remove'), who, path, type: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constant('gone'), who, path }),
    fc.record({ kind: fc.constant('fire'), who, path, type: fc.integer({ min: 1, max: 4 }) }),
  );

  it('tells whom a naive list of watches would tell, and counts the same (property)', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const table = new WatchTable();
        const naive = new NaiveWatches();
        const told: number[] = [];
        const watchers: Watcher[] = [0, 1, 2, 3].map((id) => ({
          identities: [],
          onWatchEvent: () => told.push(id),
        }));
        for (const each of steps) {
          const watcher = watchers[each.who]!;
          const type = 'type' in each ? each.type : 0;
          if (each.kind === 'data' || each.kind === 'child') {
            table.add(each.kind, each.path, watcher);
            naive.add(each.who, each.path, each.kind, 'once');
          } else if (each.kind === 'persistent') {
            table.addLasting(persistent, each.path, watcher);
            naive.add(each.who, each.path, 'data', 'persistent');
            naive.add(each.who, each.path, 'child', 'persistent');
          } else if (each.kind === 'recursive') {
            table.addLasting(persistentRecursive, each.path, watcher);
            naive.add(each.who, each.path, 'data', 'recursive');
          } else if (each.kind === 'remove') {
            const expected = naive.remove(each.who, each.path, MATCHES[type]!);
            expect(table.has(type, each.path, watcher)).toBe(expected);
            expect(table.remove(type, each.path, watcher)).toBe(expected);
          } else if (each.kind === 'gone') {
            table.removeWatcher(watcher);
            naive.removeWatcher(each.who);
          } else {
            told.length = 0;
            table.fire(type as WatchEventType, each.path, OPEN, 1);
            expect(new Set(told)).toEqual(naive.fire(type, each.path));
            expect(told.length).toBe(new Set(told).size);
          }
          expect(table.watchCount).toBe(naive.pairs);
        }
        for (const watcher of watchers) table.removeWatcher(watcher);
        expect(table.isEmpty).toBe(true);
        expect(table.watchCount).toBe(0);
        expect(table.hasRecursive).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

const OPEN = {
  id: 0,
  acls: [{ perms: 31, scheme: 'world', id: 'anyone' }],
  worldPerms: 31,
  hash: 0,
};
