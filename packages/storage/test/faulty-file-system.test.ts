import { describe, expect, it } from 'vitest';
import { CrashError, type CrashFate, FaultyFileSystem } from '../src/testing/index.ts';
import { machine, type Machine, Queue, seeded } from './harness.ts';

const SECTOR = 512;

function withFile(seed = 1): Machine {
  const running = machine(seed);
  running.disk.makeDirectory('d');
  running.disk.open('d/f', 'create').close();
  running.disk.syncDirectory('d');
  return running;
}

/** Which sectors of a file of `count` hold `value` after a crash. */
function sectorsAfterCrash(seed: number, count: number): boolean[] {
  const { disk } = withFile(seed);
  const file = disk.open('d/f', 'readWrite');
  file.truncate(count * SECTOR);
  file.sync();
  file.write(new Uint8Array(count * SECTOR).fill(9), 0);
  disk.crash();
  const content = disk.contentOf('d/f');
  return Array.from({ length: count }, (_, at) => content[at * SECTOR] === 9);
}

describe('a crash', () => {
  it('keeps any subset of unflushed sectors, whole ones, as the seed says', () => {
    const outcomes = Array.from({ length: 40 }, (_, seed) => sectorsAfterCrash(seed, 3));
    expect(new Set(outcomes.map(String)).size).toBe(8);
    expect(sectorsAfterCrash(7, 3)).toEqual(sectorsAfterCrash(7, 3));
  });

  it('keeps everything that was flushed', () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const { disk } = withFile(seed);
      const file = disk.open('d/f', 'readWrite');
      file.write(new Uint8Array(2000).fill(1), 0);
      file.sync();
      file.write(new Uint8Array(100).fill(2), 500);
      disk.crash();
      const content = disk.contentOf('d/f');
      expect(content.length).toBe(2000);
      expect([1, 2]).toContain(content[505]);
      expect([...content].every((byte, at) => byte === 1 || (at >= 500 && at < 600))).toBe(true);
    }
  });

  it('loses a name that was made, and brings back one that was removed, unless flushed', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 40; seed += 1) {
      const { disk } = withFile(seed);
      disk.open('d/new', 'create').close();
      disk.remove('d/f');
      disk.crash();
      seen.add(disk.list('d').join());
    }
    expect([...seen].sort()).toEqual(['', 'f', 'f,new', 'new']);
  });

  it('does a rename as a whole or not', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 40; seed += 1) {
      const { disk } = withFile(seed);
      disk.rename('d/f', 'd/g');
      disk.crash();
      seen.add(disk.list('d').join());
    }
    expect([...seen].sort()).toEqual(['f', 'g']);
  });

  it('keeps names once the directory is flushed', () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const { disk } = withFile(seed);
      disk.rename('d/f', 'd/g');
      disk.open('d/h', 'create').close();
      disk.syncDirectory('d');
      disk.crash();
      expect(disk.list('d')).toEqual(['g', 'h']);
    }
  });

  it('makes a write-through durable when it completes, not before', () => {
    let lost = 0;
    for (let seed = 0; seed < 20; seed += 1) {
      const { disk, queue } = withFile(seed);
      const file = disk.open('d/f', 'readWrite');
      let completed = 0;
      file.writeThrough(new Uint8Array(600).fill(3), 0, () => (completed += 1));
      if (seed % 2 === 0) queue.runAll();
      disk.crash();
      queue.runAll();
      const isThere = disk.contentOf('d/f').filter((byte) => byte === 3).length === 600;
      expect(completed).toBe(seed % 2 === 0 ? 1 : 0);
      if (completed === 1) expect(isThere).toBe(true);
      else lost += isThere ? 0 : 1;
    }
    expect(lost).toBeGreaterThan(3);
  });

  it('takes the fate it is given', () => {
    const fates: [CrashFate, string, number][] = [
      ['allLost', 'f', 0],
      ['allKept', 'f,g', 1],
      ['namesKept', 'f,g', 0],
      ['contentKept', 'f', 1],
    ];
    for (const [fate, names, value] of fates) {
      const { disk } = withFile();
      disk.open('d/g', 'create').close();
      const file = disk.open('d/f', 'readWrite');
      file.truncate(4);
      file.sync();
      file.write(new Uint8Array(4).fill(1), 0);
      disk.crash(fate);
      expect([disk.list('d').join(), disk.contentOf('d/f')[0]], fate).toEqual([names, value]);
    }
  });

  it('ends files, locks and flushes from before', () => {
    const { disk, queue } = withFile();
    const file = disk.open('d/f', 'readWrite');
    const unlock = disk.lock('d');
    let completed = 0;
    file.syncLater(() => (completed += 1));
    disk.crash();
    queue.runAll();
    expect(completed).toBe(0);
    expect(() => file.size()).toThrow(CrashError);
    disk.lock('d');
    unlock();
    expect(() => disk.lock('d')).toThrow(/held/);
  });
});

describe('planned faults', () => {
  it('stops the machine in an operation, and in a completion', () => {
    const { disk, queue } = withFile();
    const file = disk.open('d/f', 'readWrite');
    disk.stopAt(disk.operations + 2);
    file.write(new Uint8Array(1), 0);
    expect(() => file.sync()).toThrow(CrashError);
    expect(() => disk.list('d')).toThrow(CrashError);
    disk.crash();
    const again = disk.open('d/f', 'readWrite');
    let completed = 0;
    disk.stopAt(disk.operations + 2);
    again.writeThrough(new Uint8Array(1), 0, () => (completed += 1));
    queue.runAll();
    expect([completed, disk.isStopped]).toEqual([0, true]);
  });

  it('fails an operation by its number, and the next of a kind, once', () => {
    const { disk, queue } = withFile();
    const file = disk.open('d/f', 'readWrite');
    disk.failAt(disk.operations + 1, 'ENOSPC');
    expect(() => file.write(new Uint8Array(1), 0)).toThrow(/ENOSPC/);
    disk.failNext('writeThrough', 'EIO');
    file.write(new Uint8Array(1), 0);
    const errors: (string | undefined)[] = [];
    file.writeThrough(new Uint8Array(1), 0, (error) => errors.push(error?.message.slice(0, 3)));
    queue.runAll();
    file.writeThrough(new Uint8Array(1), 0, (error) => errors.push(error?.message.slice(0, 3)));
    queue.runAll();
    expect(errors).toEqual(['EIO', undefined]);
  });

  it('notices bytes that change while they are written', () => {
    const { disk, queue } = withFile();
    const data = new Uint8Array(100);
    disk.open('d/f', 'readWrite').writeThrough(data, 0, () => {});
    data[50] = 1;
    expect(() => queue.runAll()).toThrow(/do not change/);
  });

  it('flips a bit for good, also where nothing was written', () => {
    const { disk } = withFile();
    const file = disk.open('d/f', 'readWrite');
    file.truncate(1000);
    file.sync();
    disk.flipBit('d/f', 700, 3);
    disk.crash();
    expect(disk.contentOf('d/f')[700]).toBe(8);
  });

  it('copies a disk with what is not durable yet', () => {
    const { disk } = withFile();
    const file = disk.open('d/f', 'readWrite');
    file.write(new Uint8Array(5).fill(1), 0);
    const copy = disk.copy({ random: seeded(3), schedule: new Queue().schedule });
    file.write(new Uint8Array(5).fill(2), 0);
    expect([...copy.contentOf('d/f')]).toEqual([1, 1, 1, 1, 1]);
    expect(copy).toBeInstanceOf(FaultyFileSystem);
  });
});
