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
/** The last sequence number; a parent that has had more children makes no sequential ones. */
export const SEQUENCE_MAX = 2 ** 31 - 1;
/** Data up to this length shares pages with that of other znodes, in slots of multiples of SLOT_BYTES. */
export const SLAB_DATA_BYTES_MAX = 512;
export const SLOT_BYTES = 16;
export const DATA_PAGE_BYTES = 64 * 1024;

assert(SLAB_DATA_BYTES_MAX % SLOT_BYTES === 0, 'the longest data in a slot fills it');
assert(DATA_PAGE_BYTES >= 64 * SLAB_DATA_BYTES_MAX, 'little of a page is left over');
assert(SESSION_BUCKET_MS < SESSION_ADVANCE_MS_MAX, 'an advance passes at least one bucket');
assert(TOUCHED_SESSIONS_MAX * 8 < SNAPSHOT_CHUNK_BYTES_MAX, 'touches are small messages');
assert(IDENTITIES_MAX < 256, 'the count of identities fits one byte');
