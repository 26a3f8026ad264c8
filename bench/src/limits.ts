import { FOUR_LETTER_TIMEOUT_MS } from '@bellwether/testbed';
import { assert } from './assert.ts';

/** Nodes of an ensemble that the benchmark starts. */
export const NODES = 3;
/** Session timeout that the load's clients ask for. */
export const SESSION_TIMEOUT_MS = 30_000;
/** How long an ensemble may take from its start until it has a leader. */
export const READY_TIMEOUT_MS = 60_000;
/** How long the clients may take to connect and to make their znodes. */
export const SETUP_TIMEOUT_MS = 30_000;
/** How long answers to what is in flight are waited for once the time is up. */
export const DRAIN_TIMEOUT_MS = 15_000;
/** How long a server may take to end by itself before it is killed. */
export const STOP_TIMEOUT_MS = 5_000;
/** Pause between two looks at whether an ensemble is ready. */
export const POLL_INTERVAL_MS = 50;
/** Bytes that a client's socket reads at once. */
export const READ_BUFFER_BYTES = 256 * 1024;

/** How long is written before a leader is struck, so that nothing of a server's start is measured. */
export const SETTLE_MS = 2000;
/** A leader of Bellwether is not taken for stuck before it has led for 3 s. */
export const GRACE_MS = 3_500;
/** How long a failover is looked at, at least; another interruption in this time would count. */
export const QUIET_AFTER_MS = 500;
/**
 * How long something stays wrong beside the leader: longer than it takes to give a connection up over which
 * nothing comes.
 */
export const LINK_BAD_MS = 6_000;
/** A failover that takes longer has failed. */
export const FAILOVER_MS_MAX = 60_000;
/** How long an answer is waited for before it counts as failed. */
export const ANSWER_TIMEOUT_MS = 30_000;
/** Pause before a writer whose connection broke connects again. */
export const REOPEN_PAUSE_MS = 2;

assert(ANSWER_TIMEOUT_MS < FAILOVER_MS_MAX, 'a lost answer does not use up the round');
assert(DRAIN_TIMEOUT_MS < SESSION_TIMEOUT_MS, 'sessions outlive the wait for their last answers');
assert(LINK_BAD_MS < SESSION_TIMEOUT_MS, 'a session outlives a bad link');
assert(POLL_INTERVAL_MS < FOUR_LETTER_TIMEOUT_MS, 'a look is shorter than its timeout');
assert(FOUR_LETTER_TIMEOUT_MS < READY_TIMEOUT_MS, 'a silent server does not use up the start');
