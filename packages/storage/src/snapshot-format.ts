/**
 * # A snapshot file
 *
 * `snapshot-<index>.snap` has this name only when it is complete and durable: it is written and flushed
 * as a `.tmp` file, then renamed, then the directory is flushed. Numbers as in format.ts.
 *
 *     header   "BWSNAPSH", u32 format version (1), u32 length of the header, u64 index, u64 term,
 *              u16 length of the cluster id and its UTF-8, u32 length of the membership and the
 *              membership as in the data of a membership entry, u32 crc of all before
 *     chunks   u32 crc of what follows in the chunk, u32 length of the data, u32 number (from 0), data
 *     footer   u32 crc of what follows, u32 0xffffffff, u64 number of chunks, u64 bytes of all data
 *
 * The file ends with the footer. At start-up header, footer and size are checked; chunks when they are
 * read. Their boundaries are those of the writer's calls.
 */
import type { Membership, SnapshotMetadata } from '@bellwether/raft';
import { decodeMembership, encodeMembership } from '@bellwether/raft';
import { assert } from './assert.ts';
import { crcOf, crcOfRange, crcOfShort } from './crc.ts';
import { corruptSnapshotError, newerFormatError, wrongClusterError } from './errors.ts';
import { FORMAT_VERSION, getU64, setU64, viewOf } from './format.ts';

export const SNAPSHOT_MAGIC = 'BWSNAPSH';
export const CHUNK_HEADER_BYTES = 12;
export const FOOTER_BYTES = 24;
const FOOTER_MARK = 0xffffffff;
/** Magic, version and length: enough to know how long the header is. */
export const SNAPSHOT_PREFIX_BYTES = 16;
export const SNAPSHOT_HEADER_BYTES_MAX = 16 * 1024 * 1024;

export function encodeSnapshotHeader(clusterId: string, metadata: SnapshotMetadata): Uint8Array {
  const id = Buffer.from(clusterId, 'utf8');
  const membership = encodeMembership(metadata.membership);
  const length = SNAPSHOT_PREFIX_BYTES + 16 + 2 + id.length + 4 + membership.length + 4;
  assert(length <= SNAPSHOT_HEADER_BYTES_MAX, 'a snapshot header stays below its maximum');
  const bytes = Buffer.alloc(length);
  const view = viewOf(bytes);
  bytes.write(SNAPSHOT_MAGIC, 0, 'latin1');
  view.setUint32(8, FORMAT_VERSION, true);
  view.setUint32(12, length, true);
  setU64(view, 16, metadata.index);
  setU64(view, 24, metadata.term);
  view.setUint16(32, id.length, true);
  bytes.set(id, 34);
  const at = 34 + id.length;
  view.setUint32(at, membership.length, true);
  bytes.set(membership, at + 4);
  view.setUint32(length - 4, crcOfRange(bytes, 0, length - 4), true);
  return bytes;
}

/** `bytes` is the whole header. Throws a StorageError when it is damaged or somebody else's. */
export function decodeSnapshotHeader(
  bytes: Uint8Array,
  path: string,
  clusterId: string,
): SnapshotMetadata {
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const view = viewOf(bytes);
  const crcAt = bytes.length - 4;
  if (view.getUint32(crcAt, true) !== crcOfRange(bytes, 0, crcAt)) {
    throw corruptSnapshotError(path, 0, 'the header does not match its checksum');
  }
  const version = view.getUint32(8, true);
  if (version > FORMAT_VERSION) throw newerFormatError(path, 8, `format version ${version}`);
  const idLength = view.getUint16(32, true);
  const found = header.toString('utf8', 34, 34 + idLength);
  if (found !== clusterId) throw wrongClusterError(path, found, clusterId);
  return {
    index: getU64(view, 16),
    term: getU64(view, 24),
    membership: membershipIn(bytes, 34 + idLength, path),
  };
}

function membershipIn(header: Uint8Array, at: number, path: string): Membership {
  const length = viewOf(header).getUint32(at, true);
  const decoded = decodeMembership(header.subarray(at + 4, at + 4 + length));
  if (decoded.outcome === 'decoded') return decoded.membership;
  throw corruptSnapshotError(path, at, `a malformed membership: ${decoded.reason}`);
}

/** What stands before a chunk's data. */
export function encodeChunkHeader(data: Uint8Array, number: number): Uint8Array {
  const bytes = new Uint8Array(CHUNK_HEADER_BYTES);
  const view = viewOf(bytes);
  view.setUint32(4, data.length, true);
  view.setUint32(8, number, true);
  view.setUint32(0, chunkCrc(bytes, data), true);
  return bytes;
}

/** CRC of a chunk's length, number and data; `header` as it stands before the data. */
export function chunkCrc(header: Uint8Array, data: Uint8Array): number {
  return crcOf(data, crcOfShort(header, 4, CHUNK_HEADER_BYTES, 0));
}

export function encodeFooter(chunks: number, dataBytes: number): Uint8Array {
  const bytes = new Uint8Array(FOOTER_BYTES);
  const view = viewOf(bytes);
  view.setUint32(4, FOOTER_MARK, true);
  setU64(view, 8, chunks);
  setU64(view, 16, dataBytes);
  view.setUint32(0, crcOfRange(bytes, 4, FOOTER_BYTES), true);
  return bytes;
}

export interface SnapshotFooter {
  readonly chunks: number;
  readonly dataBytes: number;
}

export function decodeFooter(bytes: Uint8Array): SnapshotFooter | undefined {
  const view = viewOf(bytes);
  if (bytes.length !== FOOTER_BYTES || view.getUint32(4, true) !== FOOTER_MARK) return undefined;
  if (view.getUint32(0, true) !== crcOfRange(bytes, 4, FOOTER_BYTES)) return undefined;
  return { chunks: getU64(view, 8), dataBytes: getU64(view, 16) };
}
