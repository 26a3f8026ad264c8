import { assert } from './assert.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Every bound of the client side of a node. Bytes and milliseconds are named as such. */
export const SERVER_LIMITS = {
  /** Default of ZooKeeper's jute.maxbuffer: the content of one frame. */
  frameBytesMax: MIB - 1,
  /** Replies of one turn that are sent before its end. */
  outputFlushBytes: 64 * KIB,
  /** Replies that a client has not taken yet; above it, nothing more is read from that client. */
  outputPauseBytes: 1 * MIB,
  /** The same; above it the client is disconnected. Watch events get it here, they can't be held. */
  outputBytesMax: 16 * MIB,
  /** Requests of one connection that wait for their turn; above it, nothing more is read from it. */
  outstandingPerConnectionMax: 1_000,
  /** When so few are left, reading goes on. */
  outstandingPerConnectionResume: 500,
  /** Bytes proposed and not yet applied; above it, nothing is read from any client. */
  pendingProposalBytesMax: 16 * MIB,
  /** Below it reading goes on. */
  pendingProposalBytesResume: 8 * MIB,
  /** Between two rounds of session upkeep: touched sessions go to the leader, it looks for expired ones. */
  sessionTickMs: 100,
  /** A connection that says nothing first, or does not take its last reply, is cut after this. */
  transientMsMax: 30_000,
  /** Connections waiting to be accepted by the kernel. */
  listenBacklog: 1_024,
  /** Output buffers kept for reuse, and the largest one that is. */
  outputBuffersKept: 64,
  outputBufferKeptBytesMax: 128 * KIB,
  /** Reusable records of waiting requests. */
  requestsKept: 4_096,
} as const;

const limits = SERVER_LIMITS;
assert(limits.frameBytesMax < limits.outputPauseBytes, 'one reply does not pause a client');
assert(limits.outputFlushBytes < limits.outputPauseBytes, 'a pause is seen within the turn');
assert(limits.outputPauseBytes * 2 < limits.outputBytesMax, 'a paused client is not yet lost');
assert(
  limits.outstandingPerConnectionResume < limits.outstandingPerConnectionMax,
  'reading resumes below where it stops',
);
assert(
  limits.pendingProposalBytesResume < limits.pendingProposalBytesMax,
  'reading resumes below where it stops',
);
