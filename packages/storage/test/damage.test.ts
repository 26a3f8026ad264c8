/*
 * One bit of one byte of every file of a small data directory is flipped, every byte in turn: either
 * the log opens and holds exactly what it held, or it refuses with a message that says which file,
 * where, what is lost and what to do, and has changed nothing. `STORAGE_STRIDE=1` looks at every byte;
 * otherwise bytes that say nothing are passed over in steps.
 */
import { createHash } from 'node:crypto';
import type { HardState } from '@bellwether/raft';
import { describe, expect, it, vi } from 'vitest';
import { StorageError, type LogStore } from '../src/index.ts';
import type { FaultyFileSystem } from '../src/testing/index.ts';
import {
  DIRECTORY,
  entriesOf,
  flushed,
  hard,
  machine,
  openOn,
  readAll,
  SMALL,
  snapshotAt,
} from './harness.ts';

vi.setConfig({ testTimeout: 600_000 });

const STRIDE = Number(process.env['STORAGE_STRIDE'] ?? '509');
const LIMITS = { ...SMALL, snapshotsKept: 2 };

interface Content {
  /** Of every entry and of the newest snapshot: comparing them byte by byte takes a hundred times longer. */
  readonly entries: string;
  readonly snapshot: string;
  readonly hardState: HardState;
}

/** A directory with everything in it: four segments, a conflict, votes, two snapshots, one that is prepared. */
function smallDirectory(last: 'confirmed' | 'unconfirmed'): FaultyFileSystem {
  const { disk, queue } = machine();
  const store = openOn(disk, { limits: LIMITS });
  store.setHardState(hard(1, 2, 0));
  for (let from = 1; from <= 60; from += 3) {
    store.append(entriesOf(from, from + 2, 1, 180));
    flushed(store, queue);
  }
  store.setHardState(hard(2, 3, 50));
  store.append(entriesOf(58, 64, 2, 180));
  flushed(store, queue);
  snapshotAt(store, queue, 40, 1);
  snapshotAt(store, queue, 55, 1);
  store.truncatePrefix(20);
  queue.runAll();
  store.append(entriesOf(65, 80, 2, 180));
  flushed(store, queue);
  store.setHardState(hard(3, 1, 64));
  flushed(store, queue);
  if (last === 'confirmed') store.confirm();
  queue.runAll();
  store.close();
  return disk;
}

function contentOf(store: LogStore): Content {
  const entries = createHash('sha1');
  for (const { index, term, kind, data } of readAll(store, 100_000)) {
    entries.update(`${index} ${term} ${kind} ${data.length} `).update(data);
  }
  const snapshot = createHash('sha1').update(`${store.snapshot().index} ${store.snapshot().term} `);
  const reader = store.openSnapshot();
  for (let chunk = reader?.readChunk(); chunk !== undefined; chunk = reader?.readChunk()) {
    snapshot.update(`${chunk.length} `).update(chunk);
  }
  reader?.close();
  const hardState = store.hardState();
  return { entries: entries.digest('hex'), snapshot: snapshot.digest('hex'), hardState };
}

function pathsOf(disk: FaultyFileSystem): string[] {
  return disk.list(DIRECTORY).map((name) => `${DIRECTORY}/${name}`);
}

/** The offsets to damage: all that may mean something, and some of the zeros behind it. */
function* offsetsOf(disk: FaultyFileSystem, path: string): Generator<number> {
  const bytes = disk.contentOf(path);
  const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
  const isDense = (at: number): boolean => at < 128 || (at >= 4080 && at < end);
  for (let at = 0; at < bytes.length; at++) {
    if (STRIDE === 1 || (isDense(at) && at % 29 === 3) || at % STRIDE === 0) yield at;
  }
}

function expectClear(error: unknown, path: string, what: string): void {
  expect(error, what).toBeInstanceOf(StorageError);
  const { message, file, offset } = error as StorageError;
  expect(file, what).toMatch(/^data\//);
  expect(message, what).toContain(file);
  expect(message, what).toMatch(/is damaged at offset \d+|is missing/);
  expect(message, what).toMatch(/Lost on this node/);
  expect(message, what).toMatch(/move this directory away and start this node with an empty one/);
  expect(offset, what).toBeLessThan(1e6);
  if (path.endsWith('.snap')) expect(message, what).toMatch(/the state up to entry \d+/);
}

interface Tally {
  refused: number;
  same: number;
  /** The last batch was taken for torn. */
  cut: number;
}

/** Opens and reads everything; every outcome but those that are allowed fails the test. */
function judge(disk: FaultyFileSystem, path: string, wanted: Content, what: string, tally: Tally) {
  const before = Buffer.concat(pathsOf(disk).map((each) => disk.contentOf(each)));
  let store: LogStore | undefined;
  try {
    store = openOn(disk, { limits: LIMITS });
    const found = contentOf(store);
    const isCut = store.recovery.repaired !== undefined && found.hardState.term < 3;
    if (isCut) {
      tally.cut++;
      expect(found.entries, what).toBe(wanted.entries);
      return;
    }
    const { commit, ...votes } = wanted.hardState;
    expect(found.hardState, what).toMatchObject(votes);
    expect(found.hardState.commit, what).toBeLessThanOrEqual(commit);
    expect([found.entries, found.snapshot], what).toEqual([wanted.entries, wanted.snapshot]);
    tally.same++;
  } catch (error) {
    expectClear(error, path, what);
    tally.refused++;
    if (store === undefined) {
      const after = Buffer.concat(pathsOf(disk).map((each) => disk.contentOf(each)));
      expect(before.equals(after), `${what}: nothing was changed`).toBe(true);
    }
  } finally {
    store?.close();
  }
}

function damageEverywhere(original: FaultyFileSystem): Tally {
  const wanted = contentOf(openOn(original.copy(), { limits: LIMITS }));
  const tally = { refused: 0, same: 0, cut: 0 };
  for (const path of pathsOf(original)) {
    for (const at of offsetsOf(original, path)) {
      const disk = original.copy();
      disk.flipBit(path, at, (at * 5 + 3) % 8);
      judge(disk, path, wanted, `${path} at ${at}`, tally);
    }
  }
  return tally;
}

describe('a flipped bit anywhere in a data directory', () => {
  it('is in a directory of every kind of file', () => {
    const names = smallDirectory('confirmed').list(DIRECTORY);
    expect(names.filter((name) => name.endsWith('.snap')).length).toBe(2);
    expect(names.filter((name) => name.endsWith('.seg')).length).toBeGreaterThanOrEqual(4);
  });

  it('is refused with a clear message, or changes nothing, once the last write is confirmed', () => {
    const { refused, same, cut } = damageEverywhere(smallDirectory('confirmed'));
    expect(refused).toBeGreaterThan(100);
    expect(same).toBeGreaterThan(10);
    expect(cut).toBe(0);
  });

  it('is taken for a torn write in the very last one while nothing is behind it', () => {
    const { cut, refused } = damageEverywhere(smallDirectory('unconfirmed'));
    expect(refused).toBeGreaterThan(100);
    expect(cut).toBeGreaterThan(0);
  });

  it('is named with the first entry that is lost', () => {
    const disk = smallDirectory('confirmed');
    const segment = pathsOf(disk).find((path) => path.endsWith('.seg')) ?? '';
    disk.flipBit(segment, 4096 + 400, 1);
    expect(() => openOn(disk, { limits: LIMITS })).toThrow(
      /Lost on this node, though acknowledged: (entry \d+ and those behind it|the entries in it)/,
    );
    const whole = smallDirectory('confirmed');
    const last =
      pathsOf(whole).findLast(
        (path) => path.endsWith('.seg') && whole.contentOf(path)[4096] !== 0,
      ) ?? '';
    whole.flipBit(last, 4096 + 200, 1);
    expect(() => openOn(whole, { limits: LIMITS })).toThrow(/acknowledged: entry \d+ and those/);
  });
});

describe('a confirmation', () => {
  it('is written once, and not again before something else was', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    store.append(entriesOf(1, 1, 1));
    flushed(store, queue);
    const before = store.logBytes;
    store.confirm();
    queue.runAll();
    const after = store.logBytes;
    expect(after).toBeGreaterThan(before);
    store.confirm();
    queue.runAll();
    expect(store.logBytes).toBe(after);
    store.setHardState(hard(1, 1, 1));
    flushed(store, queue);
    store.confirm();
    queue.runAll();
    expect(store.logBytes).toBeGreaterThan(after + 40);
  });

  it('is not needed where a commit index was written behind the entries', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    store.append(entriesOf(1, 1, 1));
    flushed(store, queue);
    store.setHardState(hard(0, 0, 1));
    flushed(store, queue);
    const before = store.logBytes;
    store.confirm();
    queue.runAll();
    expect(store.logBytes).toBe(before);
  });
});
