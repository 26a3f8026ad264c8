import { assert } from './assert.ts';
import type { RaftConfig } from './types.ts';

/** Largest node id: it travels as an unsigned 32-bit number. */
export const NODE_ID_MAX = 0xffff_ffff;

/** Members (voters of both sides and learners together) that one membership may name. */
export const MEMBERS_MAX = 1024;

/** Bytes of what the runtime may keep in a membership. */
export const MEMBERSHIP_CONTEXT_BYTES_MAX = 256 * 1024;

/**
 * From one election to the next there are so many terms: it and 15 that are handed on. After that the one who is
 * to lead has to be elected. Must be the same on all nodes.
 */
export const TERMS_PER_ELECTION = 16;

/** Terms above this are refused from peers, so that the term after it stays exact for ever. */
export const TERM_MAX = Number.MAX_SAFE_INTEGER - 2 ** 20;

/** Read requests that the leader holds; above it they are dropped, as without a leader. */
export const READS_PENDING_MAX = 65_536;

/** Bytes of entry data read at once while the log is searched for memberships at start. */
export const SCAN_BYTES_MAX = 1 << 20;

/** Part of electionTicksMin that a lease leaves unused, for clocks that run at different speeds. */
const LEASE_MARGIN_FRACTION = 0.25;
/** A tick may come right before the lease starts here and right after it was promised there. */
const LEASE_MARGIN_TICKS_MIN = 2;

/**
 * Ticks for which a heartbeat round that a quorum answered lets the leader read without asking
 * (dissertation 6.4.1). Shorter than the promise, electionTicksMin, by the margin above.
 */
export function leaseTicks(electionTicksMin: number): number {
  const margin = Math.ceil(electionTicksMin * LEASE_MARGIN_FRACTION);
  return electionTicksMin - Math.max(LEASE_MARGIN_TICKS_MIN, margin);
}

/** Asserts the relations between the settings. */
export function checkConfig(config: RaftConfig): void {
  assert(isNodeId(config.id), 'id is a node id');
  assert(isPositive(config.heartbeatTicks), 'heartbeatTicks >= 1');
  assert(isPositive(config.electionTicksSpread), 'electionTicksSpread >= 1');
  assert(Number.isSafeInteger(config.electionTicksMin), 'electionTicksMin is whole');
  assert(config.electionTicksMin > config.heartbeatTicks, 'electionTicksMin > heartbeatTicks');
  assert(isPositive(config.appendBytesMax), 'appendBytesMax >= 1');
  assert(isPositive(config.inflightMessagesMax), 'inflightMessagesMax >= 1');
  assert(config.inflightBytesMax >= config.appendBytesMax, 'inflightBytesMax >= appendBytesMax');
  assert(isPositive(config.uncommittedBytesMax), 'uncommittedBytesMax >= 1');
  assert(isPositive(config.committedBytesMax), 'committedBytesMax >= 1');
  if (config.leaseReads) {
    const lease = leaseTicks(config.electionTicksMin);
    assert(lease > config.heartbeatTicks, 'a lease outlives the time between two heartbeats');
  }
  for (const priority of config.priorities.values()) {
    assert(Number.isSafeInteger(priority) && priority >= 0, 'a priority is a whole number >= 0');
  }
}

/** Whether `id` can name a node: a whole number from 1 to NODE_ID_MAX. */
export function isNodeId(id: number): boolean {
  return Number.isSafeInteger(id) && id >= 1 && id <= NODE_ID_MAX;
}

function isPositive(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}
