import type { Entry, HardState, LogIndex, Term } from '@bellwether/raft';
import { assert } from './assert.ts';
import { BatchBuffer, type Checkpoint } from './batch-buffer.ts';
import { closedError, ioFailedError } from './errors.ts';
import type { FileSystem, OnDone } from './file-system.ts';
import { SEGMENT_HEADER_BYTES } from './format.ts';
import type { StorageLimits } from './limits.ts';
import type { LogMap } from './log-map.ts';
import type { RecoveredLog } from './recovery.ts';
import type { Segment } from './segment.ts';
import type { SegmentFiles } from './segment-files.ts';

export interface LogWriterOptions {
  readonly fileSystem: FileSystem;
  readonly directory: string;
  readonly limits: StorageLimits;
  readonly files: SegmentFiles;
  readonly unlock: () => void;
  readonly onFatal: (error: Error) => void;
}

/**
 * The writing side: two buffers that take turns, one write under way at most, and the change from one
 * segment to the next. Whatever is buffered during a write goes out in the next one (group commit).
 */
export class LogWriter {
  /** Told how far the log is durable now, after each write. */
  onPersisted: (index: LogIndex) => void = () => {};
  readonly #options: LogWriterOptions;
  readonly #map: LogMap;
  #hardState: HardState;
  #firstSegment: number;
  /** Where the batch goes that is being filled; its file has been made. */
  #segment: Segment;
  #prepared: Segment | undefined;
  #isPreparing = false;
  #filling: BatchBuffer;
  #spare: BatchBuffer;
  #isWriting = false;
  /** Wait for the write under way, and for the next one. */
  #waitingNow: OnDone[] = [];
  #waitingNext: OnDone[] = [];
  #persistedIndex: LogIndex;
  /** What persistedIndex becomes when the write under way is done. */
  #writtenIndex: LogIndex;
  /** The same for the hard state. */
  #persistedHardState: HardState;
  #writtenHardState: HardState;
  /** Segments not needed once the batch `after` is durable. */
  #unneeded: readonly Segment[] = [];
  #unneededAfter = 0;
  /** What is being filled holds nothing but a hard state whose term and vote are durable already. */
  #isHint = true;
  /** The same of the batch that was written last: whatever else was written has a batch behind it. */
  #isConfirmed = false;
  #failure: Error | undefined;
  #isClosed = false;
  #onClosed: () => void = () => {};

  constructor(options: LogWriterOptions, recovered: RecoveredLog) {
    const { writeBufferBytes, batchBytesMax } = options.limits;
    this.#options = options;
    this.#map = recovered.map;
    this.#hardState = recovered.hardState;
    this.#firstSegment = recovered.firstSegment;
    this.#segment = recovered.current;
    this.#prepared = recovered.prepared;
    this.#persistedIndex = this.#map.lastIndex;
    this.#writtenIndex = this.#map.lastIndex;
    this.#persistedHardState = recovered.hardState;
    this.#writtenHardState = recovered.hardState;
    this.#filling = new BatchBuffer(writeBufferBytes, batchBytesMax);
    this.#spare = new BatchBuffer(writeBufferBytes, batchBytesMax);
    this.#begin(recovered.nextSequence, this.#segment.usedBytes);
  }

  get hardState(): HardState {
    return this.#hardState;
  }

  /** The last one that is durable. */
  get persistedHardState(): HardState {
    return this.#persistedHardState;
  }

  get persistedIndex(): LogIndex {
    return this.#persistedIndex;
  }

  /** Brings the commit of the hard state between the snapshot's index and the log's last. */
  clampCommit(snapshotIndex: LogIndex): void {
    const { term, vote, commit } = this.#hardState;
    const clamped = Math.min(Math.max(commit, snapshotIndex), this.#map.lastIndex);
    this.#hardState = { term, vote, commit: clamped };
  }

  append(entries: readonly Entry[]): void {
    const first = (entries[0] as Entry).index;
    this.#isHint = false;
    if (first <= this.#map.lastIndex) this.#unpersist(first - 1);
    for (const entry of entries) {
      assert(entry.index <= this.#map.lastIndex + 1, 'append(): entries are consecutive');
      const offset = this.#filling.putEntry(entry);
      this.#map.add(entry.index, entry.term, this.#segment, offset);
    }
  }

  setHardState(hardState: HardState): void {
    const { term, vote } = this.#hardState;
    if (hardState.term !== term || hardState.vote !== vote) this.#isHint = false;
    this.#hardState = hardState;
    this.#filling.putHardState(hardState);
  }

  /** All entries are dropped; those up to `index` are durable in a snapshot. */
  restart(index: LogIndex, term: Term): void {
    this.#isHint = false;
    this.#filling.putRestart(index, term);
    this.#map.restart(index, term);
    this.#persistedIndex = index;
    this.#writtenIndex = index;
  }

  /** Segments before `firstSegment` are not needed; removes them after the next flush. */
  trim(firstSegment: number): void {
    assert(firstSegment <= this.#segment.sequence, 'the segment being written stays');
    if (firstSegment <= this.#firstSegment) return;
    this.#firstSegment = firstSegment;
    this.#isHint = false;
    this.#filling.putTrim(firstSegment);
    this.#unneeded = [...this.#unneeded, ...this.#map.takeSegmentsBefore(firstSegment)];
    this.#unneededAfter = this.#filling.sequence;
  }

  flush(onDone: OnDone): void {
    if (this.#isClosed) return onDone(closedError(this.#options.directory));
    if (this.#failure !== undefined) return onDone(this.#failure);
    if (this.#filling.isEmpty) {
      if (!this.#isWriting) return onDone(undefined);
      this.#waitingNow.push(onDone);
      return;
    }
    this.#waitingNext.push(onDone);
    if (!this.#isWriting) this.#write();
  }

  /**
   * Writes the hard state once more if what was written last has nothing behind it: from then on,
   * damage to that can be told from a torn write.
   */
  confirm(): void {
    if (this.#isConfirmed || !this.#isHint || this.#isWriting) return;
    this.#filling.putHardState(this.#hardState);
    this.flush(() => {});
  }

  close(onClosed: () => void): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#onClosed = onClosed;
    for (const segment of [...this.#map.segments, ...this.#unneeded]) segment.closeFile();
    this.#prepared?.closeFile();
    this.#unlockWhenIdle();
    this.#rejectAll(closedError(this.#options.directory));
  }

  /** Everything up to `index` stays durable, what is behind it is replaced. */
  #unpersist(index: LogIndex): void {
    this.#persistedIndex = Math.min(this.#persistedIndex, index);
    this.#writtenIndex = Math.min(this.#writtenIndex, index);
  }

  #begin(sequence: number, position: number): void {
    const isFirst = position === SEGMENT_HEADER_BYTES;
    const checkpoint = isFirst ? this.#checkpoint() : undefined;
    this.#filling.begin(sequence, this.#segment.sequence, position, checkpoint);
  }

  #checkpoint(): Checkpoint {
    const lastIndex = this.#map.lastIndex;
    return {
      hardState: this.#hardState,
      firstSegment: this.#firstSegment,
      lastIndex,
      lastTerm: this.#map.term(lastIndex),
    };
  }

  #write(): void {
    const batch = this.#filling;
    const segment = this.#segment;
    const next = batch.end >= this.#options.limits.segmentBytes ? this.#prepared : undefined;
    const bytes = batch.seal(next === undefined ? 'open' : 'sealed');
    segment.usedBytes = batch.end;
    this.#isWriting = true;
    this.#isConfirmed = this.#isHint;
    this.#isHint = true;
    this.#writtenIndex = this.#map.lastIndex;
    this.#writtenHardState = this.#hardState;
    this.#waitingNow = this.#waitingNext;
    this.#waitingNext = [];
    this.#filling = this.#spare;
    this.#spare = batch;
    if (next !== undefined) this.#changeTo(next);
    this.#begin(batch.sequence + 1, next === undefined ? batch.end : SEGMENT_HEADER_BYTES);
    try {
      segment.file.writeThrough(bytes, batch.position, (error) => this.#onWritten(segment, error));
    } catch (error) {
      this.#isWriting = false;
      this.#fail(ioFailedError(segment.path, 'writing', error));
    }
  }

  #changeTo(next: Segment): void {
    this.#map.addSegment(next);
    this.#segment = next;
    this.#prepared = undefined;
  }

  #onWritten(segment: Segment, error: Error | undefined): void {
    this.#isWriting = false;
    if (this.#isClosed) return this.#unlockWhenIdle();
    if (error !== undefined) return this.#fail(ioFailedError(segment.path, 'writing', error));
    this.#persistedIndex = this.#writtenIndex;
    this.#persistedHardState = this.#writtenHardState;
    const done = this.#waitingNow;
    this.#waitingNow = [];
    const written = this.#spare.sequence;
    if (this.#waitingNext.length > 0) this.#write();
    this.onPersisted(this.#persistedIndex);
    for (const onDone of done) onDone(undefined);
    if (this.#isClosed) return;
    if (this.#unneeded.length > 0 && written >= this.#unneededAfter) this.#removeUnneeded();
    // Not before the first batch of the newest segment is durable: recovery relies on it.
    if (segment === this.#segment) this.#prepareNext();
  }

  #removeUnneeded(): void {
    const unneeded = this.#unneeded;
    this.#unneeded = [];
    for (const segment of unneeded) {
      segment.closeFile();
      this.#guard(segment.path, 'removing', () => this.#options.fileSystem.remove(segment.path));
    }
  }

  /** Begun early in the life of a segment, so that the next one is there when this one is full. */
  #prepareNext(): void {
    if (this.#isPreparing || this.#prepared !== undefined) return;
    this.#isPreparing = true;
    const { directory, files } = this.#options;
    const sequence = this.#segment.sequence + 1;
    this.#guard(directory, 'preparing a segment in', () =>
      files.createLater(sequence, (error, segment) => {
        this.#isPreparing = false;
        if (this.#isClosed) {
          segment?.closeFile();
          return this.#unlockWhenIdle();
        }
        if (error) return this.#fail(ioFailedError(directory, 'preparing a segment in', error));
        this.#prepared = segment;
      }),
    );
  }

  /** What is still under way must not meet the next owner of the directory. */
  #unlockWhenIdle(): void {
    if (this.#isWriting || this.#isPreparing) return;
    this.#options.unlock();
    this.#onClosed();
  }

  #guard(path: string, doing: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#fail(ioFailedError(path, doing, error));
    }
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#rejectAll(error);
    this.#options.onFatal(error);
  }

  #rejectAll(error: Error): void {
    const waiting = [...this.#waitingNow, ...this.#waitingNext];
    this.#waitingNow = [];
    this.#waitingNext = [];
    for (const onDone of waiting) onDone(error);
  }
}
