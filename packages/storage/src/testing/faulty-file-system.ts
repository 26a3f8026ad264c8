import type { Random } from '@bellwether/raft';
import { assert } from '../assert.ts';
import { crcOf } from '../crc.ts';
import { lockedError } from '../errors.ts';
import type { File, FileSystem, OnDone, OpenMode } from '../file-system.ts';
import { directoryOf, Inode, Names } from './faulty-disk.ts';

/** Thrown by every call from the point at which the simulated machine stopped, until crash(). */
export class CrashError extends Error {
  override readonly name = 'CrashError';
}

/**
 * What becomes at a crash of that which was not flushed: `random` decides for each sector and name, or
 * all names or all content is `kept` or lost. The disk may do any of these.
 */
export type CrashFate = 'random' | 'allLost' | 'allKept' | 'namesKept' | 'contentKept';

/** Operations that change the disk, as they are counted; `completed` is the end of one under way. */
export type DiskOperation =
  | 'create'
  | 'write'
  | 'writeThrough'
  | 'truncate'
  | 'sync'
  | 'syncLater'
  | 'rename'
  | 'remove'
  | 'syncDirectory'
  | 'completed';

export interface FaultyFileSystemOptions {
  /** Decides what survives a crash; uniform in [0, 1). */
  readonly random: Random;
  /** Runs the completion of a write-through or flush later, never at once. */
  readonly schedule: (run: () => void) => void;
  /** Hears of every operation that is done, or begun: nothing of it is flushed yet. */
  readonly onOperation?: (kind: DiskOperation) => void;
}

/**
 * A disk in memory that forgets, at crash(), what was not flushed: sectors of 512 bytes, sizes, and
 * names whose directory was not flushed, each on its own, as `random` decides. Everything is
 * deterministic in `random` and the order of calls. Faults are planned by operation number or kind.
 */
export class FaultyFileSystem implements FileSystem {
  readonly #options: FaultyFileSystemOptions;
  #names = new Names();
  readonly #directories = new Set<string>(['']);
  readonly #locked = new Set<string>();
  /** Rises at a crash: files opened before are dead. */
  #epoch = 0;
  #operations = 0;
  #stopAt = Infinity;
  #isStopped = false;
  #failures: { readonly matches: (kind: DiskOperation) => boolean; readonly code: string }[] = [];

  constructor(options: FaultyFileSystemOptions) {
    this.#options = options;
  }

  /** What writes anything new fails with ENOSPC, and leaves nothing behind. */
  isFull = false;

  /** How many operations there have been. */
  get operations(): number {
    return this.#operations;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** The machine stops in the operation with this number (the first is 1): begun, not flushed. */
  stopAt(operation: number): void {
    assert(operation > this.#operations, 'stopAt() is about the future');
    this.#stopAt = operation;
  }

  /** The machine stops now. */
  stop(): void {
    this.#isStopped = true;
  }

  /** The operation with this number fails, with an error of this code (EIO, ENOSPC, ...). */
  failAt(operation: number, code: string): void {
    this.#failures.push({ matches: () => this.#operations === operation, code });
  }

  /** The next operation of this kind fails, with an error of this code. */
  failNext(kind: DiskOperation, code: string): void {
    this.#failures.push({ matches: (candidate) => candidate === kind, code });
  }

  /** What is planned to fail and has not yet, will not. Returns how much that was. */
  cancelFailures(): number {
    const { length } = this.#failures;
    this.#failures = [];
    return length;
  }

  /** Loses what was not flushed, and starts the machine again. Nothing under way completes any more. */
  crash(fate: CrashFate = 'random'): void {
    const { random } = this.#options;
    const always = (isKept: boolean): Random =>
      fate === 'random' ? random : () => (isKept ? 0 : 1);
    this.#names.crash(always(fate === 'allKept' || fate === 'namesKept'));
    this.#names.crashContent(always(fate === 'allKept' || fate === 'contentKept'));
    this.#epoch += 1;
    this.#locked.clear();
    this.#isStopped = false;
    this.#stopAt = Infinity;
    this.#failures = [];
  }

  /** The process ends, the machine does not: nothing is lost, locks are free, open files are dead. */
  killProcess(): void {
    this.#epoch += 1;
    this.#locked.clear();
    this.#isStopped = false;
  }

  /** Damages a byte, on the disk and in memory. */
  flipBit(path: string, offset: number, bit: number): void {
    this.#inode(path).flipBit(offset, bit);
  }

  /** Puts other bytes into a file, on the disk and in memory: a write that was meant for another place. */
  overwrite(path: string, offset: number, bytes: Uint8Array): void {
    this.#inode(path).overwrite(bytes, offset);
  }

  /** The sector can't be read any more, until it is written again. */
  makeUnreadable(path: string, offset: number): void {
    this.#inode(path).makeUnreadable(offset);
  }

  /** Throws while the disk is full. For FaultyFile. */
  checkRoom(kind: DiskOperation): void {
    if (this.isFull) throw systemError('ENOSPC', kind);
  }

  /** The file's content as programs see it. */
  contentOf(path: string): Uint8Array {
    const inode = this.#inode(path);
    const bytes = new Uint8Array(inode.size);
    inode.read(bytes, 0);
    return bytes;
  }

  /** An independent disk with the same content; nothing is locked, nothing planned. */
  copy(options: Partial<FaultyFileSystemOptions> = {}): FaultyFileSystem {
    const copy = new FaultyFileSystem({ ...this.#options, ...options });
    copy.#names = this.#names.copy();
    for (const directory of this.#directories) copy.#directories.add(directory);
    return copy;
  }

  makeDirectory(path: string): void {
    this.checkRunning(this.#epoch);
    this.#directories.add(path);
  }

  list(path: string): string[] {
    this.checkRunning(this.#epoch);
    const here = this.#names.paths().filter((name) => directoryOf(name) === path);
    return here.map((name) => name.slice(path.length + 1));
  }

  open(path: string, mode: OpenMode): File {
    this.checkRunning(this.#epoch);
    const found = this.#names.get(path);
    if (mode !== 'create') {
      if (found === undefined) throw systemError('ENOENT', `open ${path}`);
      return new FaultyFile(this, found, this.#epoch, mode);
    }
    if (!this.#directories.has(directoryOf(path))) throw systemError('ENOENT', `open ${path}`);
    this.checkRoom('create');
    this.perform('create', () => {
      if (found !== undefined) found.truncate(0);
      else this.#names.change({ kind: 'add', path, inode: new Inode() });
    });
    return new FaultyFile(this, this.#inode(path), this.#epoch, mode);
  }

  rename(from: string, to: string): void {
    const inode = this.#inode(from);
    this.perform('rename', () => this.#names.change({ kind: 'rename', from, to, inode }));
  }

  remove(path: string): void {
    this.#inode(path);
    this.perform('remove', () => this.#names.change({ kind: 'remove', path }));
  }

  /** Names become durable; the machine may stop in it with none of them on the disk. */
  syncDirectory(path: string): void {
    this.perform('syncDirectory', () => {});
    this.#names.makeDurable(path);
  }

  lock(directory: string): () => void {
    this.checkRunning(this.#epoch);
    if (this.#locked.has(directory)) throw lockedError(`${directory}/lock`, 'another process');
    this.#locked.add(directory);
    const epoch = this.#epoch;
    return () => {
      if (epoch === this.#epoch) this.#locked.delete(directory);
    };
  }

  /**
   * Counts the operation, does it, and stops the machine after it if that is planned: what it did is
   * then begun but not flushed. A planned failure leaves it done too, as a disk may. For FaultyFile.
   */
  perform(kind: DiskOperation, work: () => void): void {
    this.checkRunning(this.#epoch);
    work();
    const error = this.count(kind);
    if (error !== undefined) throw error;
  }

  /** Counts; the error to be reported, if one is planned. Throws CrashError where the machine stops. */
  count(kind: DiskOperation): Error | undefined {
    this.#operations += 1;
    if (this.#operations === this.#stopAt) this.#isStopped = true;
    this.checkRunning(this.#epoch);
    this.#options.onOperation?.(kind);
    const at = this.#failures.findIndex(({ matches }) => matches(kind));
    if (at < 0) return undefined;
    const [failure] = this.#failures.splice(at, 1);
    return systemError(failure?.code ?? 'EIO', kind);
  }

  /** Completes an operation later, unless the machine has stopped by then. For FaultyFile. */
  completeLater(epoch: number, finish: () => void, onDone: OnDone, error: Error | undefined): void {
    this.#options.schedule(() => {
      if (epoch !== this.#epoch || this.#isStopped) return;
      if (error === undefined) finish();
      this.#operations += 1;
      if (this.#operations === this.#stopAt) this.#isStopped = true;
      else onDone(error);
    });
  }

  /** Throws CrashError when the machine, or the process that opened a file in `epoch`, is gone. */
  checkRunning(epoch: number): void {
    if (this.#isStopped || epoch !== this.#epoch) throw new CrashError('the machine has stopped');
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path);
    if (inode === undefined) throw systemError('ENOENT', path);
    return inode;
  }
}

class FaultyFile implements File {
  readonly #disk: FaultyFileSystem;
  readonly #inode: Inode;
  readonly #epoch: number;
  readonly #mode: OpenMode;
  #isWriting = false;
  #isClosed = false;

  constructor(disk: FaultyFileSystem, inode: Inode, epoch: number, mode: OpenMode) {
    this.#disk = disk;
    this.#inode = inode;
    this.#epoch = epoch;
    this.#mode = mode;
  }

  size(): number {
    this.#check('read');
    return this.#inode.size;
  }

  read(buffer: Uint8Array, position: number): number {
    this.#check('read');
    if (!this.#inode.isReadable(position, buffer.length)) throw systemError('EIO', 'read');
    return this.#inode.read(buffer, position);
  }

  write(bytes: Uint8Array, position: number): void {
    this.#check('write');
    this.#disk.checkRoom('write');
    this.#disk.perform('write', () => this.#inode.write(bytes, position));
  }

  writeThrough(bytes: Uint8Array, position: number, onDone: OnDone): void {
    this.#check('write');
    assert(!this.#isWriting, 'one writeThrough at a time per file');
    this.#isWriting = true;
    const crc = crcOf(bytes, 0);
    if (!this.#disk.isFull) this.#inode.write(bytes, position);
    const full = this.#disk.isFull ? systemError('ENOSPC', 'writeThrough') : undefined;
    const error = this.#disk.count('writeThrough') ?? full;
    const finish = (): void => {
      assert(crcOf(bytes, 0) === crc, 'bytes do not change during writeThrough');
      this.#inode.makeDurable(Inode.sectorsOf(position, bytes.length));
    };
    const onCompleted: OnDone = (failure) => {
      this.#isWriting = false;
      onDone(failure);
    };
    this.#disk.completeLater(this.#epoch, finish, onCompleted, error);
  }

  truncate(size: number): void {
    this.#check('write');
    if (size > this.#inode.size) this.#disk.checkRoom('truncate');
    this.#disk.perform('truncate', () => this.#inode.truncate(size));
  }

  /** The machine may stop in it with nothing of it on the disk. */
  sync(): void {
    this.#check('read');
    this.#disk.perform('sync', () => {});
    this.#inode.makeDurable(this.#inode.dirtySectors());
  }

  syncLater(onDone: OnDone): void {
    this.#check('read');
    const sectors = this.#inode.dirtySectors();
    const error = this.#disk.count('syncLater');
    const finish = (): void => this.#inode.makeDurable(sectors);
    this.#disk.completeLater(this.#epoch, finish, onDone, error);
  }

  close(): void {
    this.#isClosed = true;
  }

  #check(access: 'read' | 'write'): void {
    this.#disk.checkRunning(this.#epoch);
    assert(!this.#isClosed, 'a closed file is not used');
    assert(access === 'read' || this.#mode !== 'read', 'a file opened for reading is not written');
  }
}

function systemError(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what} (simulated)`), { code });
}
