import { LIMITS as CONSENSUS_LIMITS } from '@bellwether/cluster';
import { assert } from './assert.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Every bound of the client side of a node. Bytes and milliseconds are named as such. */
export const SERVER_LIMITS = {
  /** Default of ZooKeeper's jute.maxbuffer: the content of one frame, in both directions. */
  frameBytesMax: MIB - 1,
  /** The most that it can be set to: a request has to fit one proposal, with who sent it. */
  frameBytesMaxMax: 4 * MIB - 256 * KIB,
  /** The first frame of a connection, by which strangers ask for a session. */
  greetingFrameBytesMax: 4 * KIB,
  /** Identities of one connection, as its requests carry them in the log. */
  identitiesBytesMax: 64 * KIB,
  /** Replies of one turn that are sent before its end. */
  outputFlushBytes: 64 * KIB,
  /** Replies that a client has not taken yet; above it, nothing more is read from that client. */
  outputPauseBytes: 1 * MIB,
  /** The same; above it the client is disconnected. Watch events get it here, they can't be held. */
  outputBytesMax: 16 * MIB,
  /** Replies that all clients together have not taken; above it, those go who have the most to take. */
  outputBytesOfAllMax: 256 * MIB,
  /** Requests of one connection that wait for their turn; above it, nothing more is read from it. */
  outstandingPerConnectionMax: 1_000,
  /** When so few are left, reading goes on. */
  outstandingPerConnectionResume: 500,
  /**
   * Default of ZooKeeper's globalOutstandingLimit: requests of all connections that wait. Above it,
   * nothing more is read from those who have any. ZooKeeper's 1,000 would stop thirty clients that
   * pipeline; what waits here is bounded in bytes too (pendingProposalBytesMax).
   */
  outstandingMax: 10_000,
  /** Default of ZooKeeper's znode.container.checkIntervalMs. */
  containerCheckMs: 60_000,
  /** Containers and TTL nodes that the leader looks at in one tick. */
  mortalsPerTick: 2_000,
  /** The same quota is reported so often, and so many are remembered. */
  quotaWarningMs: 60_000,
  quotaWarningsKept: 1_000,
  /** Default of the watches that one session may have on this node. */
  watchesPerSessionMax: 1_000_000,
  /** Watches of all clients of this node: a Map of their paths holds 2^24, and one setWatches may be on top. */
  watchesMax: 16_000_000,
  /** Bytes proposed and not yet applied; above it, nothing is read from any client. */
  pendingProposalBytesMax: 16 * MIB,
  /** Below it reading goes on. */
  pendingProposalBytesResume: 8 * MIB,
  /** Between two rounds of session upkeep: touched sessions go to the leader, it looks for expired ones. */
  sessionTickMs: 100,
  /**
   * How often a node with clients asks the leader whether it is heard, and how many questions may be under
   * way. Without an answer for so long, or for half of its session's timeout if that is more, a client
   * is let go: somewhere else its session can be kept.
   */
  contactAskMs: 200,
  contactQuestionsMax: 256,
  contactLostMsMin: 1_000,
  /** Nodes tell each other what their state comes to at most so often, and only after writes. */
  digestReportMs: 1_000,
  /** A connection that says nothing first, or does not take its last reply, is cut after this. */
  transientMsMax: 30_000,
  /**
   * A failover is over before that. A node that has known no leader for so long lets go who wants to
   * leave, and serves read-only clients, where that is allowed.
   */
  readOnlyAfterMs: 2_000,
  /** A leader that stops waits so long for another to lead. */
  handOverMsMax: 2_000,
  /**
   * A service that lost its consensus ends so much later: to free a large memory keeps a processor busy, which the
   * others may need to elect a leader, where they are on the same machine.
   */
  abandonedMs: 300,
  /** A port that is taken may become free so soon, after a node that ended just now. */
  portFreeMsMax: 1_000,
  /** A node that stops waits so long for what is in flight, and for clients to take their replies. */
  drainMsMax: 500,
  /** Connections waiting to be accepted by the kernel. */
  listenBacklog: 1_024,
  /** Output buffers kept for reuse, and the largest one that is. */
  outputBuffersKept: 64,
  outputBufferKeptBytesMax: 128 * KIB,
  /** A reply that outgrows its buffer is given up at once: there can be gigabytes behind one request. */
  outputBufferBytesMax: 32 * MIB,
  /** Reusable records of waiting requests. */
  requestsKept: 4_096,
} as const;

const limits = SERVER_LIMITS;
assert(limits.watchesPerSessionMax < limits.watchesMax, 'one session does not use up all watches');
assert(
  limits.watchesMax + limits.frameBytesMaxMax / 8 < 2 ** 24,
  'the watches of a setWatches fit, too, however short their paths are',
);
assert(limits.frameBytesMax < limits.outputPauseBytes, 'one reply does not pause a client');
assert(limits.greetingFrameBytesMax < limits.frameBytesMax, 'strangers are allowed less');
assert(limits.frameBytesMax < limits.frameBytesMaxMax, 'the default can be raised');
assert(
  limits.frameBytesMaxMax + 2 * limits.identitiesBytesMax < CONSENSUS_LIMITS.proposalBytesMax,
  'a request fits a proposal, with who sent it',
);
assert(limits.frameBytesMaxMax < limits.outputBytesMax, 'the longest reply does not cut a client');
assert(
  limits.outstandingPerConnectionMax < limits.outstandingMax,
  'one connection does not use up what all may have',
);
assert(
  limits.frameBytesMaxMax * 4 + limits.outputFlushBytes < limits.outputBufferBytesMax,
  'the reply to the longest multi fits, behind what was not sent yet',
);
assert(
  limits.outputBytesMax * 4 <= limits.outputBytesOfAllMax,
  'one client does not use up what all may have',
);
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
