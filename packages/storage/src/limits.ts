import { assert } from './assert.ts';
import { SEGMENT_HEADER_BYTES } from './format.ts';

export interface StorageLimits {
  /** A segment that has reached this size is sealed and the next one begun; also preallocated. */
  readonly segmentBytes: number;
  /**
   * Entry data kept in memory for readers. Entries that are not yet durable stay beyond it: they
   * can't be read from anywhere else, and the runtime bounds them by its own limit.
   */
  readonly cacheBytesMax: number;
  readonly cacheEntriesMax: number;
  /** The same of entries that `release` says are not needed soon. */
  readonly cacheBytesKept: number;
  /** First size of each of the two write buffers, and what they shrink back to after a peak. */
  readonly writeBufferBytes: number;
  /** Largest batch, one flush: bounds what may pile up while a flush is slow. */
  readonly batchBytesMax: number;
  /** Read at once when entries come from disk. */
  readonly readBytes: number;
  readonly snapshotChunkBytesMax: number;
  /** Snapshots that stay: the newest, and this many less one before it. */
  readonly snapshotsKept: number;
}

export const STORAGE_LIMITS: StorageLimits = {
  segmentBytes: 16 * 1024 * 1024,
  cacheBytesMax: 16 * 1024 * 1024,
  cacheEntriesMax: 65_536,
  cacheBytesKept: 16 * 1024,
  writeBufferBytes: 1024 * 1024,
  batchBytesMax: 512 * 1024 * 1024,
  readBytes: 256 * 1024,
  snapshotChunkBytesMax: 64 * 1024 * 1024,
  snapshotsKept: 1,
};

/** Longest cluster id, in bytes of UTF-8. */
export const CLUSTER_ID_BYTES_MAX = 255;

/** Fills up what is not given; asserts the relations between the limits. */
export function storageLimits(given: Partial<StorageLimits> = {}): StorageLimits {
  const limits = { ...STORAGE_LIMITS, ...given };
  assert(
    limits.segmentBytes >= 2 * SEGMENT_HEADER_BYTES,
    'segmentBytes holds more than the header',
  );
  assert(limits.writeBufferBytes >= 256, 'writeBufferBytes holds the fixed records');
  assert(limits.batchBytesMax >= limits.writeBufferBytes, 'batchBytesMax >= writeBufferBytes');
  // Offsets in a segment are 32 bits wide, and a segment may outgrow its size by one batch.
  assert(limits.segmentBytes + limits.batchBytesMax < 2 ** 31, 'a segment stays below 2 GiB');
  assert(limits.cacheEntriesMax >= 1, 'cacheEntriesMax >= 1');
  assert(limits.readBytes >= 64, 'readBytes holds a record header');
  assert(limits.snapshotChunkBytesMax < 2 ** 31, 'a chunk stays below 2 GiB');
  assert(limits.snapshotsKept >= 1, 'the newest snapshot stays');
  return limits;
}

storageLimits();
