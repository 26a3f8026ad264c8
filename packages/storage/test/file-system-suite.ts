import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { File, FileSystem, StorageError } from '../src/index.ts';

/** A file system under test, and an empty directory in it. */
export interface Subject {
  readonly fileSystem: FileSystem;
  readonly directory: string;
  /** Ends what the test left behind. */
  readonly end: () => void;
}

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function contentOf(file: File): string {
  const buffer = new Uint8Array(file.size());
  const count = file.read(buffer, 0);
  return Buffer.from(buffer.subarray(0, count)).toString('latin1');
}

const writtenThrough = (file: File, data: Uint8Array, position: number): Promise<void> =>
  new Promise((resolve, reject) => {
    let isReturned = false;
    file.writeThrough(data, position, (error) => {
      if (error) reject(error);
      else if (isReturned) resolve();
      else reject(new Error('completed before writeThrough() returned'));
    });
    isReturned = true;
  });

/** What LogStore relies on; every implementation of FileSystem runs it. */
export function describeFileSystem(name: string, make: () => Subject): void {
  describe(name, () => {
    let subject: Subject;
    const path = (file: string): string => `${subject.directory}/${file}`;

    beforeEach(() => {
      subject = make();
    });
    afterEach(() => subject.end());

    it('lists nothing in a directory that is not there, and sorted names in one that is', () => {
      const { fileSystem, directory } = subject;
      expect(fileSystem.list(`${directory}/none`)).toEqual([]);
      for (const file of ['b', 'c', 'a']) fileSystem.open(path(file), 'create').close();
      expect(fileSystem.list(directory)).toEqual(['a', 'b', 'c']);
    });

    it('makes a directory, and again', () => {
      const { fileSystem, directory } = subject;
      fileSystem.makeDirectory(`${directory}/x/y`);
      fileSystem.makeDirectory(`${directory}/x/y`);
      fileSystem.open(`${directory}/x/y/file`, 'create').close();
      expect(fileSystem.list(`${directory}/x/y`)).toEqual(['file']);
    });

    it('reads what was written, less at the end, nothing behind it', () => {
      const file = subject.fileSystem.open(path('f'), 'create');
      file.write(bytes('hello'), 0);
      file.write(bytes('LO w'), 3);
      expect(contentOf(file)).toBe('helLO w');
      const buffer = new Uint8Array(10).fill(1);
      expect(file.read(buffer, 5)).toBe(2);
      expect([...buffer.subarray(0, 3)]).toEqual([32, 119, 1]);
      expect(file.read(buffer, 100)).toBe(0);
      file.close();
    });

    it('fills the gap before a write behind the end with zeros', () => {
      const file = subject.fileSystem.open(path('f'), 'create');
      file.write(bytes('x'), 3);
      expect(contentOf(file)).toBe('\0\0\0x');
      file.close();
    });

    it('truncates, and extends with zeros even where there had been something', () => {
      const file = subject.fileSystem.open(path('f'), 'create');
      file.write(bytes('abcdef'), 0);
      file.truncate(2);
      file.truncate(5);
      file.sync();
      expect(contentOf(file)).toBe('ab\0\0\0');
      file.close();
    });

    it('empties a file that is created again, and refuses one that is not there', () => {
      const { fileSystem } = subject;
      const file = fileSystem.open(path('f'), 'create');
      file.write(bytes('abc'), 0);
      file.close();
      const again = fileSystem.open(path('f'), 'create');
      expect(again.size()).toBe(0);
      again.close();
      expect(() => fileSystem.open(path('g'), 'read')).toThrow(/ENOENT/);
      expect(() => fileSystem.open(path('g'), 'readWrite')).toThrow(/ENOENT/);
      expect(() => fileSystem.remove(path('g'))).toThrow(/ENOENT/);
      expect(() => fileSystem.rename(path('g'), path('h'))).toThrow(/ENOENT/);
    });

    it('renames over another file; who has that open still reads it', () => {
      const { fileSystem, directory } = subject;
      const old = fileSystem.open(path('old'), 'create');
      old.write(bytes('old'), 0);
      const fresh = fileSystem.open(path('new'), 'create');
      fresh.write(bytes('new!'), 0);
      fileSystem.rename(path('new'), path('old'));
      fileSystem.syncDirectory(directory);
      expect(fileSystem.list(directory)).toEqual(['old']);
      expect(contentOf(old)).toBe('old');
      const reopened = fileSystem.open(path('old'), 'read');
      expect(contentOf(reopened)).toBe('new!');
      for (const file of [old, fresh, reopened]) file.close();
    });

    it('removes a file; who has it open still reads it', () => {
      const { fileSystem, directory } = subject;
      const file = fileSystem.open(path('f'), 'create');
      file.write(bytes('here'), 0);
      fileSystem.remove(path('f'));
      expect(fileSystem.list(directory)).toEqual([]);
      expect(contentOf(file)).toBe('here');
      file.close();
    });

    it('writes through, later than the call, visible to other readers', async () => {
      const { fileSystem } = subject;
      fileSystem.open(path('f'), 'create').close();
      const file = fileSystem.open(path('f'), 'readWrite');
      file.truncate(10);
      await writtenThrough(file, bytes('abc'), 2);
      await writtenThrough(file, bytes('de'), 5);
      const reader = fileSystem.open(path('f'), 'read');
      expect(contentOf(reader)).toBe('\0\0abcde\0\0\0');
      for (const each of [file, reader]) each.close();
    });

    it('flushes later than the call', async () => {
      const file = subject.fileSystem.open(path('f'), 'create');
      file.write(bytes('abc'), 0);
      const error = await new Promise((resolve) => file.syncLater(resolve));
      expect(error).toBeUndefined();
      file.close();
    });

    it('gives the lock of a directory to one at a time', () => {
      const { fileSystem, directory } = subject;
      const unlock = fileSystem.lock(directory);
      const code = expect.objectContaining({ code: 'locked' }) as StorageError;
      expect(() => fileSystem.lock(directory)).toThrow(code);
      unlock();
      fileSystem.lock(directory)();
    });
  });
}
