import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MemoryFileSystem, RealFileSystem } from '../src/index.ts';
import { FaultyFileSystem } from '../src/testing/index.ts';
import { describeFileSystem } from './file-system-suite.ts';
import { seeded } from './harness.ts';

describeFileSystem('the real file system', () => {
  const directory = mkdtempSync(join(tmpdir(), 'bellwether-storage-'));
  const end = (): void => rmSync(directory, { recursive: true });
  return { fileSystem: new RealFileSystem(), directory, end };
});

describeFileSystem('the faulty file system', () => {
  const fileSystem = new FaultyFileSystem({
    random: seeded(1),
    schedule: (run) => void setImmediate(run),
  });
  fileSystem.makeDirectory('data');
  return { fileSystem, directory: 'data', end: () => {} };
});

describeFileSystem('the file system in memory', () => {
  const fileSystem = new MemoryFileSystem((action) => void setImmediate(action));
  return { fileSystem, directory: 'data', end: () => {} };
});

it('keeps a real file open until what is under way on it is done', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'bellwether-storage-'));
  const fileSystem = new RealFileSystem();
  fileSystem.open(`${directory}/f`, 'create').close();
  const file = fileSystem.open(`${directory}/f`, 'readWrite');
  const data = new Uint8Array(100_000).fill(7);
  const done = new Promise((resolve) => file.writeThrough(data, 0, resolve));
  const flushed = new Promise((resolve) => file.syncLater(resolve));
  file.close();
  expect(await done).toBeUndefined();
  expect(await flushed).toBeUndefined();
  const reader = fileSystem.open(`${directory}/f`, 'read');
  const read = new Uint8Array(data.length);
  expect(reader.read(read, 0)).toBe(data.length);
  expect(Buffer.compare(read, data)).toBe(0);
  reader.close();
  rmSync(directory, { recursive: true });
});
