import { assert } from '../assert.ts';
import { LIMITS } from '../limits.ts';

/** Bounds of an embedded state machine and of those who use it. */
export const EMBEDDING_LIMITS = {
  /** Commands under way at once through one node, and their bytes; `limits` of `Cluster.start`. */
  proposalsMax: 65_536,
  proposalBytesMax: 64 * 1024 * 1024,
  /** Reads under way at once through one node; `limits` of `Cluster.start`. */
  readsMax: 65_536,
  /** For a hand-over of leadership. */
  transferMsMax: 5_000,
  /** What state machines came to: kept for comparison, told the others, looked at. */
  findingsKept: 4_096,
  comparisonMs: 250,
  /** Entries between two comparisons of whole states. */
  stateComparedEvery: 64,
} as const;

/** Bytes of a finding in a message. */
const FINDING = 13;

assert(
  LIMITS.proposalBytesMax < EMBEDDING_LIMITS.proposalBytesMax / 2,
  'there is room for a proposal when there is room',
);
assert(EMBEDDING_LIMITS.findingsKept * FINDING < LIMITS.peerFrameBytesMax, 'findings fit a frame');
