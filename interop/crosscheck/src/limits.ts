import { assert } from './assert.ts';

/** How long an ensemble may take from its start until it serves. */
export const READY_TIMEOUT_MS = 60_000;
/** How long a server may take to answer a four-letter word. */
export const FOUR_LETTER_TIMEOUT_MS = 2_000;
/** Pause between two looks at whether an ensemble is ready. */
export const POLL_INTERVAL_MS = 50;
/** How long a server may take to end by itself before it is killed. */
export const STOP_TIMEOUT_MS = 5_000;
/** A server that says nothing for so long is silent, which is an outcome of its own. */
export const ANSWER_TIMEOUT_MS = 5_000;
/** Pings that a connection which should have ended may answer before it is held to be open. */
export const PROBES_MAX = 200;
/** Connects to a server that may not have seen yet what its client has. */
export const CONNECT_TRIES_MAX = 100;
/** How long a session that nobody keeps alive may take to be gone, besides its timeout. */
export const GONE_TIMEOUT_MS = 30_000;
/** The timeout that sessions ask for where a step says nothing else. */
export const SESSION_TIMEOUT_MS = 40_000;
/** Half the shortest session timeout that a server grants, in both systems. */
export const TICK_TIME_MS = 500;
/** How far the two servers' times of one change may be apart. */
export const TIME_TOLERANCE_MS = 8_000;
/** ZooKeeper's jute.maxbuffer as it is by default: the largest frame. */
export const FRAME_BYTES_MAX = 0xfffff;
/** What a session did last, kept for the report of a difference. */
export const HISTORY_ENTRIES = 12;
/** Runs that a shrinking may take, and its time. */
export const SHRINK_RUNS_MAX = 400;
export const SHRINK_TIMEOUT_MS = 60_000;
/** Characters of a value that a report shows. */
export const SHOWN_CHARACTERS_MAX = 160;
/** Differing values that a report shows. */
export const SHOWN_MISMATCHES_MAX = 4;

assert(POLL_INTERVAL_MS < FOUR_LETTER_TIMEOUT_MS, 'a look is shorter than its timeout');
assert(FOUR_LETTER_TIMEOUT_MS < READY_TIMEOUT_MS, 'a silent server does not use up the start');
assert(ANSWER_TIMEOUT_MS < SESSION_TIMEOUT_MS, 'a session outlives the wait for one answer');
assert(
  SESSION_TIMEOUT_MS <= TICK_TIME_MS * 80,
  'the servers are configured to grant the timeout that is asked for',
);
