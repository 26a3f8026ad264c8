import { ErrorCode, OPEN_ACL } from '@bellwether/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { command, op, RecordingWatcher, restored, takeSnapshot, World } from './world.ts';

const QUOTA = '/zookeeper/quota';

/** As zkCli's setquota does it. */
function setQuota(world: World, path: string, limits: string): void {
  const names = path.split('/').slice(1);
  names.forEach((_, i) => world.create(`${QUOTA}/${names.slice(0, i + 1).join('/')}`));
  world.create(`${QUOTA}${path}/zookeeper_limits`, limits);
  world.create(`${QUOTA}${path}/zookeeper_stats`, 'count=0,bytes=0');
}

function statsOf(world: World, path: string): string | null {
  return world.dataAt(`${QUOTA}${path}/zookeeper_stats`);
}

describe('the stats of a quota', () => {
  it('begin with what is there', () => {
    const world = new World();
    world.create('/a', '1234');
    world.create('/a/b', '56');
    world.create('/ab', 'not below');
    setQuota(world, '/a', 'count=5,bytes=100');
    expect(statsOf(world, '/a')).toBe('count=2,bytes=6');
  });

  it('begin with what is there before there are any limits', () => {
    const world = new World();
    world.create('/a', '1234');
    world.create(`${QUOTA}/a`);
    world.create(`${QUOTA}/a/zookeeper_stats`, 'anything');
    expect(statsOf(world, '/a')).toBe('count=1,bytes=4');
    world.create(`${QUOTA}/a/zookeeper_limits`, 'count=5,bytes=100');
    world.create('/a/b', '56');
    expect(statsOf(world, '/a')).toBe('count=2,bytes=6');
  });

  it('follow every change below, without a version and without an event', () => {
    const world = new World();
    world.create('/a', '1234');
    setQuota(world, '/a', 'count=5,bytes=100');
    const stats = `${QUOTA}/a/zookeeper_stats`;
    const watcher = new RecordingWatcher();
    world.coordinator.getData(stats, [], watcher);
    const { version, mzxid, mtime } = world.at(stats);
    world.create('/a/b', '56');
    world.create('/a/b/e', '7', 1);
    expect(statsOf(world, '/a')).toBe('count=3,bytes=7');
    world.setData('/a', '');
    world.setData('/a/b', '123456789');
    expect(statsOf(world, '/a')).toBe('count=3,bytes=10');
    world.delete('/a/b/e');
    world.create('/elsewhere', 'x');
    expect(statsOf(world, '/a')).toBe('count=2,bytes=9');
    expect(world.at(stats)).toMatchObject({ version, mzxid, mtime });
    expect(watcher.events).toEqual([]);
  });

  it('follow ephemerals that go with their session', () => {
    const world = new World();
    world.create('/a');
    setQuota(world, '/a', 'count=5,bytes=100');
    world.sessionId = world.openSession();
    world.create('/a/e', '123', 1);
    expect(statsOf(world, '/a')).toBe('count=2,bytes=3');
    world.apply(command.close(world.sessionId));
    world.sessionId = 1;
    expect(statsOf(world, '/a')).toBe('count=1,bytes=0');
  });

  it('are those of the nearest quota above', () => {
    const world = new World();
    for (const path of ['/a', '/a/b', '/a/b/c']) world.create(path, 'x');
    setQuota(world, '/a', 'count=5,bytes=100');
    setQuota(world, '/a/b', 'count=5,bytes=100');
    world.create('/a/b/c/d', 'x');
    world.create('/a/z', 'x');
    expect(statsOf(world, '/a')).toBe('count=4,bytes=4');
    expect(statsOf(world, '/a/b')).toBe('count=3,bytes=3');
  });

  it('stop with the quota', () => {
    const world = new World();
    world.create('/a');
    setQuota(world, '/a', 'count=5,bytes=100');
    world.delete(`${QUOTA}/a/zookeeper_limits`);
    world.create('/a/b');
    expect(statsOf(world, '/a')).toBe('count=1,bytes=0');
  });

  it('are undone with a multi that fails, as is a quota', () => {
    const world = new World();
    world.create('/a');
    setQuota(world, '/a', 'count=1,bytes=100');
    const before = world.coordinator.digest();
    const dataSize = world.coordinator.approximateDataSize;
    const limits = `${QUOTA}/a/zookeeper_limits`;
    world.multi(op.create('/a/b'), op.setData('/a', 'abc'), op.delete(limits), op.check('/no', 0));
    expect(world.coordinator.digest()).toBe(before);
    expect(world.coordinator.approximateDataSize).toBe(dataSize);
    world.create('/a/b', 'xy');
    expect(statsOf(world, '/a')).toBe('count=2,bytes=2');
    world.multi(op.create('/c'), op.create(`${QUOTA}/c`), op.check('/no', 0));
    world.create('/c');
    expect(world.has(`${QUOTA}/c`)).toBe(false);
  });

  it('survive a snapshot, and are kept after it', () => {
    const world = new World();
    world.create('/a');
    setQuota(world, '/a', 'count=1,bytes=100');
    const snapshot = world.coordinator.snapshot();
    world.create('/a/late', 'x');
    const copy = restored(takeSnapshot(snapshot), world.index - 1);
    const stats = (): string => {
      const znode = copy.getData(`${QUOTA}/a/zookeeper_stats`, [], undefined);
      if (typeof znode === 'number') throw new Error(`no stats: ${znode}`);
      return Buffer.from(znode.data!).toString();
    };
    expect(stats()).toBe('count=1,bytes=0');
    copy.apply(world.index, World.timeOf(world.index), world.log[world.index - 1]!, 'none');
    expect(stats()).toBe('count=2,bytes=1');
    expect(copy.digest()).toBe(world.coordinator.digest());
  });

  it('equal a count of the subtree, whatever happens (property)', () => {
    const path = fc.constantFrom('/a', '/a/b', '/a/b/c', '/a/d', '/x', '/x/y');
    const step = fc.record({
      kind: fc.constantFrom('create', 'setData', 'delete', 'multi' as const),
      path,
      data: fc.string({ maxLength: 5, unit: 'grapheme-ascii' }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const world = new World();
        world.create('/a');
        setQuota(world, '/a', 'count=1,bytes=1');
        for (const { kind, path: at, data } of steps) {
          if (kind === 'create') world.create(at, data);
          else if (kind === 'setData') world.setData(at, data);
          else if (kind === 'delete' && at !== '/a') world.delete(at);
          else if (kind === 'multi') world.multi(op.create(at), op.setData(at, data));
        }
        const below = ['/a', '/a/b', '/a/b/c', '/a/d'].filter((at) => world.has(at));
        const bytes = below.reduce((sum, at) => sum + world.at(at).dataLength, 0);
        expect(statsOf(world, '/a')).toBe(`count=${below.length},bytes=${bytes}`);
      }),
      { numRuns: 150 },
    );
  });
});

describe('a limit', () => {
  it('that is soft is reported and lets it happen', () => {
    const world = new World();
    world.create('/a', 'abc');
    setQuota(world, '/a', 'count=2,bytes=5');
    world.quotaRule = 'enforced';
    expect(world.create('/a/b', 'xy').code).toBe(0);
    expect(world.exceeded).toEqual([]);
    expect(world.create('/a/c').code).toBe(0);
    expect(world.setData('/a', 'abcd').code).toBe(0);
    expect(world.exceeded).toEqual(['/a: count 3 of soft 2', '/a: bytes 6 of soft 5']);
  });

  it('that is hard is enforced where quotas are, and only reported elsewhere', () => {
    const world = new World();
    world.create('/a', 'abc');
    setQuota(world, '/a', 'count=-1,bytes=-1=;byteHardLimit=5;countHardLimit=2');
    world.create('/a/b', 'xy');
    expect(world.create('/a/c').code).toBe(0);
    expect(world.setData('/a/b', 'xyz').code).toBe(0);
    world.quotaRule = 'enforced';
    const before = world.coordinator.digest();
    expect(world.create('/a/d').code).toBe(ErrorCode.quotaExceeded);
    expect(world.setData('/a/b', 'xyzzy').code).toBe(ErrorCode.quotaExceeded);
    expect(world.multi(op.create('/z'), op.create('/a/d'))).toMatchObject({
      results: [{ error: 0 }, { error: ErrorCode.quotaExceeded }],
    });
    expect(world.coordinator.digest()).toBe(before);
    expect(world.exceeded).toEqual([
      '/a: count 3 of hard 2',
      '/a: bytes 6 of hard 5',
      '/a: count 4 of hard 2',
      '/a: bytes 8 of hard 5',
      '/a: count 4 of hard 2',
    ]);
    world.delete('/a/b');
    world.delete('/a/c');
    expect(world.create('/a/d').code).toBe(0);
  });

  it('that is malformed, or missing, is none', () => {
    for (const limits of ['', 'nonsense', 'count=x,bytes=', 'count=-1,bytes=-1', '=;=,']) {
      const world = new World();
      world.create('/a');
      setQuota(world, '/a', limits);
      world.quotaRule = 'enforced';
      expect(world.create('/a/b', 'x').code).toBe(0);
      expect(world.exceeded).toEqual([]);
      expect(statsOf(world, '/a')).toBe('count=2,bytes=1');
    }
  });

  it('of the root is none, as in ZooKeeper', () => {
    const world = new World();
    world.create(`${QUOTA}/zookeeper_limits`, 'count=1,bytes=1=;countHardLimit=1');
    world.create(`${QUOTA}/zookeeper_stats`, 'count=0,bytes=0');
    world.quotaRule = 'enforced';
    expect(world.create('/a', 'abc', 0, OPEN_ACL).code).toBe(0);
    expect(world.exceeded).toEqual([]);
  });
});

describe('the approximate data size', () => {
  it('is that of a fresh ZooKeeper, and counts paths and data', () => {
    const world = new World();
    expect(world.coordinator.approximateDataSize).toBe(44);
    world.create('/ab', '12345');
    expect(world.coordinator.approximateDataSize).toBe(52);
    world.setData('/ab', '1');
    expect(world.coordinator.approximateDataSize).toBe(48);
    world.delete('/ab');
    expect(world.coordinator.approximateDataSize).toBe(44);
  });
});
