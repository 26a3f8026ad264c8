import type { HardState, LogIndex, SnapshotMetadata } from '@bellwether/raft';
import { assert } from './assert.ts';
import { corruptSegmentError, missingEntriesError, missingSegmentError } from './errors.ts';
import type { FileSystem } from './file-system.ts';
import { SEGMENT_HEADER_BYTES, segmentName, sequenceOfName } from './format.ts';
import type { LogMap } from './log-map.ts';
import { Replay } from './replay.ts';
import { Segment } from './segment.ts';
import { checkSegmentHeader, type Owner } from './segment-header.ts';
import { firstNonZero, scanSegment, type SegmentScan } from './segment-scan.ts';

/** A torn tail that was erased: nothing in it had been acknowledged. */
export interface RepairedTail {
  readonly file: string;
  readonly offset: number;
  /** From `offset` to the last byte that was not zero, at least. */
  readonly bytes: number;
}

export interface RecoveredLog {
  readonly map: LogMap;
  readonly hardState: HardState;
  /** Of the next batch. */
  readonly nextSequence: number;
  readonly firstSegment: number;
  /** Where the next batch goes; the newest in `map`. */
  readonly current: Segment;
  /** Prepared for when the current one is full. */
  readonly prepared: Segment | undefined;
  readonly repaired: RepairedTail | undefined;
}

interface Loaded {
  readonly segment: Segment;
  readonly bytes: Uint8Array;
  readonly isVirgin: boolean;
}

export interface RecoveryOptions {
  readonly fileSystem: FileSystem;
  readonly directory: string;
  readonly owner: Owner;
  readonly segmentBytes: number;
}

/**
 * Reads all segments in the directory (there is at least one), decides what is a torn tail and what a
 * hole as format.ts says, repairs the one and throws for the other.
 */
export function recoverLog(options: RecoveryOptions, names: readonly string[]): RecoveredLog {
  const sequences = names.map(sequenceOfName).filter((sequence) => sequence !== undefined);
  const run = consecutiveTail(sequences);
  const walk = new RecoveryWalk(options, run);
  walk.readAll();
  const leftovers = sequences.slice(0, sequences.length - run.length);
  return walk.finish(leftovers);
}

/** The numbers at the end of the list that follow one another; those before were being removed. */
function consecutiveTail(sequences: readonly number[]): readonly number[] {
  let start = sequences.length - 1;
  while (start > 0 && sequences[start - 1] === (sequences[start] as number) - 1) start -= 1;
  return sequences.slice(start);
}

class RecoveryWalk {
  readonly #options: RecoveryOptions;
  readonly #run: readonly number[];
  readonly #replay = new Replay();
  #nextSequence: number | undefined;
  /** The last segment that was written to, until a later one turns out to have been. */
  #last: { readonly loaded: Loaded; readonly scan: SegmentScan } | undefined;
  readonly #virgins: Segment[] = [];

  constructor(options: RecoveryOptions, run: readonly number[]) {
    this.#options = options;
    this.#run = run;
    this.#nextSequence = run[0] === 1 ? 1 : undefined;
  }

  readAll(): void {
    for (const sequence of this.#run) {
      const loaded = this.#load(sequence);
      if (loaded.isVirgin) this.#virgins.push(loaded.segment);
      else this.#readWritten(loaded);
    }
  }

  finish(leftovers: readonly number[]): RecoveredLog {
    this.#checkSuccessors();
    this.#checkNoneMissing(leftovers);
    const repaired = this.#repair();
    const [current, prepared] = this.#currentAndPrepared();
    this.#makeWritable(current);
    if (prepared !== undefined) this.#makeWritable(prepared);
    this.#removeUnneeded(leftovers);
    return {
      map: this.#replay.map,
      hardState: this.#replay.hardState,
      nextSequence: this.#nextSequence as number,
      firstSegment: this.#replay.firstSegment,
      current,
      prepared,
      repaired,
    };
  }

  #load(sequence: number): Loaded {
    const { fileSystem, directory, owner } = this.#options;
    const path = `${directory}/${segmentName(sequence)}`;
    const segment = new Segment(fileSystem, path, sequence, SEGMENT_HEADER_BYTES);
    const bytes = new Uint8Array(segment.file.size());
    const length = segment.read(bytes, 0);
    assert(length === bytes.length, 'a file is read to its end');
    checkSegmentHeader(bytes, path, owner, sequence, this.#lostFrom);
    return { segment, bytes, isVirgin: firstNonZero(bytes, SEGMENT_HEADER_BYTES) === undefined };
  }

  #readWritten(loaded: Loaded): void {
    this.#checkSealedBefore(loaded.segment);
    const { segment, bytes } = loaded;
    const scan = scanSegment(bytes, segment.sequence, this.#nextSequence);
    this.#replay.map.addSegment(segment);
    for (const at of scan.batches) this.#replay.applyBatch(segment, bytes, at);
    if (scan.laterHeaderAt !== undefined) {
      const what = `the batch there is not whole, but a later one was written at ${scan.laterHeaderAt}`;
      throw this.#corrupt(segment, scan.end, what);
    }
    if (scan.nextSequence === undefined) {
      throw this.#corrupt(segment, scan.end, 'the first batch of the oldest segment is not whole');
    }
    segment.usedBytes = scan.end;
    this.#nextSequence = scan.nextSequence;
    this.#last = { loaded, scan };
  }

  /** Something was written to `later`: the segment before it had been sealed, durably. */
  #checkSealedBefore(later: Segment): void {
    const virgin = this.#virgins[0];
    if (virgin !== undefined) {
      const what = `it is empty, but ${later.path} behind it is not`;
      throw this.#corrupt(virgin, SEGMENT_HEADER_BYTES, what);
    }
    if (this.#last === undefined || this.#last.scan.isSealed) return;
    const what = `its end is not whole, but ${later.path} behind it was written to`;
    throw this.#corrupt(this.#last.loaded.segment, this.#last.scan.end, what);
  }

  #checkSuccessors(): void {
    const { directory } = this.#options;
    const first = this.#run[0] as number;
    if (this.#last === undefined) {
      if (first !== 1) throw this.#missing(`${directory}/${segmentName(first - 1)}`);
    } else if (this.#last.scan.isSealed && this.#virgins.length === 0) {
      const next = this.#last.loaded.segment.sequence + 1;
      throw this.#missing(`${directory}/${segmentName(next)}`);
    }
    const extra = this.#virgins[1];
    if (extra === undefined) return;
    const what = `it is empty, but ${extra.path} was prepared behind it`;
    throw this.#corrupt(this.#virgins[0] as Segment, SEGMENT_HEADER_BYTES, what);
  }

  /** Segments may be left out only below the last trim. */
  #checkNoneMissing(leftovers: readonly number[]): void {
    const first = this.#run[0] as number;
    const needed = this.#replay.firstSegment;
    const newestLeftover = leftovers.at(-1) ?? 0;
    if (first <= needed || first === 1) return;
    const missing = Math.max(needed, newestLeftover + 1);
    // What is there begins behind what is missing, so that says nothing of where the loss begins.
    throw missingSegmentError(`${this.#options.directory}/${segmentName(missing)}`, undefined);
  }

  /** The first entry that can't be read, as far as is known by now. */
  get #lostFrom(): LogIndex | undefined {
    return this.#replay.lostFrom ?? (this.#run[0] === 1 ? 1 : undefined);
  }

  #corrupt(segment: Segment, offset: number, what: string): Error {
    return corruptSegmentError(segment.path, offset, what, this.#lostFrom);
  }

  #missing(path: string): Error {
    return missingSegmentError(path, this.#lostFrom);
  }

  #repair(): RepairedTail | undefined {
    const last = this.#last;
    if (last === undefined || last.scan.isSealed || !last.scan.garbageAt) return undefined;
    const { segment, bytes } = last.loaded;
    const garbageEnd = bytes.findLastIndex((byte) => byte !== 0) + 1;
    const file = this.#options.fileSystem.open(segment.path, 'readWrite');
    segment.useFile(file);
    file.truncate(last.scan.end);
    file.truncate(Math.max(last.scan.end, this.#options.segmentBytes));
    file.sync();
    return { file: segment.path, offset: last.scan.end, bytes: garbageEnd - last.scan.end };
  }

  #currentAndPrepared(): [Segment, Segment | undefined] {
    const { map } = this.#replay;
    const written = this.#last;
    const virgin = this.#virgins[0];
    if (written !== undefined && !written.scan.isSealed) return [written.loaded.segment, virgin];
    assert(virgin !== undefined, 'a sealed segment has a successor');
    // What was read may not have been durable: see the end of format.ts.
    if (written !== undefined) this.#makeWritable(written.loaded.segment);
    map.addSegment(virgin);
    return [virgin, undefined];
  }

  #makeWritable(segment: Segment): void {
    const file = this.#options.fileSystem.open(segment.path, 'readWrite');
    segment.useFile(file);
    if (file.size() < this.#options.segmentBytes) file.truncate(this.#options.segmentBytes);
    file.sync();
  }

  #removeUnneeded(leftovers: readonly number[]): void {
    const { fileSystem, directory } = this.#options;
    for (const sequence of leftovers) fileSystem.remove(`${directory}/${segmentName(sequence)}`);
    const { map, firstSegment } = this.#replay;
    const newest = map.segments.at(-1) as Segment;
    if (firstSegment > newest.sequence) {
      throw this.#corrupt(newest, 0, `segment ${firstSegment} is said to be the first`);
    }
    if (!map.isBaseTermKnown) return;
    for (const segment of map.takeSegmentsBefore(firstSegment)) {
      segment.closeFile();
      fileSystem.remove(segment.path);
    }
  }
}

/** Brings log and newest snapshot together; says whether the log has to be restarted behind it. */
export function reconcile(
  map: LogMap,
  snapshot: SnapshotMetadata,
  directory: string,
): 'restart' | 'keep' {
  const { index, term } = snapshot;
  if (index > map.lastIndex) return 'restart';
  if (index < map.firstIndex - 1) {
    throw missingEntriesError(directory, index + 1, map.firstIndex - 1);
  }
  const isKnown = index >= map.firstIndex || map.isBaseTermKnown;
  if (isKnown && map.term(index) !== term) return 'restart';
  if (!map.isBaseTermKnown) map.raiseBase(index, term);
  return 'keep';
}
