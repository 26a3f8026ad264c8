import { ErrorCode, OpCode, ownerOfTtl, TTL_MS_MAX, ttlOf } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { CONTAINER, ownerWordsOf, PERSISTENT } from '../src/znode-kind.ts';
import {
  body,
  op,
  RecordingWatcher,
  restored,
  statOf,
  takeSnapshot,
  utf8,
  World,
} from './world.ts';

const { ok, badArguments, badVersion, noNode, notEmpty } = ErrorCode;

function due(world: World, timeMs = World.timeOf(world.index), neverUsedMsMax = 0): string[] {
  return world.coordinator.scanMortals().next(1000, timeMs, neverUsedMsMax);
}

describe('a container', () => {
  it('has no owner that a client could see, and children', () => {
    const world = new World();
    expect(world.createContainer('/c')).toMatchObject({ kind: 'created', path: '/c' });
    expect(world.kindAt('/c')).toBe(CONTAINER);
    const { ephemeralOwner, ephemeralOwnerHigh, ephemeralOwnerLow } = world.at('/c');
    expect([ephemeralOwner, ephemeralOwnerHigh, ephemeralOwnerLow]).toEqual([0, 0, 0]);
    expect(world.create('/c/child').code).toBe(ok);
    expect(world.coordinator.ephemeralsOf(1)).toEqual([]);
  });

  it('is due when its last child is gone, not before it had one', () => {
    const world = new World();
    world.createContainer('/c');
    expect(due(world)).toEqual([]);
    expect(world.deleteMortal('/c')).toBe(badVersion);
    world.create('/c/child');
    expect(due(world)).toEqual([]);
    expect(world.deleteMortal('/c')).toBe(notEmpty);
    world.delete('/c/child');
    expect(due(world)).toEqual(['/c']);
    expect(world.deleteMortal('/c')).toBe(ok);
    expect(world.has('/c')).toBe(false);
    expect(world.deleteMortal('/c')).toBe(noNode);
    expect(due(world)).toEqual([]);
  });

  it('that was never used goes only after a time, if one is set', () => {
    const world = new World();
    world.createContainer('/c');
    const { ctime } = world.at('/c');
    expect(due(world, ctime + 1_000_000)).toEqual([]);
    expect(due(world, ctime + 500, 500)).toEqual([]);
    expect(due(world, ctime + 501, 500)).toEqual(['/c']);
    expect(world.deleteMortal('/c', ctime + 500, 500)).toBe(badVersion);
    expect(world.deleteMortal('/c', ctime + 501, 500)).toBe(ok);
  });

  it('that was made anew since it was found stays', () => {
    const world = new World();
    world.createContainer('/c');
    world.create('/c/child');
    world.delete('/c/child');
    expect(due(world)).toEqual(['/c']);
    world.delete('/c');
    world.createContainer('/c');
    expect(world.deleteMortal('/c')).toBe(badVersion);
  });

  it('may be sequential, and is one whatever its mode says, as in ZooKeeper', () => {
    const world = new World();
    expect(world.createContainer('/s', 2)).toMatchObject({ path: '/s0000000000' });
    world.createContainer('/e', 1);
    for (const path of ['/s0000000000', '/e']) {
      expect(world.kindAt(path)).toBe(CONTAINER);
    }
    expect(world.createContainer('/t', 5).code).toBe(badArguments);
    expect(world.createContainer('/t', 9).code).toBe(badArguments);
  });

  it('is none when another operation asks with its mode', () => {
    const world = new World();
    world.create('/c', '', 4);
    expect(world.kindAt('/c')).toBe(PERSISTENT);
  });

  it('tells its watchers that it goes', () => {
    const world = new World();
    world.createContainer('/c');
    world.create('/c/child');
    world.delete('/c/child');
    const watcher = new RecordingWatcher();
    world.coordinator.exists('/c', [], watcher);
    world.coordinator.getChildren('/', [], watcher);
    world.deleteMortal('/c');
    expect(watcher.events).toEqual(['deleted /c', 'childrenChanged /']);
  });
});

describe('a TTL node', () => {
  it('keeps its TTL exactly, and shows it to nobody', () => {
    const world = new World();
    world.createTtl('/t', TTL_MS_MAX);
    expect(ownerWordsOf(world.kindAt('/t'))).toEqual(ownerOfTtl(TTL_MS_MAX));
    world.createTtl('/s', 1, 6);
    expect(ownerWordsOf(world.kindAt('/s0000000001'))).toEqual({
      ephemeralOwnerHigh: 0xff00_0000 | 0,
      ephemeralOwnerLow: 1,
    });
    const { ephemeralOwner, ephemeralOwnerHigh, ephemeralOwnerLow } = world.at('/s0000000001');
    expect([ephemeralOwner, ephemeralOwnerHigh, ephemeralOwnerLow]).toEqual([0, 0, 0]);
  });

  it('is due when it has had no change and no children for longer than that', () => {
    const world = new World();
    world.createTtl('/t', 100);
    const bornMs = world.at('/t').mtime;
    expect(due(world, bornMs + 100)).toEqual([]);
    expect(due(world, bornMs + 101)).toEqual(['/t']);
    expect(world.deleteMortal('/t', bornMs + 100)).toBe(badVersion);
    world.setData('/t', 'x');
    const changedMs = world.at('/t').mtime;
    expect(world.deleteMortal('/t', bornMs + 101)).toBe(badVersion);
    world.create('/t/child');
    expect(due(world, changedMs + 1_000)).toEqual([]);
    expect(world.deleteMortal('/t', changedMs + 1_000)).toBe(notEmpty);
    world.delete('/t/child');
    expect(world.deleteMortal('/t', changedMs + 101)).toBe(ok);
  });

  it('needs a TTL that fits, and its own operation', () => {
    const world = new World();
    for (const ttlMs of [0, -1, -7, TTL_MS_MAX + 1]) {
      expect(world.createTtl('/t', ttlMs).code).toBe(badArguments);
    }
    for (const flags of [0, 1, 2, 3, 4]) {
      expect(world.createTtl('/t', 100, flags).code).toBe(badArguments);
      expect(world.createTtl('/t', -1, flags).code).toBe(badArguments);
    }
    expect(world.create('/t', '', 5).code).toBe(badArguments);
    expect(world.has('/t')).toBe(false);
  });
});

describe('what was made to stay', () => {
  it('is never removed as a container is', () => {
    const world = new World();
    world.create('/p');
    world.create('/e', '', 1);
    world.create('/p/c');
    world.delete('/p/c');
    for (const path of ['/p', '/e', '/', '/zookeeper', '/zookeeper/quota', '']) {
      const code = world.deleteMortal(path, Number.MAX_SAFE_INTEGER, 1);
      expect(code === badVersion || code === notEmpty).toBe(true);
    }
    expect(world.has('/p')).toBe(true);
    expect(world.has('/e')).toBe(true);
  });
});

describe('a multi', () => {
  it('makes containers and TTL nodes, and answers as create2 does', () => {
    const world = new World();
    const outcome = world.multi(op.createContainer('/c'), op.createTtl('/t', 50), op.create('/p'));
    expect(outcome).toMatchObject({
      results: [
        { opCode: OpCode.create2, path: '/c', stat: { ephemeralOwner: 0 } },
        { opCode: OpCode.create2, path: '/t', stat: { ephemeralOwner: 0 } },
        { opCode: OpCode.create, path: '/p' },
      ],
    });
    expect(world.kindAt('/c')).toBe(CONTAINER);
    expect(ttlOf(ownerWordsOf(world.kindAt('/t')))).toBe(50);
  });

  it('lets the mode decide what is made', () => {
    const world = new World();
    const outcome = world.multi(
      op.create('/c1', 4),
      op.create2('/c2', 4),
      op.createTtl('/c3', 9, 4),
      op.createTtl('/p', 9, 0),
    );
    expect(outcome).toMatchObject({
      results: [
        { opCode: OpCode.create2 },
        { opCode: OpCode.create2 },
        { opCode: OpCode.create2 },
        { opCode: OpCode.create },
      ],
    });
    for (const path of ['/c1', '/c2', '/c3']) {
      expect(world.kindAt(path)).toBe(CONTAINER);
    }
    expect(world.kindAt('/p')).toBe(PERSISTENT);
  });

  it('is malformed with a mode that can not be, and fails with a TTL that can not', () => {
    const world = new World();
    for (const bad of [op.create('/a', 7), op.create2('/a', 5), op.createContainer('/a', 6)]) {
      expect(world.multi(op.create('/b'), bad).code).toBe(ErrorCode.marshallingError);
    }
    expect(world.multi(op.createTtl('/a', 0), op.check('/', -1))).toMatchObject({
      code: ok,
      results: [{ error: badArguments }, { error: ErrorCode.runtimeInconsistency }],
    });
    expect(world.has('/b')).toBe(false);
  });

  it('that fails leaves neither behind', () => {
    const world = new World();
    world.createTtl('/old', 5);
    const before = world.coordinator.approximateDataSize;
    world.multi(op.createContainer('/c'), op.delete('/old'), op.check('/none', 0));
    expect(due(world, World.timeOf(1000))).toEqual(['/old']);
    expect(world.coordinator.approximateDataSize).toBe(before);
  });
});

describe('a scan', () => {
  it('goes in slices, over changes made between them', () => {
    const world = new World();
    for (let i = 0; i < 5; i++) world.createTtl(`/t${i}`, 1);
    const late = World.timeOf(1000);
    const scan = world.coordinator.scanMortals();
    expect(scan.next(2, late, 0)).toEqual(['/t0', '/t1']);
    world.deleteMortal('/t0', late);
    world.deleteMortal('/t2', late);
    world.createTtl('/t5', 1);
    expect(scan.next(2, late, 0)).toEqual(['/t3', '/t4']);
    expect(scan.isDone).toBe(false);
    expect(scan.next(2, late, 0)).toEqual(['/t5']);
    expect(scan.isDone).toBe(true);
    expect(scan.next(2, late, 0)).toEqual([]);
  });
});

describe('a snapshot', () => {
  it('keeps both kinds', () => {
    const world = new World();
    world.createContainer('/c');
    world.createTtl('/t', 2 ** 39 + 7);
    const copy = restored(takeSnapshot(world.coordinator.snapshot()), world.index);
    for (const path of ['/c', '/t']) {
      const znode = copy.exists(path, [], undefined);
      if (typeof znode === 'number') throw new Error(`${path}: ${znode}`);
      expect(statOf(znode)).toEqual(statOf(world.at(path)));
    }
    expect(copy.scanMortals().next(10, Number.MAX_SAFE_INTEGER, 1)).toEqual(['/c', '/t']);
    expect(copy.digest()).toBe(world.coordinator.digest());
    expect(copy.approximateDataSize).toBe(world.coordinator.approximateDataSize);
  });

  it('of version 1 is still read', () => {
    const world = new World();
    world.create('/e', 'x', 1);
    const chunks = takeSnapshot(world.coordinator.snapshot()).map((chunk) => chunk.slice());
    expect([...chunks[0]!.subarray(1, 6)]).toEqual([1, 0, 0, 0, 2]);
    chunks[0]![5] = 1;
    const copy = restored(chunks, world.index);
    expect(copy.digest()).toBe(world.coordinator.digest());
    expect(copy.ephemeralsOf(1)).toEqual(['/e']);
  });
});

describe('sequence numbers', () => {
  it('end with a clear error when they have run out', () => {
    const world = new World();
    world.create('/p');
    world.digestCheck = 'off';
    const znode = world.at('/p') as { childrenCreated?: number };
    znode.childrenCreated = 2 ** 31 - 1;
    expect(world.create('/p/n-', '', 2)).toMatchObject({ path: '/p/n-2147483647' });
    for (const flags of [2, 3]) expect(world.create('/p/n-', '', flags).code).toBe(badArguments);
    expect(world.createTtl('/p/n-', 5, 6).code).toBe(badArguments);
    expect(world.request(OpCode.create, body.create('/p/plain', utf8(''), 0)).code).toBe(ok);
  });
});
