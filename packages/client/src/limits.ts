import { assert } from './assert.ts';

/** What a new session asks for; the server may give less or more. */
export const SESSION_TIMEOUT_MS_DEFAULT = 10_000;
/** How long a request may take, waiting for a connection included. */
export const REQUEST_TIMEOUT_MS_DEFAULT = 30_000;
/** How long `Client.connect` tries to get its first session. */
export const CONNECT_TIMEOUT_MS_DEFAULT = 30_000;
/** Requests that are waiting or in flight; one more is refused. */
export const REQUESTS_MAX_DEFAULT = 100_000;
/** Bytes of requests that the connection has not taken yet; beyond it requests are refused. */
export const OUTGOING_BYTES_MAX = 64 * 1024 * 1024;
/** A write buffer that a burst has grown beyond this is not kept. */
export const OUTGOING_BYTES_KEPT = 1024 * 1024;
/** Watches of a client, of all kinds; one more is refused. */
export const WATCHES_MAX_DEFAULT = 1_000_000;
/** The largest reply; a longer one closes the connection. */
export const REPLY_BYTES_MAX_DEFAULT = 64 * 1024 * 1024;
/** One request that restores watches is not much longer; more follow. */
export const RESTORE_BYTES_MAX = 128 * 1024;
/** Events that wait in a watch stream; beyond it they become one `gap`. */
export const STREAM_EVENTS_MAX_DEFAULT = 10_000;
/** The pause after all servers were tried once, doubled each round up to the next. */
export const BACKOFF_MS_MIN = 20;
export const BACKOFF_MS_MAX = 2_000;
/** One server has this long to take the connection and answer the handshake. */
export const ATTEMPT_MS_MIN = 500;
export const ATTEMPT_MS_MAX = 5_000;
/** So long a server is avoided after it failed. */
export const FAILURE_KEPT_MS = 30_000;
/** How long `close` waits for the server's answer. */
export const CLOSE_MS_MAX = 2_000;
/**
 * The share of its timeout for which a session is known to live, counted from when a request was
 * sent that was answered. A follower tells its leader of what it heard once in half a tick, and the
 * shortest timeout that servers grant is two ticks: when it dies before it has told, the leader
 * counts from up to a quarter of the timeout earlier.
 */
export const SESSION_SAFE_SHARE = 3 / 4;
/** A timer that fires this much too late means that this process stood still. */
export const STALL_MS = 250;
/** The first pause between two looks for a server with a quorum, doubled up to the next. */
export const READ_WRITE_SEARCH_MS_MIN = 100;
export const READ_WRITE_SEARCH_MS_MAX = 60_000;

assert(BACKOFF_MS_MIN < BACKOFF_MS_MAX, 'the back-off grows');
assert(FAILURE_KEPT_MS > BACKOFF_MS_MAX, 'a failure is remembered in the next round');
assert(ATTEMPT_MS_MIN < ATTEMPT_MS_MAX, 'an attempt has some time');
assert(RESTORE_BYTES_MAX < 1024 * 1024, 'a request that restores watches fits any server');
assert(SESSION_SAFE_SHARE > 2 / 3, 'a connection that is silent is given up before');
assert(OUTGOING_BYTES_KEPT < OUTGOING_BYTES_MAX, 'what is kept is the smaller part');
assert(READ_WRITE_SEARCH_MS_MIN < READ_WRITE_SEARCH_MS_MAX, 'the search slows down');
