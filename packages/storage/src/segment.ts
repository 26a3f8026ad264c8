import type { LogIndex } from '@bellwether/raft';
import { assert } from './assert.ts';
import { readError } from './errors.ts';
import type { File, FileSystem } from './file-system.ts';

const OFFSETS_INITIAL = 256;

/**
 * One segment in memory: its file, and where its live entries are. Those are consecutive, since every
 * conflict removes all entries from one index on.
 */
export class Segment {
  readonly sequence: number;
  readonly path: string;
  /** Of the live entries; meaningless while count is 0. */
  firstIndex: LogIndex = 0;
  count = 0;
  /** Bytes of header and batches, without the preallocated rest. */
  usedBytes: number;
  readonly #fileSystem: FileSystem;
  #offsets: Uint32Array | undefined;
  #file: File | undefined;

  constructor(fileSystem: FileSystem, path: string, sequence: number, usedBytes: number) {
    this.#fileSystem = fileSystem;
    this.path = path;
    this.sequence = sequence;
    this.usedBytes = usedBytes;
  }

  /** Opened for reading when nobody gave it a file that can be written. */
  get file(): File {
    this.#file ??= this.#fileSystem.open(this.path, 'read');
    return this.#file;
  }

  /** Fills `buffer` from `position`; returns the bytes read. Throws `unreadable` when the disk can't. */
  read(buffer: Uint8Array, position: number): number {
    try {
      return this.file.read(buffer, position);
    } catch (error) {
      throw readError(this.path, position, error);
    }
  }

  useFile(file: File): void {
    this.#file?.close();
    this.#file = file;
  }

  closeFile(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  get lastIndex(): LogIndex {
    return this.firstIndex + this.count - 1;
  }

  add(index: LogIndex, offset: number): void {
    if (this.count === 0) this.firstIndex = index;
    assert(index === this.firstIndex + this.count, 'the entries of a segment are consecutive');
    this.#offsets ??= new Uint32Array(OFFSETS_INITIAL);
    if (this.count === this.#offsets.length) {
      const grown = new Uint32Array(2 * this.count);
      grown.set(this.#offsets);
      this.#offsets = grown;
    }
    this.#offsets[this.count] = offset;
    this.count += 1;
  }

  /** Removes the entries from `index` on. */
  cut(index: LogIndex): void {
    this.count = Math.max(0, Math.min(this.count, index - this.firstIndex));
  }

  offsetOf(index: LogIndex): number {
    assert(index >= this.firstIndex, 'the entry is in this segment');
    assert(index <= this.lastIndex, 'the entry is in this segment');
    return this.#offsets?.[index - this.firstIndex] as number;
  }
}
