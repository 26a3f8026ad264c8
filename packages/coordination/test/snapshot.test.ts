import fc from 'fast-check';
import { READ_ACL } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { SNAPSHOT_CHUNK_BYTES_MAX, SnapshotError } from '../src/index.ts';
import { command, op, restored, takeSnapshot, World } from './world.ts';

/** Enough znodes for several chunks. */
function filled(count = 400, bytes = 2000): World {
  const world = new World();
  world.create('/dir');
  for (let i = 0; i < count; i++) world.create(`/dir/n${i}`, String(i % 10).repeat(bytes));
  return world;
}

describe('a snapshot', () => {
  it('restores the state it was taken of', () => {
    const world = filled(5);
    world.create('/e', 'x', 1);
    world.create('/seq', '', 2);
    world.setAcl('/dir', READ_ACL);
    world.setData('/dir/n1', 'changed');
    world.delete('/dir/n2');
    world.apply(command.createSession(3, 5000));
    world.apply(command.attach(1, 2));
    const copy = restored(takeSnapshot(world.coordinator.snapshot()), world.index);
    expect(copy.digest()).toBe(world.coordinator.digest());
    expect(copy.lastAppliedIndex).toBe(world.index);
    expect(copy.sessions).toEqual(world.coordinator.sessions);
    expect(copy.ephemeralsOf(1)).toEqual(['/e']);
    expect(copy.znodeCount).toBe(world.coordinator.znodeCount);
  });

  it('comes in chunks that keep their limit, also for a znode that is larger', () => {
    const world = filled();
    world.create('/large', 'z'.repeat(SNAPSHOT_CHUNK_BYTES_MAX * 2 + 77));
    world.create('/exact', 'z'.repeat(SNAPSHOT_CHUNK_BYTES_MAX - 100));
    const chunks = takeSnapshot(world.coordinator.snapshot());
    expect(chunks.length).toBeGreaterThan(5);
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBe(SNAPSHOT_CHUNK_BYTES_MAX);
    expect(restored(chunks, world.index).digest()).toBe(world.coordinator.digest());
  });

  it('shows nothing of what is applied while it is taken', () => {
    const world = filled();
    const digest = world.coordinator.digest();
    const index = world.index;
    const chunks = takeSnapshot(world.coordinator.snapshot(), (chunk) => {
      for (let i = chunk; i < 400; i += 7) {
        world.setData(`/dir/n${i}`, 'x'.repeat(2000));
        world.delete(`/dir/n${i}`);
        world.create(`/dir/n${i}`, 'again', 1);
      }
      world.create(`/dir/new${chunk}`, '', 1);
      world.setAcl(`/dir/n${chunk}`, READ_ACL);
      world.multi(op.delete('/dir/n399'), op.create('/m'), op.check('/none', 0));
      world.apply(command.createSession());
      if (chunk === 2) world.apply(command.close(1));
      if (chunk === 2) world.sessionId = world.openSession();
    });
    expect(world.coordinator.digest()).not.toBe(digest);
    expect(restored(chunks, index).digest()).toBe(digest);
  });

  it('goes on after a restore: the same commands lead to the same state', () => {
    const world = filled(20);
    world.create('/e', '', 1);
    const copy = restored(takeSnapshot(world.coordinator.snapshot()), world.index);
    const from = world.log.length;
    world.setData('/e', 'y');
    world.create('/dir/s', '', 2);
    world.apply(command.close(1));
    world.log.slice(from).forEach((payload, i) => {
      copy.apply(from + 1 + i, World.timeOf(from + 1 + i), payload, 'none');
    });
    expect(copy.digest()).toBe(world.coordinator.digest());
  });

  it('can be taken again and again, also of a restored state', () => {
    const world = filled(10);
    for (let i = 0; i < 3; i++) {
      world.setData('/dir/n1', `round ${i}`);
      const once = restored(takeSnapshot(world.coordinator.snapshot()), world.index);
      const twice = restored(takeSnapshot(once.snapshot()), world.index);
      expect(twice.digest()).toBe(world.coordinator.digest());
    }
  });

  it('may be abandoned', () => {
    const world = filled();
    const iterator = world.coordinator.snapshot();
    iterator.next();
    iterator.return!();
    expect(iterator.next().done).toBe(true);
    world.setData('/dir/n1', 'x');
    const copy = restored(takeSnapshot(world.coordinator.snapshot()), world.index);
    expect(copy.digest()).toBe(world.coordinator.digest());
  });

  it('that another one supersedes says so, and never just ends', () => {
    const world = filled();
    const first = world.coordinator.snapshot();
    first.next();
    const second = takeSnapshot(world.coordinator.snapshot());
    expect(() => first.next()).toThrow(expect.objectContaining({ code: 'superseded' }));
    expect(restored(second, world.index).digest()).toBe(world.coordinator.digest());
  });

  it('is exact whatever is applied between its slices (property)', () => {
    const name = fc.integer({ min: 0, max: 5 }).map((i) => `/dir/n${i}`);
    const step = fc.oneof(
      name.map((path) => (world: World) => world.create(path, 'c', 0)),
      name.map((path) => (world: World) => world.create(path, 'e', 1)),
      name.map((path) => (world: World) => world.delete(path)),
      name.map((path) => (world: World) => world.setData(path, 'same!')),
      name.map((path) => (world: World) => world.setData(path, 'longer than that')),
      name.map((path) => (world: World) => world.create(`${path}/c`)),
      name.map((path) => (world: World) => world.setAcl(path, READ_ACL)),
      name.map((path) => (world: World) => world.multi(op.delete(path), op.create(path))),
      name.map((path) => (world: World) => world.multi(op.delete(path), op.check('/no', 0))),
      fc.constant((world: World) => {
        world.apply(command.close(world.sessionId));
        world.sessionId = world.openSession();
      }),
    );
    const steps = fc.array(step, { maxLength: 12 });
    const fat = 'x'.repeat(SNAPSHOT_CHUNK_BYTES_MAX - 500);
    fc.assert(
      fc.property(steps, fc.array(steps, { maxLength: 6 }), (before, slices) => {
        const world = new World();
        world.create('/dir');
        for (const each of before) each(world);
        for (let i = 0; i < 4; i++) world.create(`/fat${i}`, fat);
        for (const each of before) each(world);
        const digest = world.coordinator.digest();
        const index = world.index;
        const chunks = takeSnapshot(world.coordinator.snapshot(), (chunk) => {
          for (const each of slices[chunk - 1] ?? []) each(world);
        });
        expect(chunks.length).toBeGreaterThanOrEqual(4);
        expect(restored(chunks, index).digest()).toBe(digest);
      }),
      { numRuns: 60 },
    );
  }, 20_000);
});

describe('a damaged snapshot', () => {
  const world = filled(3, 10);
  const [chunk] = takeSnapshot(world.coordinator.snapshot());

  it('is refused when it is cut off anywhere', () => {
    for (let length = 0; length < chunk!.length; length++) {
      const restoring = () => restored([chunk!.subarray(0, length)], 9);
      expect(restoring, `cut to ${length}`).toThrow(SnapshotError);
    }
  });

  it('is refused when a chunk is missing, doubled or behind the end', () => {
    expect(() => restored([], 9)).toThrow(expect.objectContaining({ code: 'incomplete' }));
    expect(() => restored([chunk!, chunk!], 9)).toThrow(SnapshotError);
    const large = filled();
    const chunks = takeSnapshot(large.coordinator.snapshot());
    expect(() => restored(chunks.toSpliced(1, 1), 9)).toThrow(SnapshotError);
    expect(() => restored(chunks.toSpliced(1, 0, chunks[1]!), 9)).toThrow(SnapshotError);
    expect(() => restored([...chunks, new Uint8Array([0])], 9)).toThrow(SnapshotError);
  });

  it('is refused when it is of another version or kind', () => {
    const version = chunk!.slice();
    version[5] = 99;
    expect(() => restored([version], 9)).toThrow(SnapshotError);
    const kind = chunk!.slice();
    kind[0] = 9;
    expect(() => restored([kind], 9)).toThrow(SnapshotError);
  });

  it('is refused or restored, but never ends in another error (property)', () => {
    fc.assert(
      fc.property(fc.nat({ max: chunk!.length - 1 }), fc.nat({ max: 255 }), (at, value) => {
        const damaged = chunk!.slice();
        damaged[at] = value;
        try {
          restored([damaged], 9);
        } catch (error) {
          expect(error).toBeInstanceOf(SnapshotError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('can be followed by a good one', () => {
    const coordinator = restored([chunk!], world.index);
    coordinator.restoreBegin();
    expect(() => coordinator.restoreChunk(new Uint8Array([7]))).toThrow(SnapshotError);
    coordinator.restoreBegin();
    coordinator.restoreChunk(chunk!);
    coordinator.restoreEnd(world.index);
    expect(coordinator.digest()).toBe(world.coordinator.digest());
  });
});
