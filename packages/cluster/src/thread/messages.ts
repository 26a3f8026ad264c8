import type { LogIndex, NodeId, ReadBasis, RequestId } from '@bellwether/raft';
import type { LogRetention } from '../driver/snapshot-taker.ts';
import type { Failover } from '../failover/failover.ts';
import type { Leadership, NodeStatus } from '../service.ts';
import type { MembersChange, MembersOutcome } from '../membership/members.ts';
import type { ListenAddress } from '../transport/tcp-transport.ts';
import type { PeerAddress } from '../transport/transport.ts';

/** Everything that the consensus thread is started with; plain data. */
export interface ConsensusOptions {
  readonly id: NodeId;
  readonly clusterId: string;
  /**
   * The members, this node among them, with which the cluster is founded. Once the log says who they
   * are, these are only addresses to try.
   */
  readonly members: readonly ConsensusMember[];
  /** 'joins': the cluster exists; this node begins with nothing and waits until it is made a member. */
  readonly start: 'founds' | 'joins';
  /** Where to listen for the peers; undefined when this is the only member. */
  readonly listenOn: ListenAddress | undefined;
  readonly dataDirectory: string;
  readonly incarnation: number;
  readonly timing: ConsensusTiming;
  /** Whether the cluster has leases; false when absent. */
  readonly leaseReads?: boolean | undefined;
  readonly retention?: LogRetention | undefined;
  /** After so long a dead voter is removed, if all others live and they are three at least; never when absent. */
  readonly removeDeadAfterMs?: number | undefined;
}

/** A member as settings name it, and where it listens for its peers. */
export interface ConsensusMember extends PeerAddress {
  /** 'voter' when absent. A learner receives the log and never votes. */
  readonly role?: 'voter' | 'learner';
  /** Election priority, 1 when absent; 0 never leads of its own accord. */
  readonly priority?: number;
  /** What its service wants the others to know; nothing when absent. */
  readonly note?: string;
}

/** How fast a node beats, and how soon it loses its patience; the same on all nodes. */
export interface ConsensusTiming {
  /** Length of one tick in ms. */
  readonly tickMs: number;
  readonly heartbeatTicks: number;
  /** An election time-out is drawn from [electionTicksMin, electionTicksMin + electionTicksSpread). */
  readonly electionTicksMin: number;
  readonly electionTicksSpread: number;
  /**
   * A silent leader is suspected after a time within these bounds, which depends on how regularly it was
   * heard before. In ms.
   */
  readonly silenceMsMin: number;
  readonly silenceMsMax: number;
}

/** From the service thread to the consensus thread. */
export type ToConsensus =
  | { readonly type: 'commands'; readonly batch: Uint8Array }
  | {
      readonly type: 'applied';
      readonly index: LogIndex;
      /** What had been delivered in them is applied: they come back. */
      readonly buffers: readonly ArrayBuffer[];
    }
  | { readonly type: 'answer' }
  | { readonly type: 'readIndex'; readonly requestId: RequestId; readonly basis: ReadBasis }
  | {
      readonly type: 'serviceMessage';
      readonly to: 'leader' | 'peers' | NodeId;
      readonly bytes: Uint8Array;
    }
  | { readonly type: 'transfer'; readonly target: NodeId }
  | {
      readonly type: 'changeMembers';
      readonly requestId: RequestId;
      readonly change: MembersChange;
    }
  | { readonly type: 'snapshotBegan'; readonly index: LogIndex }
  | { readonly type: 'snapshotChunk'; readonly chunk: Uint8Array | undefined }
  | { readonly type: 'chunkRestored' }
  | { readonly type: 'stop' };

/** From the consensus thread to the service thread. */
export type ToService =
  | { readonly type: 'started' }
  | { readonly type: 'committed'; readonly firstIndex: LogIndex; readonly bytes: Uint8Array }
  | { readonly type: 'leadership'; readonly leadership: Leadership }
  | { readonly type: 'readIndex'; readonly requestId: RequestId; readonly index: LogIndex }
  | {
      readonly type: 'membersOutcome';
      readonly requestId: RequestId;
      readonly outcome: MembersOutcome;
    }
  | { readonly type: 'message'; readonly from: NodeId; readonly bytes: Uint8Array }
  | { readonly type: 'beginSnapshot' }
  | { readonly type: 'nextSnapshotChunk' }
  | { readonly type: 'outcomesUnknown'; readonly sequence: number }
  | { readonly type: 'restoreBegin' }
  | { readonly type: 'restoreChunk'; readonly chunk: Uint8Array }
  | { readonly type: 'restoreEnd'; readonly appliedIndex: LogIndex }
  | { readonly type: 'askForAnswer' }
  | { readonly type: 'status'; readonly status: NodeStatus }
  | { readonly type: 'failover'; readonly failover: Failover }
  | { readonly type: 'event'; readonly text: string }
  | { readonly type: 'fatal'; readonly error: Error; readonly code: string | undefined }
  | { readonly type: 'stopped' };
