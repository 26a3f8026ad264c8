import { describe, expect, it } from 'vitest';
import type { LogStore, StorageError } from '../src/index.ts';
import type { FaultyFileSystem } from '../src/testing/index.ts';
import { BatchBuffer } from '../src/batch-buffer.ts';
import { BATCH_HEADER_BYTES, ENTRY_HEADER_BYTES } from '../src/format.ts';
import { DIRECTORY, entry, entriesOf, flushed, hard, machine, openOn, readAll } from './harness.ts';

const FIRST = `${DIRECTORY}/log-0000000000000001.seg`;
const HEADER_BYTES = 4096;

interface SmallLog {
  readonly disk: FaultyFileSystem;
  /** Offsets in the segment behind each batch. */
  readonly ends: readonly number[];
}

/** Batches of 1, 2 and 3 entries in one segment, the second with a hard state. */
function smallLog(length = 40): SmallLog {
  const { disk, queue } = machine();
  const store = openOn(disk);
  const ends: number[] = [];
  const end = (): void => {
    flushed(store, queue);
    ends.push(store.logBytes);
  };
  store.append(entriesOf(1, 1, 1, length));
  end();
  store.setHardState(hard(1, 2, 1));
  store.append(entriesOf(2, 3, 1, length));
  end();
  store.append(entriesOf(4, 6, 1, length));
  end();
  store.close();
  return { disk, ends };
}

/** Zeroes the file from `offset` to `end`. */
function erase(disk: FaultyFileSystem, path: string, offset: number, end: number): void {
  const file = disk.open(path, 'readWrite');
  file.write(new Uint8Array(end - offset), offset);
  file.sync();
}

function opened(disk: FaultyFileSystem): LogStore | StorageError {
  try {
    return openOn(disk);
  } catch (error) {
    return error as StorageError;
  }
}

function goesOn(disk: FaultyFileSystem, store: LogStore, queueDisk: () => void): void {
  const next = store.lastIndex() + 1;
  store.append(entriesOf(next, next + 1, 2));
  let isDone = false;
  store.flush((error) => {
    isDone = error === undefined;
  });
  queueDisk();
  expect(isDone).toBe(true);
  store.close();
  const again = openOn(disk);
  expect(again.lastIndex()).toBe(next + 1);
  expect(again.recovery.repaired).toBeUndefined();
  expect(again.term(next)).toBe(2);
}

describe('a torn tail', () => {
  it('is repaired for every length that the last batch may have been cut to', () => {
    const { disk: original, ends } = smallLog();
    const [, second, third] = ends as [number, number, number];
    for (let cut = second; cut < third; cut += 1) {
      const { disk: _, queue } = machine();
      const disk = original.copy({ schedule: queue.schedule });
      erase(disk, FIRST, cut, third);
      const store = openOn(disk);
      expect(store.lastIndex(), `cut at ${cut}`).toBe(3);
      expect(store.hardState()).toEqual(hard(1, 2, 1));
      const wasThere = cut > second;
      expect(store.recovery.repaired?.offset).toBe(wasThere ? second : undefined);
      goesOn(disk, store, () => queue.runAll());
    }
  });

  it('is repaired in the first batch of all', () => {
    const { disk, ends } = smallLog();
    erase(disk, FIRST, HEADER_BYTES + 50, ends[2] as number);
    const store = openOn(disk);
    expect([store.firstIndex(), store.lastIndex()]).toEqual([1, 0]);
    expect(store.recovery.repaired?.offset).toBe(HEADER_BYTES);
  });

  it('is repaired where the file itself is shorter', () => {
    const { disk, ends } = smallLog();
    const file = disk.open(FIRST, 'readWrite');
    file.truncate((ends[2] as number) - 1);
    file.sync();
    expect(openOn(disk).lastIndex()).toBe(3);
  });

  it('is found whatever subset of the last batch’s sectors is missing', () => {
    const { disk: original, ends } = smallLog(560);
    const [, second, third] = ends as [number, number, number];
    const first = Math.floor(second / 512);
    const count = Math.ceil(third / 512) - first;
    expect(count).toBeGreaterThan(3);
    let torn = 0;
    for (let subset = 1; subset < 2 ** count; subset += 1) {
      const disk = original.copy();
      for (let sector = 0; sector < count; sector += 1) {
        if ((subset & (1 << sector)) === 0) continue;
        const from = Math.max(second, (first + sector) * 512);
        erase(disk, FIRST, from, Math.min(third, (first + sector + 1) * 512));
      }
      const isSame = Buffer.compare(disk.contentOf(FIRST), original.contentOf(FIRST)) === 0;
      if (!isSame) torn += 1;
      const store = openOn(disk);
      expect(store.lastIndex(), `subset ${subset}`).toBe(isSame ? 6 : 3);
      store.close();
      expect(openOn(disk).recovery.repaired).toBeUndefined();
    }
    expect(torn).toBeGreaterThanOrEqual(2 ** count - 2);
  });
});

describe('a flipped bit', () => {
  it('is repaired in the last batch and behind it, and refused with its place elsewhere', () => {
    const { disk: original, ends } = smallLog();
    const [first, second, third] = ends as [number, number, number];
    for (let at = 0; at < third + 64; at += 1) {
      const disk = original.copy();
      disk.flipBit(FIRST, at, at % 8);
      const store = opened(disk);
      if (at < second) {
        const offset = at < HEADER_BYTES ? 0 : at < first ? HEADER_BYTES : first;
        expect(store, `byte ${at}`).toMatchObject({ code: 'corruptSegment', file: FIRST, offset });
        expect((store as StorageError).message).toContain(`${FIRST} is damaged at offset`);
        expect(disk.contentOf(FIRST).length).toBe(8192);
      } else {
        const kept = at < third ? 3 : 6;
        expect((store as LogStore).lastIndex(), `byte ${at}`).toBe(kept);
        const end = at < third ? second : third;
        expect((store as LogStore).recovery.repaired?.offset).toBe(end);
      }
    }
  });

  it('is refused in an earlier segment, wherever it is in its batches', () => {
    const { disk: original, queue } = machine();
    const store = openOn(original);
    for (let from = 1; from <= 40; from += 4) {
      store.append(entriesOf(from, from + 3, 1, 200));
      flushed(store, queue);
    }
    const used = store.logBytes;
    store.close();
    const names = original.list(DIRECTORY);
    expect(names.length).toBeGreaterThanOrEqual(3);
    expect(used).toBeGreaterThan(2 * HEADER_BYTES);
    for (let at = HEADER_BYTES; at < 8192; at += 7) {
      const disk = original.copy();
      disk.flipBit(FIRST, at, 2);
      expect(opened(disk), `byte ${at}`).toMatchObject({ code: 'corruptSegment', file: FIRST });
    }
  });

  it('is found when the entry is read, should it come after the start', () => {
    const { disk, ends } = smallLog();
    const store = openOn(disk);
    disk.flipBit(FIRST, (ends[2] as number) - 1, 0);
    expect(store.entries(1, 5, 10_000).length).toBe(5);
    const code = expect.objectContaining({ code: 'corruptSegment', file: FIRST });
    expect(() => store.entries(6, 6, 10_000)).toThrow(code);
    expect(() => readAll(store)).toThrow(/entry 6/);
  });
});

describe('data that looks like a batch', () => {
  it('in a torn batch is not taken for a later one', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    store.append(entriesOf(1, 3, 1));
    flushed(store, queue);
    const end = store.logBytes;
    const copied = disk.contentOf(FIRST).slice(HEADER_BYTES, end);
    store.append([{ index: 4, term: 1, kind: 'command', data: copied }]);
    flushed(store, queue);
    const last = store.logBytes;
    store.close();
    erase(disk, FIRST, last - 10, last);
    const again = openOn(disk);
    expect(again.lastIndex()).toBe(3);
    expect(again.recovery.repaired?.offset).toBe(end);
  });

  it('down to its place and sequence is not taken for one either, within a torn batch', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    store.append(entriesOf(1, 3, 1));
    flushed(store, queue);
    const end = store.logBytes;
    const data = sealedBatch(99, end + BATCH_HEADER_BYTES + ENTRY_HEADER_BYTES).slice();
    store.append([{ index: 4, term: 1, kind: 'command', data }, ...entriesOf(5, 5, 1)]);
    flushed(store, queue);
    const last = store.logBytes;
    store.close();
    erase(disk, FIRST, last - 10, last);
    expect(openOn(disk).lastIndex()).toBe(3);
  });
});

/** A whole batch with one entry. */
function sealedBatch(sequence: number, position: number): Uint8Array {
  const buffer = new BatchBuffer(1024, 4096);
  buffer.begin(sequence, 1, position, undefined);
  buffer.putEntry(entry(7, 1));
  return buffer.seal('open');
}

describe('a whole batch in the wrong place in the sequence', () => {
  it('is a proof of a hole when it is later, and erased when it is earlier', () => {
    const { disk: original, ends } = smallLog();
    const end = ends[2] as number;
    for (const sequence of [1, 3, 5, 6]) {
      const disk = original.copy();
      const file = disk.open(FIRST, 'readWrite');
      file.write(sealedBatch(sequence, end), end);
      file.sync();
      const store = opened(disk);
      if (sequence < 4) expect((store as LogStore).lastIndex(), `${sequence}`).toBe(6);
      else expect(store).toMatchObject({ code: 'corruptSegment', file: FIRST, offset: end });
    }
  });

  it('is right when it is the next', () => {
    const { disk, ends } = smallLog();
    const file = disk.open(FIRST, 'readWrite');
    file.write(sealedBatch(4, ends[2] as number), ends[2] as number);
    expect(openOn(disk).lastIndex()).toBe(7);
  });
});

describe('a segment of another history', () => {
  it('is refused by its checkpoint', () => {
    const written = (term: number): FaultyFileSystem => {
      const { disk, queue } = machine();
      const store = openOn(disk);
      for (let from = 1; from <= 64; from += 4) {
        store.append(entriesOf(from, from + 3, term, 200));
        flushed(store, queue);
      }
      store.close();
      return disk;
    };
    const disk = written(1);
    const second = `${DIRECTORY}/log-0000000000000002.seg`;
    disk.open(second, 'readWrite').write(written(2).contentOf(second), 0);
    const error = opened(disk);
    expect(error).toMatchObject({ code: 'corruptSegment', file: second });
    expect((error as StorageError).message).toContain('checkpoint');
  });
});

describe('segments that are missing', () => {
  function threeSegments(): FaultyFileSystem {
    const { disk, queue } = machine();
    const store = openOn(disk);
    for (let from = 1; from <= 64; from += 4) {
      store.append(entriesOf(from, from + 3, 1, 200));
      flushed(store, queue);
    }
    store.close();
    expect(disk.list(DIRECTORY).length).toBeGreaterThanOrEqual(4);
    return disk;
  }

  const nameOf = (sequence: number): string => `${DIRECTORY}/log-000000000000000${sequence}.seg`;

  it('are named: the first, one in the middle, the last that was written to', () => {
    const count = threeSegments().list(DIRECTORY).length;
    for (let sequence = 1; sequence < count; sequence += 1) {
      const disk = threeSegments();
      if (sequence === count - 1) disk.remove(nameOf(count));
      disk.remove(nameOf(sequence));
      const expected = { code: 'missingSegment', file: nameOf(sequence) };
      expect(opened(disk), `segment ${sequence}`).toMatchObject(expected);
    }
  });

  it('may be the prepared one, which is made again', () => {
    const disk = threeSegments();
    expect(disk.list(DIRECTORY).length).toBe(5);
    disk.remove(nameOf(disk.list(DIRECTORY).length));
    expect(openOn(disk).lastIndex()).toBe(64);
  });

  it('are found under another name', () => {
    const disk = threeSegments();
    disk.rename(nameOf(1), `${DIRECTORY}/x`);
    disk.rename(nameOf(2), nameOf(1));
    disk.rename(`${DIRECTORY}/x`, nameOf(2));
    expect(opened(disk)).toMatchObject({ code: 'corruptSegment', file: nameOf(1), offset: 16 });
  });

  it('are found when all are gone but a snapshot is there', () => {
    const { disk, queue } = machine();
    const store = openOn(disk);
    const writer = store.beginSnapshot({
      index: 5,
      term: 1,
      membership: { voters: [1], votersOutgoing: [], learners: [] },
    });
    writer.commit(() => {});
    queue.runAll();
    store.close();
    disk.remove(nameOf(1));
    expect(opened(disk)).toMatchObject({ code: 'missingSegment', file: nameOf(1) });
  });
});
