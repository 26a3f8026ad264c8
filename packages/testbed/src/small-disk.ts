import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './commands.ts';
import { newName, unmount } from './leftovers.ts';

const BALLAST = '.ballast';
const CHUNK_BYTES = 64 * 1024;

const mounted = new Set<SmallDisk>();
process.on('exit', () => mounted.forEach((disk) => disk.remove()));

/** A file system of its own on a directory, in memory and so small that it can be filled. Needs root. */
export class SmallDisk {
  readonly #directory: string;
  readonly #ballast: string;

  /** @param directory is there, and empty */
  constructor(directory: string, bytes: number) {
    this.#directory = directory;
    this.#ballast = join(directory, BALLAST);
    const options = ['-t', 'tmpfs', '-o', `size=${bytes},mode=0700`];
    run('mount', [...options, `${newName()}-disk`, directory]);
    mounted.add(this);
  }

  /** To the last byte: whoever writes gets ENOSPC. */
  fill(): void {
    const file = openSync(this.#ballast, 'a');
    try {
      for (let bytes = CHUNK_BYTES; bytes > 0;) bytes = write(file, bytes) ? bytes : bytes >>> 1;
    } finally {
      closeSync(file);
    }
  }

  /** Makes room again. */
  empty(): void {
    rmSync(this.#ballast, { force: true });
  }

  remove(): void {
    if (mounted.delete(this)) unmount(this.#directory);
  }
}

/** @returns false when there is no room for so much */
function write(file: number, bytes: number): boolean {
  try {
    writeSync(file, new Uint8Array(bytes));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
