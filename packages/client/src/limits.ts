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
/** Between two attempts to set up a persistent watch. */
export const WATCH_PAUSE_MS = 100;
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
/** Of a session's timeout: a server has told the leader within this whom it heard (half a tick). */
export const REPORT_SHARE = 1 / 4;
/** So often, as a share of the timeout, a quorum confirms a session while something is held. */
export const CONFIRM_EVERY = 1 / 6;
/** Moments at which something was sent are remembered so far apart, as a share of the timeout. */
export const HEARD_EVERY = 1 / 24;
/** A timer that fires this much too late means that this process stood still. */
export const STALL_MS = 250;
/** The first pause between two looks for a server with a quorum, doubled up to the next. */
export const READ_WRITE_SEARCH_MS_MIN = 100;
export const READ_WRITE_SEARCH_MS_MAX = 60_000;

assert(BACKOFF_MS_MIN < BACKOFF_MS_MAX, 'the back-off grows');
assert(FAILURE_KEPT_MS > BACKOFF_MS_MAX, 'a failure is remembered in the next round');
assert(ATTEMPT_MS_MIN < ATTEMPT_MS_MAX, 'an attempt has some time');
assert(RESTORE_BYTES_MAX < 1024 * 1024, 'a request that restores watches fits any server');
assert(
  REPORT_SHARE + 2 * CONFIRM_EVERY + HEARD_EVERY < 2 / 3,
  'a session that is confirmed is safe until long after the next confirmation',
);
assert(OUTGOING_BYTES_KEPT < OUTGOING_BYTES_MAX, 'what is kept is the smaller part');
assert(READ_WRITE_SEARCH_MS_MIN < READ_WRITE_SEARCH_MS_MAX, 'the search slows down');
