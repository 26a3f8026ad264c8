import {
  areRecordsWhole,
  type BatchHeader,
  readBatchHeader,
  type SegmentBytes,
} from './batch-reader.ts';
import { BATCH_MAGIC, SEGMENT_HEADER_BYTES, viewOf } from './format.ts';

/** Where a segment's batches stop being whole, and what follows. See "Torn tail or hole" in format.ts. */
export interface SegmentScan {
  /** Offsets of the whole batches. */
  readonly batches: readonly number[];
  /** Offset behind the last whole batch. */
  readonly end: number;
  readonly isSealed: boolean;
  /** Sequence of the batch that comes next; undefined when nothing is known about the sequence. */
  readonly nextSequence: number | undefined;
  /** Offset of the first byte at or behind `end` that is not zero. */
  readonly garbageAt: number | undefined;
  /** Offset of a batch header behind `end` that proves that the batch at `end` was durable. */
  readonly laterHeaderAt: number | undefined;
}

const MAGIC_BYTES = Buffer.from(Uint32Array.of(BATCH_MAGIC).buffer);
const ZEROS = Buffer.alloc(64 * 1024);

/** Looks for whole batches from the header block on; `sequence` is what the first should have, if known. */
export function scanSegment(
  bytes: Uint8Array,
  segment: number,
  sequence: number | undefined,
): SegmentScan {
  const source: SegmentBytes = { bytes, view: viewOf(bytes) };
  const batches: number[] = [];
  let end = SEGMENT_HEADER_BYTES;
  let next = sequence;
  let isSealed = false;
  while (!isSealed) {
    const header = wholeBatchAt(source, end, segment, next);
    if (header === undefined) break;
    batches.push(end);
    end += header.length;
    next = header.sequence + 1;
    isSealed = header.isSealed;
  }
  return {
    batches,
    end,
    isSealed,
    nextSequence: next,
    garbageAt: firstNonZero(bytes, end),
    laterHeaderAt: isSealed ? undefined : laterHeader(source, end, segment, next ?? 0),
  };
}

function wholeBatchAt(
  source: SegmentBytes,
  at: number,
  segment: number,
  sequence: number | undefined,
): BatchHeader | undefined {
  const header = readBatchHeader(source, at, segment);
  if (header === undefined) return undefined;
  if (sequence !== undefined && header.sequence !== sequence) return undefined;
  return areRecordsWhole(source, at, header) ? header : undefined;
}

/** Searches behind the batch at `from` where its own header tells how far it goes, else from there on. */
function laterHeader(
  source: SegmentBytes,
  from: number,
  segment: number,
  sequence: number,
): number | undefined {
  const own = readBatchHeader(source, from, segment);
  if (own !== undefined && own.sequence > sequence) return from;
  const buffer = Buffer.from(source.bytes.buffer, source.bytes.byteOffset, source.bytes.length);
  let at = own === undefined ? from : from + own.length;
  for (;;) {
    const magicAt = buffer.indexOf(MAGIC_BYTES, at);
    if (magicAt < 0) return undefined;
    const header = readBatchHeader(source, magicAt - 4, segment);
    if (header !== undefined && header.sequence > sequence) return magicAt - 4;
    at = magicAt + 1;
  }
}

/** Offset of the first byte at or behind `from` that is not zero. */
export function firstNonZero(bytes: Uint8Array, from: number): number | undefined {
  for (let at = from; at < bytes.length; at += ZEROS.length) {
    const chunk = bytes.subarray(at, at + ZEROS.length);
    if (ZEROS.compare(chunk, 0, chunk.length, 0, chunk.length) === 0) continue;
    return at + chunk.findIndex((byte) => byte !== 0);
  }
  return undefined;
}
