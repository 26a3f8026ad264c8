import type { Entry, LogIndex, NodeId, RequestId } from '@bellwether/raft';
import type { Failover } from '../failover/failover.ts';
import type { MembersOutcome } from '../membership/members.ts';
import type { Leadership, NodeStatus } from '../service.ts';

/**
 * The service thread as the driver sees it: a port, because in production a thread boundary lies
 * between the two and in the simulator a queue of events. Everything arrives in the order of the calls.
 */
export interface ServicePort {
  /** Committed entries, without a gap. Answered by `onApplied(index of the last)`. */
  deliver(entries: readonly Entry[]): void;
  onLeadership(leadership: Leadership): void;
  onReadIndex(requestId: RequestId, index: LogIndex): void;
  onMessage(from: NodeId, bytes: Uint8Array): void;
  /** Answered by `onSnapshotBegan`, at the index that is applied by then. */
  beginSnapshot(): void;
  /** Answered by `onSnapshotChunk`, with undefined at the end. */
  nextSnapshotChunk(): void;
  /** Own commands up to `sequence` may or may not be part of the snapshot that is being restored. */
  onOutcomesUnknown(sequence: number): void;
  restoreBegin(): void;
  /** Answered by `onChunkRestored`. */
  restoreChunk(chunk: Uint8Array): void;
  restoreEnd(appliedIndex: LogIndex): void;
  /** What became of a wish for other members. */
  onMembersOutcome(requestId: RequestId, outcome: MembersOutcome): void;
  /** Answered by `onServiceAnswer`, once everything before it is done. */
  askForAnswer(): void;
  onStatus(status: NodeStatus): void;
  onFailover(failover: Failover): void;
  onFatal(error: Error): void;
}
