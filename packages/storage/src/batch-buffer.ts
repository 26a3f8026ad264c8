import type { Entry, EntryKind, HardState, LogIndex, Term } from '@bellwether/raft';
import { assert } from './assert.ts';
import { crcOf, crcOfShort } from './crc.ts';
import {
  BATCH_HEADER_BYTES,
  BATCH_MAGIC,
  BATCH_SEALED,
  CHECKPOINT_BYTES,
  ENTRY_HEADER_BYTES,
  HARD_STATE_BYTES,
  RECORD,
  RECORD_HEADER_BYTES,
  RESTART_BYTES,
  setU64,
  TRIM_BYTES,
  viewOf,
} from './format.ts';

/** What the records before a segment came to. */
export interface Checkpoint {
  readonly hardState: HardState;
  readonly firstSegment: number;
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
}

const TYPE_OF_KIND: Readonly<Record<EntryKind, number>> = {
  command: RECORD.command,
  noop: RECORD.noop,
  membership: RECORD.membership,
};

/**
 * The batch that is being filled: records are encoded where they will be written from. Grows by
 * doubling, is used again and again, and shrinks back after a peak. Two of them take turns: the one
 * that is being written must not change.
 */
export class BatchBuffer {
  readonly #bytesInitial: number;
  readonly #bytesMax: number;
  #bytes: Uint8Array;
  #view: DataView;
  #length = BATCH_HEADER_BYTES;
  /** Length with nothing in it but the header and the checkpoint. */
  #lengthEmpty = BATCH_HEADER_BYTES;
  /** Where the last record is, if that is a hard state: the next one takes its place. */
  #hardStateAt = -1;
  #sequence = 0;
  #segment = 0;
  #position = 0;

  constructor(bytesInitial: number, bytesMax: number) {
    this.#bytesInitial = bytesInitial;
    this.#bytesMax = bytesMax;
    this.#bytes = new Uint8Array(bytesInitial);
    this.#view = viewOf(this.#bytes);
  }

  /** Sequence of the batch in the whole log. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Offset in the segment at which the batch starts. */
  get position(): number {
    return this.#position;
  }

  /** Offset in the segment behind the batch. */
  get end(): number {
    return this.#position + this.#length;
  }

  get isEmpty(): boolean {
    return this.#length === this.#lengthEmpty;
  }

  /** Starts over. `checkpoint` is given exactly when the batch is the first of its segment. */
  begin(
    sequence: number,
    segment: number,
    position: number,
    checkpoint: Checkpoint | undefined,
  ): void {
    if (this.#bytes.length > 4 * this.#bytesInitial) this.#allocate(this.#bytesInitial);
    this.#sequence = sequence;
    this.#segment = segment;
    this.#position = position;
    this.#length = BATCH_HEADER_BYTES;
    this.#hardStateAt = -1;
    if (checkpoint !== undefined) this.#putCheckpoint(checkpoint);
    this.#lengthEmpty = this.#length;
  }

  /** Returns the record's offset in the segment. */
  putEntry(entry: Entry): number {
    const data = entry.data;
    const length = ENTRY_HEADER_BYTES + data.length;
    const at = this.#reserve(length, TYPE_OF_KIND[entry.kind]);
    setU64(this.#view, at + 12, entry.index);
    setU64(this.#view, at + 20, entry.term);
    this.#bytes.set(data, at + ENTRY_HEADER_BYTES);
    const headerCrc = crcOfShort(this.#bytes, at + 4, at + ENTRY_HEADER_BYTES, 0);
    this.#view.setUint32(at, crcOf(data, headerCrc), true);
    return this.#position + at;
  }

  putHardState(hardState: HardState): void {
    if (this.#hardStateAt >= 0) this.#length = this.#hardStateAt;
    const at = this.#reserve(HARD_STATE_BYTES, RECORD.hardState);
    this.#setHardState(at, hardState);
    this.#finish(at, HARD_STATE_BYTES);
    this.#hardStateAt = at;
  }

  putRestart(index: LogIndex, term: Term): void {
    const at = this.#reserve(RESTART_BYTES, RECORD.restart);
    setU64(this.#view, at + 12, index);
    setU64(this.#view, at + 20, term);
    this.#finish(at, RESTART_BYTES);
  }

  putTrim(firstSegment: number): void {
    const at = this.#reserve(TRIM_BYTES, RECORD.trim);
    setU64(this.#view, at + 12, firstSegment);
    this.#finish(at, TRIM_BYTES);
  }

  /** Fills in the header; what is to be written. Not to be changed until it has been. */
  seal(segmentEndsHere: 'sealed' | 'open'): Uint8Array {
    const view = this.#view;
    view.setUint32(4, BATCH_MAGIC, true);
    setU64(view, 8, this.#sequence);
    view.setUint32(16, this.#length, true);
    view.setUint32(20, this.#position, true);
    view.setUint32(24, this.#segment >>> 0, true);
    view.setUint32(28, segmentEndsHere === 'sealed' ? BATCH_SEALED : 0, true);
    view.setUint32(0, crcOfShort(this.#bytes, 4, BATCH_HEADER_BYTES, 0), true);
    return this.#bytes.subarray(0, this.#length);
  }

  #putCheckpoint(checkpoint: Checkpoint): void {
    const at = this.#reserve(CHECKPOINT_BYTES, RECORD.checkpoint);
    this.#setHardState(at, checkpoint.hardState);
    setU64(this.#view, at + 32, checkpoint.firstSegment);
    setU64(this.#view, at + 40, checkpoint.lastIndex);
    setU64(this.#view, at + 48, checkpoint.lastTerm);
    this.#finish(at, CHECKPOINT_BYTES);
  }

  #setHardState(at: number, hardState: HardState): void {
    setU64(this.#view, at + 12, hardState.term);
    setU64(this.#view, at + 20, hardState.commit);
    this.#view.setUint32(at + 28, hardState.vote, true);
  }

  #reserve(length: number, type: number): number {
    const at = this.#length;
    if (at + length > this.#bytes.length) this.#grow(at + length);
    this.#length = at + length;
    this.#hardStateAt = -1;
    this.#view.setUint32(at + 4, length, true);
    this.#view.setUint32(at + 8, type, true);
    return at;
  }

  #finish(at: number, length: number): void {
    assert(length >= RECORD_HEADER_BYTES, 'a record has a header');
    this.#view.setUint32(at, crcOfShort(this.#bytes, at + 4, at + length, 0), true);
  }

  #grow(lengthMin: number): void {
    assert(lengthMin <= this.#bytesMax, 'a batch stays below batchBytesMax');
    let length = this.#bytes.length;
    while (length < lengthMin) length *= 2;
    const old = this.#bytes;
    this.#allocate(length);
    this.#bytes.set(old);
  }

  #allocate(length: number): void {
    this.#bytes = new Uint8Array(length);
    this.#view = viewOf(this.#bytes);
  }
}
