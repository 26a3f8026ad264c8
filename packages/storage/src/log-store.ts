import type {
  Entry,
  HardState,
  LogIndex,
  LogReader,
  SnapshotMetadata,
  Term,
} from '@bellwether/raft';
import { assert } from './assert.ts';
import { readEntries } from './entry-reader.ts';
import type { FileSystem, OnDone } from './file-system.ts';
import { isTemporaryName, sequenceOfName, segmentName } from './format.ts';
import { type StorageLimits, storageLimits } from './limits.ts';
import type { LogMap } from './log-map.ts';
import { LogWriter } from './log-writer.ts';
import { missingSegmentError } from './errors.ts';
import { reconcile, type RecoveredLog, recoverLog, type RepairedTail } from './recovery.ts';
import { SegmentFiles } from './segment-files.ts';
import type { SnapshotReader } from './snapshot-reader.ts';
import { SnapshotStore } from './snapshot-store.ts';
import type { SnapshotWriter } from './snapshot-writer.ts';
import { TailCache } from './tail-cache.ts';

export interface LogStoreOptions {
  readonly fileSystem: FileSystem;
  readonly directory: string;
  /** At most CLUSTER_ID_BYTES_MAX bytes of UTF-8; the directory is bound to it for ever. */
  readonly clusterId: string;
  readonly nodeId: number;
  readonly limits?: Partial<StorageLimits>;
  /**
   * Called once, with the error, when a write or flush failed or a segment could not be made: nothing
   * more will become durable, and the owner must end the node.
   */
  readonly onFatal?: (error: Error) => void;
}

/** What the opener may want to report. */
export interface RecoveryReport {
  readonly repaired: RepairedTail | undefined;
  /** The log was dropped behind a newer snapshot, as after a crash during its installation. */
  readonly isRestarted: boolean;
}

/**
 * The durable log, hard state and snapshots of one node. Everything that changes the log is buffered,
 * visible to readers at once, and durable after flush(). Callbacks
 * may call any method. The disk format and its recovery are described in format.ts.
 */
export class LogStore implements LogReader {
  readonly recovery: RecoveryReport;
  readonly #limits: StorageLimits;
  readonly #map: LogMap;
  readonly #cache: TailCache;
  readonly #writer: LogWriter;
  readonly #snapshots: SnapshotStore;

  /**
   * Opens the directory, making it when it is not there, and recovers what is in it; blocks. Throws a
   * StorageError (see StorageErrorCode) when it can't be used, or the system's own error.
   */
  static open(options: LogStoreOptions): LogStore {
    const { fileSystem, directory } = options;
    fileSystem.makeDirectory(directory);
    const unlock = fileSystem.lock(directory);
    try {
      return new LogStore(options, unlock);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  private constructor(options: LogStoreOptions, unlock: () => void) {
    const { fileSystem, directory, clusterId, nodeId } = options;
    const limits = storageLimits(options.limits);
    // Makes what is listed durable, before anything is removed in reliance on it.
    fileSystem.syncDirectory(directory);
    const names = removeTemporary(fileSystem, directory);
    const owner = { clusterId, nodeId };
    const files = new SegmentFiles(fileSystem, directory, owner, limits.segmentBytes);
    this.#limits = limits;
    createFirstSegment(names, files, directory);
    const { segmentBytes } = limits;
    const recovered = recoverLog({ fileSystem, directory, owner, segmentBytes }, names);
    this.#snapshots = new SnapshotStore({ fileSystem, directory, clusterId, limits }, names);
    this.#map = recovered.map;
    const onFatal = options.onFatal ?? (() => {});
    this.#writer = new LogWriter(
      { directory, limits, files, fileSystem, unlock, onFatal },
      recovered,
    );
    this.recovery = this.#reconcile(recovered, directory);
    this.#cache = new TailCache(this.lastIndex() + 1, limits);
    this.#writer.onPersisted = (index) => this.#cache.evict(index);
  }

  /** The last one set; commit <= lastIndex() when the log was opened. */
  hardState(): HardState {
    return this.#writer.hardState;
  }

  firstIndex(): LogIndex {
    return this.#map.firstIndex;
  }

  lastIndex(): LogIndex {
    return this.#map.lastIndex;
  }

  term(index: LogIndex): Term {
    return this.#map.term(index);
  }

  /** Entries above the persisted index and the newest before it come from memory, others from disk. */
  entries(from: LogIndex, to: LogIndex, bytesMax: number): readonly Entry[] {
    assert(from >= this.firstIndex(), 'entries(): from >= firstIndex');
    assert(from <= to, 'entries(): from <= to');
    assert(to <= this.lastIndex(), 'entries(): to <= lastIndex');
    const cached = this.#cache.firstIndex;
    if (from >= cached) return this.#cached([], from, to, bytesMax);
    const toOnDisk = Math.min(to, cached - 1);
    const entries = readEntries(this.#map, from, toOnDisk, bytesMax, this.#limits.readBytes);
    if (entries.length < toOnDisk - from + 1) return entries;
    return this.#cached(entries, toOnDisk + 1, to, bytesMax);
  }

  snapshot(): SnapshotMetadata {
    return this.#snapshots.newest;
  }

  /**
   * Adds consecutive entries; buffered. If the first is at or below lastIndex(), it and all behind it
   * are replaced; it must be above the snapshot's index unless the log holds older entries. The data
   * is copied for the disk at once; see TailCache for when it is kept.
   */
  append(entries: readonly Entry[]): void {
    const first = entries[0];
    if (first === undefined) return;
    assert(first.index >= this.firstIndex(), 'append(): nothing below the first entry is replaced');
    if (first.index <= this.lastIndex()) this.#cache.removeFrom(first.index);
    this.#writer.append(entries);
    this.#cache.add(entries);
    this.#cache.evict(this.persistedIndex);
  }

  /** Entries up to `index` are not needed soon: they may be left to the disk as soon as they are there. */
  release(index: LogIndex): void {
    this.#cache.release(index);
    this.#cache.evict(this.persistedIndex);
  }

  /** Buffered, in order with the entries. */
  setHardState(hardState: HardState): void {
    this.#writer.setHardState(hardState);
  }

  /**
   * Makes everything buffered so far durable. While a flush is under way further ones wait, and go out
   * together in the next. `onDone` is called in order of the calls: with a StorageError `ioFailed` or
   * `closed` when it did not work (every later call fails too), before flush() returns when there is
   * nothing to write.
   */
  flush(onDone: OnDone): void {
    this.#writer.flush(onDone);
  }

  /**
   * Called when nothing has been written for a while: what was written last gets something behind it,
   * so that damage to it is told from a write that a power cut interrupted, and refused. Does nothing
   * when that has been done.
   */
  confirm(): void {
    this.#writer.confirm();
  }

  /** Everything up to here is durable; falls when entries are replaced. <= lastIndex(). */
  get persistedIndex(): LogIndex {
    return this.#writer.persistedIndex;
  }

  /** The last hard state that is durable. */
  get persistedHardState(): HardState {
    return this.#writer.persistedHardState;
  }

  /** Bytes of all segments, without what is preallocated. */
  get logBytes(): number {
    let bytes = 0;
    for (const segment of this.#map.segments) bytes += segment.usedBytes;
    return bytes;
  }

  /**
   * Gives up entries up to `index`, which the snapshot must cover: segments that hold nothing else are
   * removed, once a record that says so is durable (this starts a flush). The rest stays readable.
   */
  truncatePrefix(index: LogIndex): void {
    assert(index <= this.snapshot().index, 'truncatePrefix(): the snapshot covers what is removed');
    this.#writer.trim(this.#map.firstSegmentBehind(index));
    this.flush(() => {});
  }

  /**
   * Starts a snapshot, of one's own state or received. Several may be under way. Its membership and id
   * are stored with it. Throws the system's error when the file can't be made.
   */
  beginSnapshot(metadata: SnapshotMetadata): SnapshotWriter {
    return this.#snapshots.begin(metadata);
  }

  /** A reader of the newest snapshot, to be closed; undefined when there is none. */
  openSnapshot(): SnapshotReader | undefined {
    return this.#snapshots.openNewest();
  }

  /**
   * Restarts the log behind a received snapshot, which was committed and is the newest: all entries
   * are dropped, lastIndex() is its index. The log says so after the next flush; after a crash before
   * that, opening finds the snapshot ahead of the log and does it again.
   */
  installSnapshot(metadata: SnapshotMetadata): void {
    assert(
      metadata.index === this.snapshot().index,
      'installSnapshot(): it is the newest snapshot',
    );
    assert(metadata.term === this.snapshot().term, 'installSnapshot(): it is the newest snapshot');
    this.#writer.restart(metadata.index, metadata.term);
    this.#cache.restart(metadata.index + 1);
    this.#writer.trim(this.#map.firstSegmentBehind(metadata.index));
    this.flush(() => {});
  }

  /**
   * Ends the use of the directory: what was not flushed is lost, snapshots under way are aborted, the
   * waiting flushes get the error `closed`. `onClosed` is called when nothing is under way any more and
   * the directory may be opened again, perhaps before close() returns.
   */
  close(onClosed: () => void = () => {}): void {
    this.#snapshots.close();
    this.#writer.close(onClosed);
  }

  #cached(entries: Entry[], from: LogIndex, to: LogIndex, bytesMax: number): readonly Entry[] {
    let bytes = 0;
    for (const entry of entries) bytes += entry.data.length;
    for (let index = from; index <= to; index += 1) {
      const entry = this.#cache.get(index);
      bytes += entry.data.length;
      if (bytes > bytesMax && entries.length > 0) break;
      entries.push(entry);
    }
    return entries;
  }

  #reconcile(recovered: RecoveredLog, directory: string): RecoveryReport {
    const { index, term } = this.snapshot();
    const isRestarted = reconcile(this.#map, this.snapshot(), directory) === 'restart';
    if (isRestarted) this.#writer.restart(index, term);
    this.#writer.clampCommit(index);
    return { repaired: recovered.repaired, isRestarted };
  }
}

/** Names that stay. */
function removeTemporary(fileSystem: FileSystem, directory: string): string[] {
  const names = fileSystem.list(directory);
  for (const name of names.filter(isTemporaryName)) fileSystem.remove(`${directory}/${name}`);
  return names.filter((name) => !isTemporaryName(name));
}

/** A directory without segments is new, unless it holds snapshots. */
function createFirstSegment(names: string[], files: SegmentFiles, directory: string): void {
  if (names.some((name) => sequenceOfName(name) !== undefined)) return;
  if (names.some((name) => name.endsWith('.snap'))) {
    throw missingSegmentError(`${directory}/${segmentName(1)}`, undefined);
  }
  files.create(1).closeFile();
  names.push(segmentName(1));
}
