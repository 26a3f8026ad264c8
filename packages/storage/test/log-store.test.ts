import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LogStore, RealFileSystem, type StorageError } from '../src/index.ts';
import type { FaultyFileSystem } from '../src/testing/index.ts';
import {
  dataOf,
  DIRECTORY,
  entriesOf,
  entry,
  flushed,
  hard,
  machine,
  openOn,
  readAll,
  SMALL,
  snapshotAt,
} from './harness.ts';

describe('an empty log', () => {
  it('is before its first entry, has voted for nobody and knows no snapshot', () => {
    const { disk } = machine();
    const store = openOn(disk);
    expect([store.firstIndex(), store.lastIndex(), store.persistedIndex]).toEqual([1, 0, 0]);
    expect(store.term(0)).toBe(0);
    expect(store.hardState()).toEqual(hard(0, 0, 0));
    expect(store.snapshot().index).toBe(0);
    expect(store.openSnapshot()).toBeUndefined();
    expect(store.recovery).toEqual({ repaired: undefined, isRestarted: false });
  });

  it('has nothing to flush', () => {
    const { disk } = machine();
    const store = openOn(disk);
    const before = disk.operations;
    let isDone = false;
    store.flush(() => (isDone = true));
    expect([isDone, disk.operations]).toEqual([true, before]);
  });
});

function openOnce(disk: FaultyFileSystem): LogStore {
  return openOn(disk.copy());
}

describe('append', () => {
  it('makes entries readable at once and durable after the flush', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    store.append(entriesOf(1, 3, 1));
    expect(readAll(store)).toEqual(entriesOf(1, 3, 1));
    expect([store.lastIndex(), store.persistedIndex]).toEqual([3, 0]);
    flushed(store, queue);
    expect(store.persistedIndex).toBe(3);
    disk.crash();
    const again = openOn(disk);
    expect(readAll(again)).toEqual(entriesOf(1, 3, 1));
    expect(again.persistedIndex).toBe(3);
  });

  it('keeps empty data, every kind and large numbers', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    const term = 2 ** 53 - 1;
    store.append([{ index: 1, term: 2 ** 40 + 7, kind: 'noop', data: new Uint8Array(0) }]);
    store.append([{ index: 2, term, kind: 'membership', data: dataOf(1, 1, 5000) }]);
    store.setHardState(hard(term, 2 ** 32 - 1, 2));
    flushed(store, queue);
    const expected = readAll(store);
    disk.crash();
    const again = openOn(disk);
    expect(readAll(again)).toEqual(expected);
    expect(again.term(2)).toBe(term);
    expect(again.hardState()).toEqual(hard(term, 2 ** 32 - 1, 2));
  });

  it('replaces a suffix: the index falls, the old terms are gone, from disk too', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    store.append(entriesOf(1, 9, 1));
    flushed(store, queue);
    store.append(entriesOf(4, 5, 2));
    expect([store.lastIndex(), store.persistedIndex]).toEqual([5, 3]);
    expect([3, 4, 5].map((index) => store.term(index))).toEqual([1, 2, 2]);
    flushed(store, queue);
    expect(store.persistedIndex).toBe(5);
    disk.crash();
    const again = openOn(disk);
    expect(readAll(again)).toEqual([...entriesOf(1, 3, 1), ...entriesOf(4, 5, 2)]);
  });

  it('knows the terms after any replacement', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    store.append([...entriesOf(1, 5, 1), ...entriesOf(6, 8, 2)]);
    store.append([...entriesOf(4, 4, 1), ...entriesOf(5, 9, 2)]);
    store.append(entriesOf(9, 12, 3));
    store.append(entriesOf(2, 3, 4));
    store.append(entriesOf(4, 4, 5));
    flushed(store, queue);
    const terms = [0, 1, 2, 3, 4].map((index) => store.term(index));
    expect(terms).toEqual([0, 1, 4, 4, 5]);
    expect(() => store.term(5)).toThrow(/index <= lastIndex/);
    disk.crash();
    expect([0, 1, 2, 3, 4].map((index) => openOnce(disk).term(index))).toEqual(terms);
  });

  it('replaces across several segments', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    for (let from = 1; from <= 100; from += 10) {
      store.append(entriesOf(from, from + 9, 1));
      flushed(store, queue);
    }
    store.append(entriesOf(15, 16, 2));
    flushed(store, queue);
    const expected = [...entriesOf(1, 14, 1), ...entriesOf(15, 16, 2)];
    expect(readAll(store)).toEqual(expected);
    disk.crash();
    expect(readAll(openOn(disk))).toEqual(expected);
  });

  it('does not count what is replaced while its write is under way', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    store.append(entriesOf(1, 5, 1));
    store.flush(() => {});
    store.append(entriesOf(3, 8, 2));
    queue.runOne();
    expect(store.persistedIndex).toBe(2);
    flushed(store, queue);
    expect(store.persistedIndex).toBe(8);
  });

  it('refuses a gap', () => {
    const store = openOn(machine().disk);
    expect(() => store.append(entriesOf(2, 2, 1))).toThrow(/follows the last|consecutive/);
  });
});

describe('entries', () => {
  it('are cut off after bytesMax, but never fewer than one, from memory and from disk', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    const all = Array.from({ length: 40 }, (_, at) => ({
      ...entry(at + 1, 1),
      data: dataOf(0, 1, 100),
    }));
    store.append(all);
    flushed(store, queue);
    for (const from of [1, 5, 31, 36]) {
      expect(store.entries(from, 40, 0).length).toBe(1);
      expect(store.entries(from, 40, 99).length).toBe(1);
      expect(store.entries(from, 40, 300).length).toBe(3);
      expect(store.entries(from, 40, 399).length).toBe(3);
      expect(store.entries(from, from + 1, 10_000).length).toBe(2);
    }
    expect(store.entries(1, 40, 1e9)).toEqual(all);
    expect(store.entries(30, 40, 800)).toEqual(all.slice(29, 37));
  });

  it('that are larger than a read window come from disk whole', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    store.append(entriesOf(1, 12, 1, 1500));
    flushed(store, queue);
    disk.crash();
    expect(openOn(disk).entries(1, 12, 1e9)).toEqual(entriesOf(1, 12, 1, 1500));
  });

  it('that are not durable stay in memory beyond the cache’s limits', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    store.append(entriesOf(1, 100, 1));
    expect(readAll(store)).toEqual(entriesOf(1, 100, 1));
    flushed(store, queue);
    expect(readAll(store)).toEqual(entriesOf(1, 100, 1));
  });
});

describe('hard state', () => {
  it('is the last one of those that were flushed', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    store.setHardState(hard(1, 1, 0));
    store.append(entriesOf(1, 2, 1));
    store.setHardState(hard(2, 3, 1));
    store.setHardState(hard(3, 0, 2));
    expect(store.hardState()).toEqual(hard(3, 0, 2));
    flushed(store, queue);
    disk.crash();
    expect(openOn(disk).hardState()).toEqual(hard(3, 0, 2));
  });

  it('that is set again and again takes no more room', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    for (let term = 1; term < 1000; term += 1) store.setHardState(hard(term, 1, 0));
    flushed(store, queue);
    expect(store.logBytes).toBeLessThan(4096 + 200);
    disk.crash();
    expect(openOn(disk).hardState().term).toBe(999);
  });

  it('survives the removal of the segment that it was written to', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    store.setHardState(hard(7, 3, 0));
    for (let from = 1; from <= 200; from += 10) {
      store.append(entriesOf(from, from + 9, 7));
      flushed(store, queue);
    }
    snapshotAt(store, queue, 200, 7);
    store.truncatePrefix(200);
    queue.runAll();
    disk.crash();
    const again = openOn(disk);
    expect(again.hardState()).toEqual(hard(7, 3, 200));
    expect(again.firstIndex()).toBeGreaterThan(100);
  });

  it('never has a commit beyond the log', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    store.append(entriesOf(1, 2, 1));
    store.setHardState(hard(1, 1, 50));
    flushed(store, queue);
    store.close();
    expect(openOn(disk).hardState().commit).toBe(2);
  });
});

describe('flush', () => {
  it('takes everything that queued during one into the next (group commit)', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    const done: number[] = [];
    const before = disk.operations;
    store.append(entriesOf(1, 1, 1));
    store.flush(() => done.push(1));
    for (let index = 2; index <= 50; index += 1) {
      store.append(entriesOf(index, index, 1));
      store.setHardState(hard(1, 1, index - 1));
      store.flush(() => done.push(index));
    }
    expect(disk.operations - before).toBe(1);
    expect(done).toEqual([]);
    queue.runOne();
    expect(done).toEqual([1]);
    expect([store.persistedIndex, queue.length]).toEqual([1, 2]);
    expect(disk.operations - before).toBe(1 + 1 + 1 + 4);
    queue.runAll();
    expect(done).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
    expect(store.persistedIndex).toBe(50);
  });

  it('without anything new waits for the write under way', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    const done: string[] = [];
    store.append(entriesOf(1, 1, 1));
    store.flush(() => done.push('first'));
    store.flush(() => done.push('second'));
    expect([done, queue.length]).toEqual([[], 1]);
    queue.runOne();
    expect(done).toEqual(['first', 'second']);
  });

  it('may be called from onDone, as may append', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    const more = (): void => {
      const next = store.lastIndex() + 1;
      if (next > 20) return;
      store.append(entriesOf(next, next, 1));
      store.flush(more);
    };
    more();
    queue.runAll();
    expect(store.persistedIndex).toBe(20);
    disk.crash();
    expect(openOn(disk).lastIndex()).toBe(20);
  });

  it('that fails makes every later one fail, and tells the owner once', () => {
    const { disk, queue } = machine();
    const fatal: Error[] = [];
    const store = openOn(disk, { onFatal: (error) => fatal.push(error) });
    const seen: (string | undefined)[] = [];
    const note = (error: Error | undefined): void => {
      seen.push((error as StorageError | undefined)?.code);
    };
    store.append(entriesOf(1, 1, 1));
    store.flush(note);
    queue.runAll();
    disk.failNext('writeThrough', 'EIO');
    store.append(entriesOf(2, 2, 1));
    store.flush(note);
    store.append(entriesOf(3, 3, 1));
    store.flush(note);
    queue.runAll();
    store.flush(note);
    expect(seen).toEqual([undefined, 'ioFailed', 'ioFailed', 'ioFailed']);
    expect(store.persistedIndex).toBe(1);
    expect(fatal.map(({ message }) => message.includes('EIO'))).toEqual([true]);
    store.close();
    disk.crash();
    expect(openOn(disk).lastIndex()).toBeGreaterThanOrEqual(1);
  });

  it('fails when the next segment can’t be made', () => {
    for (const kind of ['create', 'syncLater', 'rename', 'syncDirectory'] as const) {
      const { disk, queue } = machine();
      const fatal: Error[] = [];
      const store = openOn(disk, { onFatal: (error) => fatal.push(error) });
      disk.failNext(kind, 'ENOSPC');
      store.append(entriesOf(1, 1, 1));
      flushed(store, queue);
      expect(fatal.length, kind).toBe(1);
      expect(() => flushed(store, queue)).toThrow(/ENOSPC/);
      store.close();
      disk.crash();
      expect(openOn(disk).lastIndex()).toBe(1);
    }
  });
});

describe('rotation', () => {
  it('goes on in the segment if the next is not there yet', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    store.append(entriesOf(1, 1, 1));
    store.flush(() => {});
    queue.runOne();
    // The next segment's flush waits in front; everything else goes into the first segment.
    store.append(entriesOf(2, 200, 1));
    store.flush(() => {});
    expect(disk.list(DIRECTORY).filter((name) => name.endsWith('.seg')).length).toBe(1);
    queue.runAll();
    store.append(entriesOf(201, 210, 1));
    flushed(store, queue);
    disk.crash();
    expect(readAll(openOn(disk))).toEqual(entriesOf(1, 210, 1));
  });
});

describe('truncatePrefix', () => {
  it('removes whole segments that end at or below the index, after the next flush', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    for (let from = 1; from <= 200; from += 10) {
      store.append(entriesOf(from, from + 9, 1));
      flushed(store, queue);
    }
    const files = disk.list(DIRECTORY);
    snapshotAt(store, queue, 120, 1);
    store.truncatePrefix(120);
    expect(disk.list(DIRECTORY).length).toBe(files.length + 1);
    queue.runAll();
    expect(disk.list(DIRECTORY).length).toBeLessThan(files.length);
    const first = store.firstIndex();
    expect(first).toBeGreaterThan(1);
    expect(first).toBeLessThanOrEqual(121);
    expect(store.term(first - 1)).toBe(1);
    expect(readAll(store)).toEqual(entriesOf(first, 200, 1));
    disk.crash();
    const again = openOn(disk);
    expect([again.firstIndex(), again.term(first - 1)]).toEqual([first, 1]);
    expect(readAll(again)).toEqual(entriesOf(first, 200, 1));
  });

  it('refuses what no snapshot covers', () => {
    const store = openOn(machine().disk);
    store.append(entriesOf(1, 3, 1));
    expect(() => store.truncatePrefix(1)).toThrow(/snapshot covers/);
  });
});

describe('opening', () => {
  it('refuses another cluster’s and another node’s directory', () => {
    const { disk } = machine();
    openOn(disk).close();
    const file = 'data/log-0000000000000001.seg';
    const cluster = { code: 'wrongCluster', file };
    expect(() => openOn(disk, { clusterId: 'herd' })).toThrow(expect.objectContaining(cluster));
    const node = { code: 'wrongNode', file };
    expect(() => openOn(disk, { nodeId: 2 })).toThrow(expect.objectContaining(node));
    expect(openOn(disk).lastIndex()).toBe(0);
  });

  it('refuses a directory that is open, and takes it after close', () => {
    const { disk } = machine();
    const store = openOn(disk);
    expect(() => openOn(disk)).toThrow(expect.objectContaining({ code: 'locked' }));
    store.close();
    openOn(disk);
  });

  it('removes unfinished files and leaves others alone', () => {
    const { disk } = machine();
    openOn(disk).close();
    for (const name of ['log-2.tmp', 'snapshot-7.1.tmp', 'notes.txt']) {
      disk.open(`${DIRECTORY}/${name}`, 'create').close();
    }
    openOn(disk);
    expect(disk.list(DIRECTORY)).toEqual(['log-0000000000000001.seg', 'notes.txt']);
  });

  it('gives up the lock only after the write under way, whose waiters are told', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    const seen: (string | undefined)[] = [];
    store.append(entriesOf(1, 1, 1));
    store.flush((error) => seen.push((error as StorageError).code));
    store.close();
    store.flush((error) => seen.push((error as StorageError).code));
    expect(seen).toEqual(['closed', 'closed']);
    expect(() => openOn(disk)).toThrow(expect.objectContaining({ code: 'locked' }));
    queue.runAll();
    expect(openOn(disk).lastIndex()).toBe(1);
  });
});

describe('on the real file system', () => {
  it('writes, rotates, truncates, reopens', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'bellwether-log-'));
    const fileSystem = new RealFileSystem();
    const options = { fileSystem, directory, clusterId: 'flock', nodeId: 3, limits: SMALL };
    const store = LogStore.open(options);
    const flush = (): Promise<void> =>
      new Promise((resolve, reject) => store.flush((error) => (error ? reject(error) : resolve())));
    let last = 0;
    const appendTen = async (): Promise<void> => {
      store.append(entriesOf(last + 1, last + 10, 1));
      store.setHardState(hard(1, 3, last + 1));
      last += 10;
      await flush();
    };
    // A segment grows until the next one's file is there, which takes as long as the disk does.
    const segments = (): number =>
      fileSystem.list(directory).filter((name) => name.endsWith('.seg')).length;
    while (segments() < 3) {
      expect(last).toBeLessThan(100_000);
      await appendTen();
    }
    const covered = last;
    for (let i = 0; i < 3; i++) await appendTen();
    store.append(entriesOf(last - 10, last - 5, 2));
    await flush();
    const writer = store.beginSnapshot({
      index: covered,
      term: 1,
      membership: { voters: [3], votersOutgoing: [], learners: [] },
    });
    writer.write(dataOf(1, 1, 3000));
    await new Promise<void>((resolve, reject) =>
      writer.commit((error) => (error ? reject(error) : resolve())),
    );
    store.truncatePrefix(covered);
    await flush();
    const expected = readAll(store);
    const first = store.firstIndex();
    expect(first).toBeGreaterThan(1);
    await new Promise<void>((resolve) => store.close(resolve));
    const again = LogStore.open(options);
    expect(readAll(again)).toEqual(expected);
    expect(expected).toEqual([
      ...entriesOf(first, last - 11, 1),
      ...entriesOf(last - 10, last - 5, 2),
    ]);
    expect(again.openSnapshot()?.readChunk()).toEqual(dataOf(1, 1, 3000));
    await new Promise<void>((resolve) => again.close(resolve));
    rmSync(directory, { recursive: true });
  });
});
