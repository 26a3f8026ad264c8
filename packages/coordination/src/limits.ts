import { assert } from './assert.ts';

/** No chunk of a snapshot is longer; larger records are cut in pieces. */
export const SNAPSHOT_CHUNK_BYTES_MAX = 256 * 1024;
/** Sessions expire in steps of this: up to so much later than their timeout, never earlier. */
export const SESSION_BUCKET_MS = 50;
/**
 * The most that one `advance` of the session tracker counts. A node that was frozen for longer has
 * heard nobody meanwhile, so the rest of that time says nothing about its sessions.
 */
export const SESSION_ADVANCE_MS_MAX = 250;
/** Session ids in one message to the leader. */
export const TOUCHED_SESSIONS_MAX = 8192;
/** Identities that one request carries. */
export const IDENTITIES_MAX = 255;
/**
 * Znodes of one tree: a Map holds 2^24 entries and not one more, and an entry of the log that can't be
 * applied would end every node, again and again.
 */
export const ZNODES_MAX = 16_000_000;
/** The last sequence number; a parent that has had more children makes no sequential ones. */
export const SEQUENCE_MAX = 2 ** 31 - 1;
/** Data up to this length shares pages with that of other znodes, in slots of multiples of SLOT_BYTES. */
export const SLAB_DATA_BYTES_MAX = 512;
export const SLOT_BYTES = 16;
export const DATA_PAGE_BYTES = 64 * 1024;
/** Digests are kept of every so-manieth index (as ZooKeeper does), and so many of them: a million entries' worth. */
export const DIGEST_EVERY = 128;
export const DIGESTS_KEPT = 8192;
/** Digests in one report to the other nodes. */
export const DIGESTS_REPORTED_MAX = 64;

assert(SLAB_DATA_BYTES_MAX % SLOT_BYTES === 0, 'the longest data in a slot fills it');
assert(DATA_PAGE_BYTES >= 64 * SLAB_DATA_BYTES_MAX, 'little of a page is left over');
assert(SESSION_BUCKET_MS < SESSION_ADVANCE_MS_MAX, 'an advance passes at least one bucket');
assert(TOUCHED_SESSIONS_MAX * 8 < SNAPSHOT_CHUNK_BYTES_MAX, 'touches are small messages');
assert(SLOT_BYTES % 4 === 0, 'data in a slot can be read by words');
assert(DIGESTS_REPORTED_MAX < DIGESTS_KEPT, 'what is reported is still known');
assert(ZNODES_MAX < 2 ** 24, 'the tree fits a Map');
assert(IDENTITIES_MAX < 256, 'the count of identities fits one byte');
