import type { HardState, LogIndex, Term } from '@bellwether/raft';
import { isKnownRecord, type SegmentBytes } from './batch-reader.ts';
import { corruptSegmentError, newerFormatError } from './errors.ts';
import { BATCH_HEADER_BYTES, getU64, RECORD, SEGMENT_HEADER_BYTES, viewOf } from './format.ts';
import { LogMap } from './log-map.ts';
import type { Segment } from './segment.ts';

/** Applies the records of whole batches, in order, and so finds out what the log is. */
export class Replay {
  readonly map = new LogMap();
  hardState: HardState = { term: 0, vote: 0, commit: 0 };
  /** The last trim: segments below this are not needed. */
  firstSegment = 1;
  #isStarted = false;

  /** The first entry that is lost if what comes next can't be read; undefined while nothing is known. */
  get lostFrom(): LogIndex | undefined {
    return this.#isStarted ? this.map.lastIndex + 1 : undefined;
  }

  /** The records of the whole batch at `at` of `segment`, whose file starts with `bytes`. */
  applyBatch(segment: Segment, bytes: Uint8Array, at: number): void {
    const source: SegmentBytes = { bytes, view: viewOf(bytes) };
    const end = at + source.view.getUint32(at + 16, true);
    let next = at + BATCH_HEADER_BYTES;
    this.#expectCheckpoint(segment, source, at, end);
    while (next < end) {
      this.#applyRecord(segment, source, next);
      next += source.view.getUint32(next + 4, true);
    }
  }

  /** A segment's first batch starts with a checkpoint, and no other does. */
  #expectCheckpoint(segment: Segment, { view }: SegmentBytes, at: number, end: number): void {
    const first = at + BATCH_HEADER_BYTES;
    const hasCheckpoint = first < end && view.getUint32(first + 8, true) === RECORD.checkpoint;
    if (hasCheckpoint === (at === SEGMENT_HEADER_BYTES)) return;
    const what = hasCheckpoint ? 'a checkpoint is in the wrong place' : 'a checkpoint is missing';
    throw corruptSegmentError(segment.path, at, what, this.lostFrom);
  }

  #applyRecord(segment: Segment, { view }: SegmentBytes, at: number): void {
    const type = view.getUint32(at + 8, true);
    const length = view.getUint32(at + 4, true);
    if (!isKnownRecord(type, length)) {
      throw newerFormatError(segment.path, at, `a record of type ${type}, length ${length},`);
    }
    const [first, second] = [getU64(view, at + 12), length >= 28 ? getU64(view, at + 20) : 0];
    switch (type) {
      case RECORD.hardState:
        this.hardState = readHardState(view, at);
        return;
      case RECORD.checkpoint:
        return this.#applyCheckpoint(segment, view, at);
      case RECORD.restart:
        return this.map.restart(first, second);
      case RECORD.trim:
        this.firstSegment = first;
        return;
      default:
        return this.#applyEntry(segment, first, second, at);
    }
  }

  #applyEntry(segment: Segment, index: LogIndex, term: Term, at: number): void {
    if (index < 1 || index > this.map.lastIndex + 1) {
      const what = `entry ${index} follows entry ${this.map.lastIndex}`;
      throw corruptSegmentError(segment.path, at, what, this.lostFrom);
    }
    this.map.add(index, term, segment, at);
  }

  #applyCheckpoint(segment: Segment, view: DataView, at: number): void {
    const hardState = readHardState(view, at);
    const firstSegment = getU64(view, at + 32);
    const index = getU64(view, at + 40);
    const term = getU64(view, at + 48);
    if (!this.#isStarted) {
      this.#isStarted = true;
      this.hardState = hardState;
      this.firstSegment = firstSegment;
      return this.map.restart(index, term);
    }
    const { map } = this;
    const agrees =
      index === map.lastIndex &&
      (!this.#isTermKnown(index) || term === map.term(index)) &&
      firstSegment === this.firstSegment &&
      hardState.term === this.hardState.term &&
      hardState.vote === this.hardState.vote;
    if (!agrees) {
      const what = `the checkpoint says entry ${index} of term ${term}, not what was before it`;
      throw corruptSegmentError(segment.path, at, what, this.lostFrom);
    }
  }

  #isTermKnown(index: LogIndex): boolean {
    return index >= this.map.firstIndex || this.map.isBaseTermKnown;
  }
}

function readHardState(view: DataView, at: number): HardState {
  return {
    term: getU64(view, at + 12),
    commit: getU64(view, at + 20),
    vote: view.getUint32(at + 28, true),
  };
}
