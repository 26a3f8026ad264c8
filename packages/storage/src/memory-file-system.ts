import { assert } from './assert.ts';
import { lockedError } from './errors.ts';
import type { File, FileSystem, OnDone, OpenMode } from './file-system.ts';

/**
 * Files that live as long as this object: for a log that nobody needs later. What is to be done later is
 * done when the owner lets it, by the function that it gave for that.
 */
export class MemoryFileSystem implements FileSystem {
  readonly #files = new Map<string, Content>();
  readonly #locked = new Set<string>();
  readonly #later: (action: () => void) => void;

  /** @param later runs `action` once, soon, but not at once */
  constructor(later: (action: () => void) => void) {
    this.#later = later;
  }

  makeDirectory(): void {
    // A file's directory is part of its name.
  }

  list(path: string): string[] {
    const start = `${path}/`;
    const within = [...this.#files.keys()].filter((name) => name.startsWith(start));
    return within.map((name) => name.slice(start.length)).sort();
  }

  open(path: string, mode: OpenMode): File {
    const content = mode === 'create' ? new Content() : this.#files.get(path);
    if (content === undefined) throw notFound(path);
    content.bytes = mode === 'create' ? new Uint8Array() : content.bytes;
    this.#files.set(path, content);
    return new MemoryFile(content, this.#later);
  }

  rename(from: string, to: string): void {
    const content = this.#files.get(from);
    if (content === undefined) throw notFound(from);
    this.#files.delete(from);
    this.#files.set(to, content);
  }

  remove(path: string): void {
    if (!this.#files.delete(path)) throw notFound(path);
  }

  syncDirectory(): void {
    // Nothing outlives the process.
  }

  lock(directory: string): () => void {
    if (this.#locked.has(directory)) throw lockedError(directory, 'this process');
    this.#locked.add(directory);
    return () => void this.#locked.delete(directory);
  }
}

/** Of one file, whatever it is called. */
class Content {
  bytes = new Uint8Array();
}

class MemoryFile implements File {
  readonly #content: Content;
  readonly #later: (action: () => void) => void;
  #isClosed = false;

  constructor(content: Content, later: (action: () => void) => void) {
    this.#content = content;
    this.#later = later;
  }

  size(): number {
    return this.#content.bytes.length;
  }

  read(buffer: Uint8Array, position: number): number {
    const part = this.#content.bytes.subarray(position, position + buffer.length);
    buffer.set(part);
    return part.length;
  }

  write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    if (end > this.size()) this.truncate(end);
    this.#content.bytes.set(bytes, position);
  }

  writeThrough(bytes: Uint8Array, position: number, onDone: OnDone): void {
    assert(!this.#isClosed, 'a closed file is not written');
    this.#later(() => {
      this.write(bytes, position);
      onDone(undefined);
    });
  }

  truncate(size: number): void {
    const { bytes } = this.#content;
    const resized = new Uint8Array(size);
    resized.set(bytes.subarray(0, size));
    this.#content.bytes = resized;
  }

  sync(): void {
    // Nothing outlives the process.
  }

  syncLater(onDone: OnDone): void {
    this.#later(() => onDone(undefined));
  }

  close(): void {
    this.#isClosed = true;
  }
}

function notFound(path: string): Error {
  return Object.assign(new Error(`ENOENT: there is no file ${path} in memory`), { code: 'ENOENT' });
}
