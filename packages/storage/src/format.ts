/**
 * # What is on disk
 *
 * One directory per node. All numbers are little-endian; u64 holds whole numbers below 2^53; a crc is
 * CRC-32 (IEEE 802.3). Names carry 16 decimal digits.
 *
 *     lock                            who has the directory open (see directory-lock.ts)
 *     log-<sequence>.seg              segments of the log, numbered from 1 without a gap
 *     snapshot-<index>.snap           the state after applying `index` (see snapshot-format.ts)
 *     *.tmp                           unfinished; removed at the next start
 *
 * ## Segment
 *
 * A header block of 4096 bytes, then batches without space between them, then zeros up to the
 * preallocated size. The header is complete and durable before the file has its name:
 *
 *     0     magic "BWLOGSEG"
 *     8     u32 format version (1)
 *     12    u32 node id
 *     16    u64 sequence of this segment
 *     24    u16 length of the cluster id, then that many bytes of UTF-8, then zeros
 *     4092  u32 crc of bytes 0..4091
 *
 * ## Batch
 *
 * What one flush wrote, all or nothing. A new batch is written only after the one before it is
 * durable, so at any time at most one batch in the directory, the last, can be incomplete.
 *
 *     0     u32 crc of bytes 4..31
 *     4     u32 magic 0x31425742
 *     8     u64 sequence of the batch: 1 for the first of the log, then one more each, over all segments
 *     16    u32 length of the batch with this header
 *     20    u32 offset of this header in the file
 *     24    u32 low 32 bits of the segment's sequence
 *     28    u32 flags: bit 0, sealed: the segment ends with this batch, the next one is in the next segment
 *     32    records until the length is used up
 *
 * ## Record
 *
 *     0     u32 crc of all that follows in the record
 *     4     u32 length of the record with this header
 *     8     u8 type, then three zero bytes
 *     12    body
 *
 * | type | record     | body |
 * |------|------------|------|
 * | 1    | command    | u64 index, u64 term, data |
 * | 2    | noop       | the same |
 * | 3    | membership | the same |
 * | 16   | hard state | u64 term, u64 commit, u32 vote |
 * | 17   | checkpoint | u64 term, u64 commit, u32 vote, u64 first segment, u64 last index, u64 last term |
 * | 18   | restart    | u64 index, u64 term |
 * | 19   | trim       | u64 first segment |
 *
 * Reading the records in order gives the log:
 *
 * - An entry (1, 2, 3) at `index` first removes all entries at or above `index` (a conflict: Raft
 *   section 5.3) and is then the last one. `index` is at most the last index plus one.
 * - A hard state replaces the one before it.
 * - A checkpoint is the first record of the first batch of every segment and says what the records
 *   before it came to, so that earlier segments can go. In all segments but the oldest it must agree
 *   with what was replayed.
 * - A restart removes all entries: the log goes on behind a snapshot of `index` and `term`.
 * - A trim says that segments below `first segment` are not needed; only then are they removed.
 *
 * Finally the newest snapshot is looked at. If the log ends before its index, or has an entry of
 * another term there, all entries are dropped and the log goes on behind the snapshot. Otherwise
 * entries up to the snapshot may be missing, none behind it may. `commit` is cut to the last index.
 *
 * ## Torn tail or hole
 *
 * A power cut may leave any subset of the sectors of the batch that was being written. It was
 * acknowledged to nobody, so it may be erased. The same damage in a batch that was durable means that
 * acknowledged entries are gone, and must never be repaired by forgetting them. They are told apart
 * by what follows. Let b be the first batch that is not whole:
 *
 * - A valid batch header with a sequence above b anywhere behind it in the segment (whatever the
 *   state of the records behind that header), or anything but zeros in a later segment, was written
 *   after b had been durable: b is a hole.
 * - Every segment but the last that was written to must end with a sealed batch; if not, it is a hole.
 * - A sealed segment has a successor, since the successor's file was durable before the sealing batch
 *   was written; if it is not there, a segment was lost. So was one if numbers are left out at or
 *   above the last trim's `first segment`.
 * - The first batch of the oldest segment, unless that is segment 1, was durable before the trim
 *   that made it the oldest: it can't be torn.
 * - Else b is the last batch, and taken as torn: everything from it to the end of the file is zeroed
 *   and made durable before the log is used.
 *
 * So that this does not forgive a disk that damages the last batch later, something is written behind
 * it: after a while without a write, and when the log is closed in good order, the hard state once more
 * (LogStore.confirm), unless the last batch holds nothing but a commit index already. What is last then
 * may be erased without loss. What remains is damage, in that short while, to what is last before a
 * crash.
 *
 * The search for later headers starts behind b where b's own header is whole, and headers name their
 * own offset, segment and sequence, so that data that happens to look like a header is not taken for one.
 * Batches are not aligned: the sector in which b starts also holds the end of the batch before, with
 * the same bytes before and after the write, as every log that relies on "power-safe overwrite" does.
 *
 * ## What a crash leaves behind
 *
 * | crash during | on disk | at the next start |
 * |---|---|---|
 * | a batch | any subset of its sectors | erased as a whole, or kept as a whole if all of it is there |
 * | repair of a torn tail | the tail, or a shorter file | repaired again; a short file is extended |
 * | a conflict | the old suffix, and no or part of the batch that replaces it | the old suffix is back: the replacing batch was not acknowledged |
 * | after a conflict | old and new suffix | replay ends with the new one, for ever: nothing is rewritten |
 * | preparing the next segment | a .tmp file, or a segment of zeros behind its header | removed; or used as the next one |
 * | rotation | the sealed segment and an empty or torn successor | the log goes on in the successor |
 * | writing a snapshot | a .tmp file | removed |
 * | committing a snapshot | the .tmp file or the whole snapshot, and perhaps older ones | the newest counts, those not kept are removed |
 * | removing segments after a trim | any of those below `first segment` | removed |
 * | installing a received snapshot | the snapshot, and the old log without the restart record | the log conflicts with the snapshot or ends before it: it is restarted again |
 *
 * Before recovery returns it flushes the last segment and the directory: what it read may have been in
 * the page cache only.
 */
export const FORMAT_VERSION = 1;

export const SEGMENT_MAGIC = 'BWLOGSEG';
export const SEGMENT_HEADER_BYTES = 4096;

export const BATCH_MAGIC = 0x31425742;
export const BATCH_HEADER_BYTES = 32;
export const BATCH_SEALED = 1;

export const RECORD_HEADER_BYTES = 12;
export const ENTRY_HEADER_BYTES = RECORD_HEADER_BYTES + 16;

export const RECORD = {
  command: 1,
  noop: 2,
  membership: 3,
  hardState: 16,
  checkpoint: 17,
  restart: 18,
  trim: 19,
} as const;

export const HARD_STATE_BYTES = RECORD_HEADER_BYTES + 20;
export const CHECKPOINT_BYTES = HARD_STATE_BYTES + 24;
export const RESTART_BYTES = RECORD_HEADER_BYTES + 16;
export const TRIM_BYTES = RECORD_HEADER_BYTES + 8;

const TWO_TO_32 = 4294967296;

/** Writes a whole number below 2^53. */
export function setU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true);
  view.setUint32(at + 4, (value / TWO_TO_32) >>> 0, true);
}

export function getU64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * TWO_TO_32 + view.getUint32(at, true);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const SEGMENT_NAME = /^log-(\d{16})\.seg$/;
const SNAPSHOT_NAME = /^snapshot-(\d{16})\.snap$/;
const TEMPORARY_NAME = /^(log|snapshot)-[\d.a-z]+\.tmp$/;

export function segmentName(sequence: number): string {
  return `log-${String(sequence).padStart(16, '0')}.seg`;
}

export function snapshotName(index: number): string {
  return `snapshot-${String(index).padStart(16, '0')}.snap`;
}

export function sequenceOfName(name: string): number | undefined {
  const digits = SEGMENT_NAME.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export function indexOfSnapshotName(name: string): number | undefined {
  const digits = SNAPSHOT_NAME.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export function isTemporaryName(name: string): boolean {
  return TEMPORARY_NAME.test(name);
}
