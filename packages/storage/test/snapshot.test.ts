import type { SnapshotMetadata } from '@bellwether/raft';
import { describe, expect, it } from 'vitest';
import type { LogStore, StorageError } from '../src/index.ts';
import {
  chunksOf,
  DIRECTORY,
  entriesOf,
  flushed,
  hard,
  machine,
  type Machine,
  metadataOf,
  openOn,
  readAll,
  snapshotAt,
} from './harness.ts';

function chunksIn(store: LogStore): Uint8Array[] {
  const reader = store.openSnapshot();
  const chunks: Uint8Array[] = [];
  for (let chunk = reader?.readChunk(); chunk !== undefined; chunk = reader?.readChunk()) {
    chunks.push(chunk);
  }
  reader?.close();
  return chunks;
}

function withSnapshot(index = 5, term = 1): Machine & { readonly store: LogStore } {
  const { disk, queue } = machine();
  const store = openOn(disk);
  store.append(entriesOf(1, 9, 1));
  flushed(store, queue);
  snapshotAt(store, queue, index, term);
  return { disk, queue, store };
}

const fileOf = (index: number): string => `snapshot-${String(index).padStart(16, '0')}.snap`;

describe('a snapshot', () => {
  it('gives back its metadata and chunks as they were written', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    store.append(entriesOf(1, 9, 1));
    flushed(store, queue);
    const metadata: SnapshotMetadata = {
      index: 8,
      term: 1,
      membership: {
        voters: [1, 2, 2 ** 32 - 1],
        votersOutgoing: [1, 7],
        learners: [],
        context: Uint8Array.of(1, 2, 3),
      },
    };
    const writer = store.beginSnapshot(metadata);
    for (const chunk of chunksOf(8)) writer.write(chunk);
    expect(store.snapshot().index).toBe(0);
    let isDone = false;
    writer.commit((error) => (isDone = error === undefined));
    expect([isDone, store.snapshot().index]).toEqual([false, 0]);
    queue.runAll();
    expect(isDone).toBe(true);
    disk.crash();
    const again = openOn(disk);
    expect(again.snapshot()).toEqual(metadata);
    expect(again.openSnapshot()?.bytes).toBe(
      chunksOf(8).reduce((sum, { length }) => sum + length, 0),
    );
    expect(chunksIn(again)).toEqual(chunksOf(8));
  });

  it('may be empty', () => {
    const { queue, store } = withSnapshot();
    store.beginSnapshot(metadataOf(6, 1)).commit(() => {});
    queue.runAll();
    expect(chunksIn(store)).toEqual([]);
  });

  it('replaces older ones, as many as are not to be kept', () => {
    for (const snapshotsKept of [1, 2]) {
      const { disk, queue } = machine();
      const store = openOn(disk, { limits: { segmentBytes: 8192, snapshotsKept } });
      store.append(entriesOf(1, 9, 1));
      flushed(store, queue);
      for (const index of [3, 5, 7]) snapshotAt(store, queue, index, 1);
      const kept = [3, 5, 7].slice(-snapshotsKept).map(fileOf);
      const there = (): string[] => disk.list(DIRECTORY).filter((name) => name.endsWith('.snap'));
      expect(there()).toEqual(kept);
      store.close();
      expect(openOn(disk).snapshot().index).toBe(7);
      expect(there()).toEqual([fileOf(7)]);
    }
  });

  it('that is overtaken by a newer one is dropped', () => {
    const { disk, queue, store } = withSnapshot(3);
    const slow = store.beginSnapshot(metadataOf(5, 1));
    snapshotAt(store, queue, 8, 1);
    slow.write(new Uint8Array(10));
    let isDone = false;
    slow.commit((error) => (isDone = error === undefined));
    queue.runAll();
    expect([isDone, store.snapshot().index]).toEqual([true, 8]);
    expect(disk.list(DIRECTORY).filter((name) => name.includes('snap'))).toEqual([fileOf(8)]);
  });

  it('can be read to its end while a newer one replaces it', () => {
    const { queue, store } = withSnapshot(3);
    const reader = store.openSnapshot();
    snapshotAt(store, queue, 8, 1);
    for (const chunk of chunksOf(3)) expect(reader?.readChunk()).toEqual(chunk);
    expect(reader?.readChunk()).toBeUndefined();
  });

  it('leaves nothing behind when it is aborted, before and during its flush', () => {
    const { disk, queue, store } = withSnapshot(3);
    const before = disk.list(DIRECTORY);
    const writer = store.beginSnapshot(metadataOf(8, 1));
    writer.write(new Uint8Array(100));
    writer.abort();
    writer.abort();
    const other = store.beginSnapshot(metadataOf(8, 1));
    let called = 0;
    other.commit(() => (called += 1));
    other.abort();
    queue.runAll();
    expect([called, store.snapshot().index]).toEqual([0, 3]);
    expect(disk.list(DIRECTORY)).toEqual(before);
    expect(() => writer.write(new Uint8Array(1))).toThrow(/write\(\) comes before/);
  });

  it('whose flush or rename fails leaves the one before it, and the log goes on', () => {
    for (const kind of ['syncLater', 'syncDirectory'] as const) {
      const { disk, queue, store } = withSnapshot(3);
      disk.failNext(kind, 'ENOSPC');
      let message: string | undefined;
      store.beginSnapshot(metadataOf(8, 1)).commit((error) => (message = error?.message));
      queue.runAll();
      expect(message, kind).toMatch(/ENOSPC/);
      expect(store.snapshot().index).toBe(3);
      store.append(entriesOf(10, 11, 1));
      flushed(store, queue);
      disk.crash();
      const again = openOn(disk);
      expect([3, 8]).toContain(again.snapshot().index);
      expect(again.lastIndex()).toBe(11);
    }
  });

  it('is refused, with its place, when any bit of it is flipped', () => {
    const { disk: original, store } = withSnapshot();
    store.close();
    const path = `${DIRECTORY}/${fileOf(5)}`;
    const size = original.contentOf(path).length;
    let atOpening = 0;
    for (let at = 0; at < size; at += 1) {
      const disk = original.copy();
      disk.flipBit(path, at, at % 8);
      const error = thrownBy(() => chunksIn(openOn(disk)));
      expect(error, `byte ${at}`).toMatchObject({ code: 'corruptSnapshot', file: path });
      expect(error?.offset).toBeLessThanOrEqual(at);
      if (thrownBy(() => openOn(original.copy())) === undefined) atOpening += 1;
    }
    expect(atOpening).toBe(size);
  });

  it('is refused when it is cut short or has more behind it', () => {
    const { disk: original, store } = withSnapshot();
    store.close();
    const path = `${DIRECTORY}/${fileOf(5)}`;
    const size = original.contentOf(path).length;
    for (const length of [0, 10, 60, size - 1, size + 1, size + 24]) {
      const disk = original.copy();
      disk.open(path, 'readWrite').truncate(length);
      expect(thrownBy(() => openOn(disk))).toMatchObject({ code: 'corruptSnapshot', file: path });
    }
  });

  it('of another cluster is refused', () => {
    const { disk, store } = withSnapshot();
    store.close();
    const other = machine().disk;
    const foreign = openOn(other, { clusterId: 'herd' });
    foreign.close();
    const path = `${DIRECTORY}/${fileOf(5)}`;
    const file = other.open(path, 'create');
    file.write(disk.contentOf(path), 0);
    const error = thrownBy(() => openOn(other, { clusterId: 'herd' }));
    expect(error).toMatchObject({ code: 'wrongCluster', file: path });
  });
});

function thrownBy(work: () => unknown): StorageError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error as StorageError;
  }
}

describe('installing a received snapshot', () => {
  it('restarts the log behind it', () => {
    const { disk, queue, store } = withSnapshot(3);
    store.setHardState(hard(4, 2, 5));
    snapshotAt(store, queue, 50, 4);
    store.installSnapshot(metadataOf(50, 4));
    expect([store.firstIndex(), store.lastIndex(), store.persistedIndex]).toEqual([51, 50, 50]);
    expect(store.term(50)).toBe(4);
    store.append(entriesOf(51, 53, 4));
    expect(readAll(store)).toEqual(entriesOf(51, 53, 4));
    flushed(store, queue);
    disk.crash();
    const again = openOn(disk);
    expect(readAll(again)).toEqual(entriesOf(51, 53, 4));
    expect([again.firstIndex(), again.term(50)]).toEqual([51, 4]);
    expect(again.hardState()).toEqual(hard(4, 2, 50));
    expect(again.recovery.isRestarted).toBe(false);
  });

  it('is done again after a crash before it was flushed: snapshot ahead of the log', () => {
    const { disk, queue, store } = withSnapshot(3);
    snapshotAt(store, queue, 50, 4);
    disk.crash();
    const again = openOn(disk);
    expect([again.firstIndex(), again.lastIndex(), again.term(50)]).toEqual([51, 50, 4]);
    expect(again.recovery.isRestarted).toBe(true);
    expect(store).not.toBe(again);
  });

  it('is done again after a crash before it was flushed: the log conflicts', () => {
    const { disk, queue, store } = withSnapshot(3);
    snapshotAt(store, queue, 7, 4);
    disk.crash();
    const again = openOn(disk);
    expect([again.firstIndex(), again.lastIndex(), again.term(7)]).toEqual([8, 7, 4]);
    again.append(entriesOf(8, 8, 4));
    flushed(again, queue);
    disk.crash();
    const third = openOn(disk);
    expect(readAll(third)).toEqual(entriesOf(8, 8, 4));
    expect(third.recovery.isRestarted).toBe(false);
  });

  it('does not count a write that was under way', () => {
    const { queue, store } = withSnapshot(3);
    snapshotAt(store, queue, 50, 4);
    store.append(entriesOf(10, 12, 1));
    store.flush(() => {});
    store.installSnapshot(metadataOf(50, 4));
    queue.runOne();
    expect(store.persistedIndex).toBe(50);
    store.append(entriesOf(51, 51, 4));
    expect(store.persistedIndex).toBe(50);
    flushed(store, queue);
    expect(store.persistedIndex).toBe(51);
  });

  it('removes the segments before it', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    for (let from = 1; from <= 200; from += 10) {
      store.append(entriesOf(from, from + 9, 1));
      flushed(store, queue);
    }
    snapshotAt(store, queue, 500, 2);
    store.installSnapshot(metadataOf(500, 2));
    queue.runAll();
    expect(disk.list(DIRECTORY).filter((name) => name.endsWith('.seg')).length).toBeLessThanOrEqual(
      2,
    );
    disk.crash();
    expect([openOn(disk).firstIndex(), store.snapshot().index]).toEqual([501, 500]);
  });

  it('keeps the log where it agrees with a snapshot that was only committed', () => {
    const { disk, queue, store } = withSnapshot(5, 1);
    store.append(entriesOf(10, 12, 2));
    flushed(store, queue);
    disk.crash();
    const again = openOn(disk);
    expect([again.firstIndex(), again.lastIndex()]).toEqual([1, 12]);
    expect(again.recovery.isRestarted).toBe(false);
  });
});
