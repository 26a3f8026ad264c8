import { assert } from './assert.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Every bound of the runtime in one place. Bytes and milliseconds are named as such. */
export const LIMITS = {
  /** Largest payload of one proposal: ZooKeeper's default frame with room for our own header. */
  proposalBytesMax: 4 * MIB,
  /** Commands that go to the consensus thread, and on to the leader, together. */
  commandBatchBytesMax: 4 * MIB,
  /** Entry data in one AppendEntries; one entry always goes. */
  appendBytesMax: 512 * KIB,
  inflightMessagesMax: 64,
  inflightBytesMax: 8 * MIB,
  /** Uncommitted bytes that a leader holds before it stops taking proposals. */
  uncommittedBytesMax: 64 * MIB,
  committedBytesMax: 1 * MIB,
  /** Committed bytes handed to the service thread and not yet applied there. */
  deliveredBytesMax: 8 * MIB,
  /** Applied bytes after which the service thread says so at once; otherwise now and then. */
  appliedReportBytes: 256 * KIB,
  /** Batches beyond it go to the service thread in buffers that come back; so many bytes are kept. */
  travellingBytesMin: 8 * KIB,
  travellingBytesKept: 8 * MIB,
  /** Dead and living memory outside the consensus thread's heap that is let grow before it is looked through. */
  youngBytesMax: 16 * MIB,
  /** What the consensus thread's heap, with what belongs to it, grows to before all of it is collected. */
  consensusHeapMibMin: 64,
  /** Largest frame between peers: the largest proposal and its companions in one batch. */
  peerFrameBytesMax: 16 * MIB,
  /** Bytes waiting to be sent to one peer; beyond it, messages are dropped and the peer is probed. */
  peerQueueBytesMax: 32 * MIB,
  /** Write buffers kept for reuse, and the largest one that is. */
  writeBuffersKept: 16,
  writeBufferKeptBytesMax: 2 * MIB,
  snapshotChunkBytesMax: 256 * KIB,
  /** Chunks handed to the service thread and not yet restored there. */
  restoreChunksInFlightMax: 4,
  /** Log bytes since the last snapshot after which the next is taken. */
  snapshotAfterBytes: 64 * MIB,
  /** Entries kept behind a snapshot, so that a node that was away briefly needs no snapshot. */
  entriesKeptBehindSnapshot: 20_000,
  /** Of commands that are sent to a new leader before its term's first entry is committed here. */
  earlyCommandBytesMax: 256 * KIB,
  /** Of what a candidate was sent along with votes: that of a few voters. */
  besideVotesBytesMax: 4 * MIB,
  /** Entries of earlier terms that a new leader looks through for what it is sent so early. */
  earlierEntriesMax: 20_000,
  /** The same in bytes: they may have to come from the disk, in one turn. */
  earlierBytesMax: 8 * MIB,
  tickMs: 10,
  /** Ticks that one late timer makes up for. */
  ticksMadeUpMax: 3,
  heartbeatTicks: 5,
  /** Without a write for so long, the newest one gets another behind it: see LogStore.confirm. */
  confirmTicks: 100,
  /** Behind the failure detector, which is quicker: for what it can't see. */
  electionTicksMin: 100,
  electionTicksSpread: 50,
  /**
   * When the leader is lost, the first of the others campaigns at once, each further one so much later:
   * longer than a pre-vote takes, so that only one does as a rule.
   */
  suspicionStepMs: 5,
  /**
   * While the leader's connection is closed and no other is known, a campaign is begun anew after one
   * to two times this many ticks. A vote waits for a flush, so a candidate is given more time.
   */
  suspicionRetryTicks: { follower: 1, preCandidate: 3, candidate: 12 },
  reconnectMsMin: 10,
  reconnectMsMax: 500,
  handshakeMsMax: 2_000,
  /** How often it is looked whether connections still carry something. */
  linkCheckMs: 1_000,
  /** Looks in a row that find nothing, after which a connection is given up. */
  linkChecksSilentMax: 4,
  /**
   * Looks in a row that find no connection to a peer that is to dial this node, after which this one
   * dials: the other may not know it yet.
   */
  linkChecksUndialledMax: 3,
  /** The first frame of a connection, in which a snapshot may be offered. */
  handshakeFrameBytesMax: 512 * KIB,
  /** Connections that have not introduced themselves yet; at one more the oldest is closed. */
  strangersMax: 128,
  /** Read indexes that got no answer are asked for again after this many ticks. */
  readIndexRetryTicks: 20,
  statusIntervalMs: 200,
  /** A change of leadership that is over within so many ticks is told to the service when it is over. */
  changeTicks: 2,
  /** For so long the service's log and reports wait while there may be an election. */
  newsMs: 25,
  /**
   * A service whose consensus is gone says so after a moment: where other nodes are on the same machine, they
   * have a leader to elect just then.
   */
  consensusLostMs: 25,
  /** What there is room for when one process of a node reads what the other said, at least. */
  channelReadBytes: 256 * KIB,
  /** A buffer that had to be larger for a long frame is given up when the next one begins. */
  channelKeptBytesMax: 2 * MIB,
  /** A leader whose service is gone tries for so long to hand over before it ends. */
  leaveTicksMax: 100,
  /** After the end of its service a consensus has so long to hand over and to make its log safe. */
  consensusEndMsMax: 4_000,
  /** A consensus that has told its service all waits for so long for it to end. */
  serviceExitMsMax: 5_000,
  /** A node waits for so long for the files that another process has, which may be what is left of the same node. */
  lockFreeMsMax: 5_000,
  /** Changes of leadership that a node plays out in memory when it starts: see rehearsal.ts. */
  rehearsedChanges: 20,
  /** Changes of leadership that a node remembers. */
  failoversKept: 100,
  /** The leader looks this often who keeps up; an unanswered wish for members is said again. */
  membershipCheckTicks: 10,
  /** Checks in a row at which a newcomer had kept up before it may vote: two seconds. */
  promotionChecks: 20,
  hostCharactersMax: 255,
  memberNoteCharactersMax: 1_024,
} as const;

assert(LIMITS.electionTicksMin > 2 * LIMITS.heartbeatTicks, 'an election time-out spans beats');
assert(LIMITS.proposalBytesMax < LIMITS.peerFrameBytesMax / 2, 'a proposal fits a frame');
assert(LIMITS.commandBatchBytesMax < LIMITS.peerFrameBytesMax / 2, 'a batch fits a frame');
assert(LIMITS.appendBytesMax < LIMITS.peerFrameBytesMax, 'an append fits a frame');
assert(LIMITS.handshakeFrameBytesMax < LIMITS.peerFrameBytesMax, 'strangers are allowed less');
assert(LIMITS.peerFrameBytesMax <= LIMITS.peerQueueBytesMax, 'a frame fits the queue');
assert(LIMITS.inflightBytesMax < LIMITS.peerQueueBytesMax, 'what is in flight fits the queue');
assert(LIMITS.appliedReportBytes < LIMITS.deliveredBytesMax / 4, 'reports keep entries coming');
assert(LIMITS.linkChecksSilentMax > 1, 'a connection is not given up for one pause');
assert(LIMITS.reconnectMsMin <= LIMITS.reconnectMsMax, 'back-off grows');
