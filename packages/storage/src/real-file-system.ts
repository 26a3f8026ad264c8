import {
  close,
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  write,
  writeSync,
} from 'node:fs';
import { assert } from './assert.ts';
import { lockDirectory } from './directory-lock.ts';
import type { File, FileSystem, OnDone, OpenMode } from './file-system.ts';

const FLAGS: Readonly<Record<OpenMode, string>> = { read: 'r', readWrite: 'r+', create: 'w+' };

/** The system's own file system. Paths use `/`, which node:fs takes everywhere. */
export class RealFileSystem implements FileSystem {
  makeDirectory(path: string): void {
    mkdirSync(path, { recursive: true });
  }

  list(path: string): string[] {
    try {
      return readdirSync(path).sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  open(path: string, mode: OpenMode): File {
    return new RealFile(path, mode);
  }

  rename(from: string, to: string): void {
    renameSync(from, to);
  }

  remove(path: string): void {
    rmSync(path);
  }

  syncDirectory(path: string): void {
    // Windows has no way to flush a directory, and orders such changes by its journal.
    if (process.platform === 'win32') return;
    const descriptor = openSync(path, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  lock(directory: string): () => void {
    return lockDirectory(directory);
  }
}

/**
 * A write-through is one job of the thread pool where the system has O_DSYNC (Linux): a second
 * descriptor with that flag, so that plain writes don't wait for the disk. Elsewhere it is a write
 * and a flush.
 */
class RealFile implements File {
  readonly #path: string;
  readonly #descriptor: number;
  #throughDescriptor: number | undefined;
  #jobs = 0;
  #isClosed = false;

  constructor(path: string, mode: OpenMode) {
    this.#path = path;
    this.#descriptor = openSync(path, FLAGS[mode]);
  }

  size(): number {
    return fstatSync(this.#descriptor).size;
  }

  read(buffer: Uint8Array, position: number): number {
    let done = 0;
    while (done < buffer.length) {
      const left = buffer.length - done;
      const count = readSync(this.#descriptor, buffer, done, left, position + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  write(bytes: Uint8Array, position: number): void {
    let done = 0;
    while (done < bytes.length) {
      const left = bytes.length - done;
      done += writeSync(this.#descriptor, bytes, done, left, position + done);
    }
  }

  writeThrough(bytes: Uint8Array, position: number, onDone: OnDone): void {
    assert(!this.#isClosed, 'a closed file is not written');
    const isDataSync = process.platform === 'linux';
    if (isDataSync) {
      this.#throughDescriptor ??= openSync(this.#path, constants.O_WRONLY | constants.O_DSYNC);
    }
    const descriptor = this.#throughDescriptor ?? this.#descriptor;
    this.#jobs += 1;
    const end = (error: Error | null): void => this.#endJob(error, onDone);
    const onWritten = (error: Error | null): void => {
      if (error !== null || isDataSync) end(error);
      else fdatasync(descriptor, end);
    };
    writeAll(descriptor, bytes, 0, position, onWritten);
  }

  truncate(size: number): void {
    ftruncateSync(this.#descriptor, size);
  }

  sync(): void {
    fsyncSync(this.#descriptor);
  }

  syncLater(onDone: OnDone): void {
    assert(!this.#isClosed, 'a closed file is not flushed');
    this.#jobs += 1;
    fsync(this.#descriptor, (error) => this.#endJob(error, onDone));
  }

  /** The descriptors stay until jobs under way are done: their numbers would go to other files. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#jobs === 0) this.#closeDescriptors();
  }

  #endJob(error: Error | null, onDone: OnDone): void {
    this.#jobs -= 1;
    if (this.#isClosed && this.#jobs === 0) this.#closeDescriptors();
    onDone(error ?? undefined);
  }

  #closeDescriptors(): void {
    closeSync(this.#descriptor);
    if (this.#throughDescriptor !== undefined) close(this.#throughDescriptor);
  }
}

/** The system may write less than it is asked to. */
function writeAll(
  descriptor: number,
  bytes: Uint8Array,
  from: number,
  position: number,
  onWritten: (error: Error | null) => void,
): void {
  write(descriptor, bytes, from, bytes.length - from, position + from, (error, count) => {
    if (error !== null || from + count === bytes.length) return onWritten(error);
    writeAll(descriptor, bytes, from + count, position, onWritten);
  });
}
