import type { EntryKind } from '@bellwether/raft';
import { crcOfRange, crcOfShort } from './crc.ts';
import {
  BATCH_HEADER_BYTES,
  BATCH_MAGIC,
  BATCH_SEALED,
  CHECKPOINT_BYTES,
  ENTRY_HEADER_BYTES,
  getU64,
  HARD_STATE_BYTES,
  RECORD,
  RECORD_HEADER_BYTES,
  RESTART_BYTES,
  TRIM_BYTES,
} from './format.ts';

export interface BatchHeader {
  readonly sequence: number;
  readonly length: number;
  readonly isSealed: boolean;
}

/** A segment's bytes, or a part of them that starts at offset `start` of the file. */
export interface SegmentBytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

const KIND_OF_TYPE: Readonly<Record<number, EntryKind>> = {
  [RECORD.command]: 'command',
  [RECORD.noop]: 'noop',
  [RECORD.membership]: 'membership',
};

const BYTES_OF_TYPE: Readonly<Record<number, number>> = {
  [RECORD.hardState]: HARD_STATE_BYTES,
  [RECORD.checkpoint]: CHECKPOINT_BYTES,
  [RECORD.restart]: RESTART_BYTES,
  [RECORD.trim]: TRIM_BYTES,
};

/** The header at `at`, if a whole one of this segment and this place is there. */
export function readBatchHeader(
  { bytes, view }: SegmentBytes,
  at: number,
  segment: number,
): BatchHeader | undefined {
  if (at < 0 || at + BATCH_HEADER_BYTES > bytes.length) return undefined;
  if (view.getUint32(at + 4, true) !== BATCH_MAGIC) return undefined;
  if (view.getUint32(at, true) !== crcOfShort(bytes, at + 4, at + BATCH_HEADER_BYTES, 0)) {
    return undefined;
  }
  if (view.getUint32(at + 20, true) !== at) return undefined;
  if (view.getUint32(at + 24, true) !== segment >>> 0) return undefined;
  return {
    sequence: getU64(view, at + 8),
    length: view.getUint32(at + 16, true),
    isSealed: (view.getUint32(at + 28, true) & BATCH_SEALED) !== 0,
  };
}

/** Whether every record of the batch at `at` is whole and they fill it: none reaches beyond its end. */
export function areRecordsWhole(segment: SegmentBytes, at: number, header: BatchHeader): boolean {
  const end = at + header.length;
  if (end > segment.bytes.length) return false;
  let next = at + BATCH_HEADER_BYTES;
  while (next < end) {
    const length = recordLength(segment, next, end);
    if (length === 0) return false;
    next += length;
  }
  return true;
}

/** Length of the whole record at `at`, or 0. */
export function recordLength({ bytes, view }: SegmentBytes, at: number, end: number): number {
  if (at + RECORD_HEADER_BYTES > end) return 0;
  const length = view.getUint32(at + 4, true);
  if (length < RECORD_HEADER_BYTES || at + length > end) return 0;
  return view.getUint32(at, true) === crcOfRange(bytes, at + 4, at + length) ? length : 0;
}

/** Kind of entry that a record of `type` holds; undefined when it holds none. */
export function kindOfType(type: number): EntryKind | undefined {
  return KIND_OF_TYPE[type];
}

/** Whether this version knows the record's type, and the record is long enough for it. */
export function isKnownRecord(type: number, length: number): boolean {
  if (KIND_OF_TYPE[type] !== undefined) return length >= ENTRY_HEADER_BYTES;
  return BYTES_OF_TYPE[type] === length;
}
