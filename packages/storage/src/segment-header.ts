import type { LogIndex } from '@bellwether/raft';
import { assert } from './assert.ts';
import { crcOfRange } from './crc.ts';
import {
  corruptSegmentError,
  newerFormatError,
  wrongClusterError,
  wrongNodeError,
} from './errors.ts';
import {
  FORMAT_VERSION,
  getU64,
  SEGMENT_HEADER_BYTES,
  SEGMENT_MAGIC,
  setU64,
  viewOf,
} from './format.ts';
import { CLUSTER_ID_BYTES_MAX } from './limits.ts';

/** To whom a directory belongs. */
export interface Owner {
  readonly clusterId: string;
  readonly nodeId: number;
}

const CRC_AT = SEGMENT_HEADER_BYTES - 4;

/** The header block of a segment, as described in format.ts. */
export function encodeSegmentHeader(owner: Owner, sequence: number): Uint8Array {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  const view = viewOf(bytes);
  const clusterId = Buffer.from(owner.clusterId, 'utf8');
  assert(clusterId.length <= CLUSTER_ID_BYTES_MAX, 'the cluster id is not too long');
  bytes.write(SEGMENT_MAGIC, 0, 'latin1');
  view.setUint32(8, FORMAT_VERSION, true);
  view.setUint32(12, owner.nodeId, true);
  setU64(view, 16, sequence);
  view.setUint16(24, clusterId.length, true);
  bytes.set(clusterId, 26);
  view.setUint32(CRC_AT, crcOfRange(bytes, 0, CRC_AT), true);
  return bytes;
}

/**
 * Throws unless the header at the start of `bytes` is whole and of this owner and sequence. The crc is
 * checked before the version is believed: later versions keep magic, version and crc in their places.
 */
export function checkSegmentHeader(
  bytes: Uint8Array,
  path: string,
  owner: Owner,
  sequence: number,
  lostFrom: LogIndex | undefined,
): void {
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < SEGMENT_HEADER_BYTES) {
    throw corruptSegmentError(path, bytes.length, 'the file ends within its header', lostFrom);
  }
  const view = viewOf(bytes);
  if (view.getUint32(CRC_AT, true) !== crcOfRange(bytes, 0, CRC_AT)) {
    throw corruptSegmentError(path, 0, 'the header does not match its checksum', lostFrom);
  }
  if (header.toString('latin1', 0, 8) !== SEGMENT_MAGIC) {
    throw corruptSegmentError(path, 0, 'this is not a log segment', lostFrom);
  }
  const version = view.getUint32(8, true);
  if (version > FORMAT_VERSION) throw newerFormatError(path, 8, `format version ${version}`);
  const clusterId = header.toString('utf8', 26, 26 + view.getUint16(24, true));
  if (clusterId !== owner.clusterId) throw wrongClusterError(path, clusterId, owner.clusterId);
  const nodeId = view.getUint32(12, true);
  if (nodeId !== owner.nodeId) throw wrongNodeError(path, nodeId, owner.nodeId);
  if (getU64(view, 16) !== sequence) {
    const what = `it is segment ${getU64(view, 16)} under another's name`;
    throw corruptSegmentError(path, 16, what, lostFrom);
  }
}
