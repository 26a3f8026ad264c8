import type { Entry, LogIndex } from '@bellwether/raft';
import { kindOfType, recordLength } from './batch-reader.ts';
import { corruptSegmentError } from './errors.ts';
import { ENTRY_HEADER_BYTES, getU64, viewOf } from './format.ts';
import type { LogMap } from './log-map.ts';
import type { Segment } from './segment.ts';

/** A part of a segment's file that was read: `bytes` from offset `start`. */
interface Window {
  readonly segment: Segment;
  readonly start: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/**
 * Reads the entries from..to from disk, cut off after `bytesMax` of data but never fewer than one, and
 * checks each record again. Throws `corruptSegment` with file and offset for one that was damaged.
 */
export function readEntries(
  map: LogMap,
  from: LogIndex,
  to: LogIndex,
  bytesMax: number,
  readBytes: number,
): Entry[] {
  const entries: Entry[] = [];
  let window: Window | undefined;
  let bytes = 0;
  for (let index = from; index <= to; index += 1) {
    const segment = map.locate(index);
    const offset = segment.offsetOf(index);
    window = windowAt(window, segment, offset, readBytes);
    const entry = decodeEntry(window, offset, index);
    bytes += entry.data.length;
    if (bytes > bytesMax && entries.length > 0) break;
    entries.push(entry);
    if (bytes >= bytesMax) break;
  }
  return entries;
}

/** `window` if the record at `offset` is in it, else a new one that is large enough. */
function windowAt(
  window: Window | undefined,
  segment: Segment,
  offset: number,
  readBytes: number,
): Window {
  const kept = window?.segment === segment ? window : undefined;
  if (kept !== undefined && holds(kept, offset)) return kept;
  const read = readWindow(segment, offset, readBytes);
  if (holds(read, offset) || read.bytes.length < ENTRY_HEADER_BYTES) return read;
  const length = Math.min(read.view.getUint32(4, true), segment.usedBytes - offset);
  return readWindow(segment, offset, length);
}

function holds({ start, bytes, view }: Window, offset: number): boolean {
  const at = offset - start;
  if (at < 0 || at + ENTRY_HEADER_BYTES > bytes.length) return false;
  return at + view.getUint32(at + 4, true) <= bytes.length;
}

function readWindow(segment: Segment, start: number, length: number): Window {
  const buffer = new Uint8Array(Math.max(0, Math.min(length, segment.usedBytes - start)));
  const bytes = buffer.subarray(0, segment.read(buffer, start));
  return { segment, start, bytes, view: viewOf(bytes) };
}

function decodeEntry(window: Window, offset: number, index: LogIndex): Entry {
  const at = offset - window.start;
  const length = recordLength(window, at, window.bytes.length);
  const kind = length === 0 ? undefined : kindOfType(window.view.getUint32(at + 8, true));
  if (kind === undefined || getU64(window.view, at + 12) !== index) {
    throw corruptSegmentError(
      window.segment.path,
      offset,
      `the record of entry ${index} changed since it was written`,
      index,
    );
  }
  const data = window.bytes.subarray(at + ENTRY_HEADER_BYTES, at + length);
  return { index, term: getU64(window.view, at + 20), kind, data };
}
