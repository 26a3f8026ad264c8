import { OPEN_ACL, WatcherType } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { command, RecordingWatcher, restored, takeSnapshot, World } from './world.ts';

const digest = { scheme: 'digest', id: 'ann:hash' };

describe('a watch', () => {
  it('of getData tells the next change of data, once', () => {
    const world = new World();
    const watcher = new RecordingWatcher();
    world.create('/a');
    world.coordinator.getData('/a', [], watcher);
    world.create('/a/child');
    world.setData('/a', 'x');
    world.setData('/a', 'y');
    expect(watcher.events).toEqual(['dataChanged /a']);
    expect(watcher.zxids).toEqual([4]);
  });

  it('of exists tells of a znode that is not there yet', () => {
    const world = new World();
    const watcher = new RecordingWatcher();
    world.coordinator.exists('/a', [], watcher);
    world.create('/a');
    world.setData('/a', 'x');
    expect(watcher.events).toEqual(['created /a']);
  });

  it('of getData is not left where there is nothing', () => {
    const world = new World();
    const watcher = new RecordingWatcher();
    world.coordinator.getData('/a', [], watcher);
    world.coordinator.getChildren('/a', [], watcher);
    world.create('/a');
    expect(watcher.events).toEqual([]);
    expect(world.coordinator.watches.isEmpty).toBe(true);
  });

  it('of getChildren tells of children that come and go, not of data', () => {
    const world = new World();
    const watcher = new RecordingWatcher();
    world.create('/a');
    world.coordinator.getChildren('/a', [], watcher);
    world.setData('/a', 'x');
    world.create('/a/b');
    world.coordinator.getChildren('/a', [], watcher);
    world.delete('/a/b');
    expect(watcher.events).toEqual(['childrenChanged /a', 'childrenChanged /a']);
  });

  it('of the root is told of its children', () => {
    const world = new World();
    const watcher = new RecordingWatcher();
    world.coordinator.getChildren('/', [], watcher);
    world.create('/a');
    expect(watcher.events).toEqual(['childrenChanged /']);
  });

  it('of the root under its empty name is told of nothing', () => {
    const world = new World();
    const watcher = new RecordingWatcher();
    world.coordinator.getChildren('', [], watcher);
    world.coordinator.getData('', [], watcher);
    world.coordinator.setWatches(
      { relativeZxid: 9, dataWatches: [''], existWatches: [], childWatches: [''] },
      watcher,
    );
    world.create('/a');
    world.setData('/', 'x');
    expect(watcher.events).toEqual([]);
    expect(world.coordinator.watches.countOf(watcher)).toBe(2);
  });

  it('tells a deletion once to a watcher of both kinds, before the parent hears of it', () => {
    const world = new World();
    const [both, child] = [new RecordingWatcher(), new RecordingWatcher()];
    world.create('/a');
    world.coordinator.getData('/a', [], both);
    world.coordinator.exists('/a', [], both);
    world.coordinator.getChildren('/a', [], both);
    world.coordinator.getChildren('/', [], both);
    world.coordinator.getChildren('/a', [], child);
    world.delete('/a');
    expect(both.events).toEqual(['deleted /a', 'childrenChanged /']);
    expect(child.events).toEqual(['deleted /a']);
    expect(world.coordinator.watches.isEmpty).toBe(true);
  });

  it('is told to every watcher, in the order in which they came', () => {
    const world = new World();
    world.create('/a');
    const order: number[] = [];
    for (const id of [1, 2, 3]) {
      const watcher = { identities: [], onWatchEvent: () => order.push(id) };
      world.coordinator.getData('/a', [], watcher);
      world.coordinator.getData('/a', [], watcher);
    }
    world.setData('/a', 'x');
    expect(order).toEqual([1, 2, 3]);
  });

  it('is not fired by what fails', () => {
    const world = new World();
    const watcher = new RecordingWatcher();
    world.create('/a');
    world.coordinator.getData('/a', [], watcher);
    world.setData('/a', 'x', 7);
    world.delete('/a', 7);
    expect(watcher.events).toEqual([]);
  });

  it('is kept from those who may not read the znode', () => {
    const world = new World();
    world.identities = [digest];
    const [ann, other] = [new RecordingWatcher([digest]), new RecordingWatcher()];
    world.coordinator.exists('/a', [], ann);
    world.coordinator.exists('/a', [], other);
    world.create('/a', '', 0, [{ perms: 31, ...digest }]);
    expect(ann.events).toEqual(['created /a']);
    expect(other.events).toEqual([]);
  });

  it('goes with its connection, and leaves those of others', () => {
    const world = new World();
    const [gone, stays] = [new RecordingWatcher(), new RecordingWatcher()];
    for (const path of ['/a', '/b', '/c']) world.create(path);
    for (const path of ['/a', '/b', '/c']) {
      world.coordinator.getData(path, [], gone);
      world.coordinator.getChildren(path, [], gone);
    }
    world.coordinator.getData('/b', [], stays);
    expect(world.coordinator.watches.countOf(gone)).toBe(6);
    world.coordinator.watches.removeWatcher(gone);
    expect(world.coordinator.watches.countOf(gone)).toBe(0);
    expect(world.coordinator.watches.pathCount).toBe(1);
    world.setData('/a', 'x');
    world.setData('/b', 'x');
    expect(gone.events).toEqual([]);
    expect(stays.events).toEqual(['dataChanged /b']);
  });

  it('leaves nothing behind when all who watched a path together are gone', () => {
    const world = new World();
    const watchers = [new RecordingWatcher(), new RecordingWatcher(), new RecordingWatcher()];
    for (const watcher of watchers) world.coordinator.getData('/', [], watcher);
    for (const watcher of watchers) world.coordinator.watches.removeWatcher(watcher);
    expect(world.coordinator.watches.isEmpty).toBe(true);
  });

  it('is found by kind', () => {
    const world = new World();
    const watcher = new RecordingWatcher();
    world.coordinator.getChildren('/', [], watcher);
    expect(world.coordinator.watches.has(WatcherType.children, '/', watcher)).toBe(true);
    expect(world.coordinator.watches.has(WatcherType.data, '/', watcher)).toBe(false);
  });
});

describe('setWatches', () => {
  function reconnect(relativeZxid: number, world: World): RecordingWatcher {
    const watcher = new RecordingWatcher();
    const paths = ['/same', '/data', '/children', '/gone'];
    world.coordinator.setWatches(
      { relativeZxid, dataWatches: paths, existWatches: ['/same', '/new'], childWatches: paths },
      watcher,
    );
    return watcher;
  }

  it('tells what was missed and registers the rest', () => {
    const world = new World();
    // The last change that the client has seen is the creation of /same itself.
    for (const path of ['/data', '/children', '/gone', '/same']) world.create(path);
    const seen = world.index;
    world.setData('/data', 'x');
    world.create('/children/c');
    world.delete('/gone');
    const watcher = reconnect(seen, world);
    expect(watcher.events).toEqual([
      'dataChanged /data',
      'deleted /gone',
      'created /same',
      'childrenChanged /children',
      'deleted /gone',
    ]);
    expect(new Set(watcher.zxids)).toEqual(new Set([-1]));
    watcher.events.length = 0;
    world.setData('/same', 'x');
    world.setData('/children', 'x');
    world.create('/new');
    world.create('/same/c');
    world.create('/data/c');
    expect(watcher.events).toEqual([
      'dataChanged /same',
      'dataChanged /children',
      'created /new',
      'childrenChanged /same',
      'childrenChanged /data',
    ]);
  });
});

describe('watches over a restore', () => {
  it('fire for what is different in the new state', () => {
    const [leader, follower] = [new World(), new World()];
    for (const world of [leader, follower]) {
      for (const path of ['/same', '/data', '/kids', '/gone', '/again']) world.create(path);
    }
    const watcher = new RecordingWatcher();
    for (const path of ['/same', '/data', '/kids', '/gone', '/again', '/new', '/never']) {
      follower.coordinator.exists(path, [], watcher);
      follower.coordinator.getChildren(path, [], watcher);
    }
    leader.setData('/data', 'x');
    leader.create('/kids/k');
    leader.delete('/gone');
    leader.delete('/again');
    leader.create('/again');
    leader.create('/new');
    const chunks = takeSnapshot(leader.coordinator.snapshot());
    follower.coordinator.restoreBegin();
    for (const chunk of chunks) follower.coordinator.restoreChunk(chunk);
    expect(watcher.events).toEqual([]);
    follower.coordinator.restoreEnd(leader.index);
    expect(watcher.events.toSorted()).toEqual([
      'childrenChanged /kids',
      'created /new',
      'dataChanged /data',
      'deleted /again',
      'deleted /gone',
    ]);
    expect(follower.coordinator.digest()).toBe(leader.coordinator.digest());
    watcher.events.length = 0;
    follower.apply(command.request(1, 1, new Uint8Array(0)));
    follower.create('/never', '', 0, OPEN_ACL);
    follower.setData('/same', 'x');
    expect(watcher.events).toEqual(['created /never', 'dataChanged /same']);
  });

  it('are none in a coordinator that is new', () => {
    const world = new World();
    const copy = restored(takeSnapshot(world.coordinator.snapshot()), world.index);
    expect(copy.watches.isEmpty).toBe(true);
  });
});

describe('a report on watches', () => {
  it('names each watcher once, with what it watches in either way', () => {
    const world = new World();
    const [one, other] = [new RecordingWatcher(), new RecordingWatcher()];
    world.create('/a');
    world.coordinator.getData('/a', [], one);
    world.coordinator.getChildren('/a', [], one);
    world.coordinator.exists('/b', [], one);
    world.coordinator.getChildren('/', [], other);
    const { watches } = world.coordinator;
    expect(watches.watchCount).toBe(4);
    expect([...watches.watchers()]).toEqual([one, other]);
    expect([...watches.pathsOf(one)]).toEqual(['/a', '/b']);
    expect([...watches.pathsOf(other)]).toEqual(['/']);
    watches.removeWatcher(one);
    expect(watches.watchCount).toBe(1);
    expect([...watches.pathsOf(one)]).toEqual([]);
  });
});
