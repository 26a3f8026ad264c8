import { assert } from './assert.ts';

/** Nodes of the cluster, unless more are asked for. */
export const NODES = 3;
/** Faults strike for so long; then all must heal. */
export const FAULTS_MS = 20_000;
/** How long clients are at work before the first strike. */
export const SETTLE_MS = 500;
/** Between two strikes, on average. */
export const STRIKE_INTERVAL_MS = 1_200;
/** How long a fault lasts. */
export const FAULT_MS_MIN = 200;
export const FAULT_MS_MAX = 5_000;
/** Faults that last at the same time; with more of them nothing would ever be decided. */
export const STRIKES_MAX = 3;

/** After everything healed, within so long everybody serves and every client is answered. */
export const LIVENESS_MS = 30_000;
/** A node that is told to stop has so long. */
export const STOP_MS_MAX = 15_000;
/** A node that ends because of its disk may take so long, on a machine that is busy. */
export const DISK_TROUBLE_MS_MAX = 30_000;
/** Until the first leader, when the cluster is founded. */
export const START_MS_MAX = 30_000;
export const POLL_MS = 50;

/** Clients of our own, and of node-zookeeper-client. */
export const OWN_CLIENTS = 9;
export const FOREIGN_CLIENTS = 2;
/** Between two things that a client does of its own accord, on average. */
export const ACT_INTERVAL_MS = 25;
/** How often a client's program vanishes and another one begins, on average. */
export const REPLACE_MS = 4_000;
/** Sessions of clients. */
export const SESSION_MS_MIN = 2_000;
export const SESSION_MS_MAX = 6_000;
/** Requests that a client has on their way at most. */
export const PENDING_MAX = 24;
/** Ephemerals that a client keeps at most. */
export const EPHEMERALS_MAX = 4;

/** A node's disk: small enough to be filled at once, large enough for hours of a run. */
export const DISK_BYTES = 768 * 1024 * 1024;
/** A write to a slow disk takes so much longer. */
export const SLOW_DISK_MS_MIN = 5;
export const SLOW_DISK_MS_MAX = 400;
/** How far a clock is set wrong, at most. */
export const CLOCK_OFFSET_S_MAX = 86_400;

assert(FAULT_MS_MAX < FAULTS_MS, 'a fault ends within the time for faults');
assert(SESSION_MS_MAX < LIVENESS_MS / 2, 'a session without a client is over in time');
