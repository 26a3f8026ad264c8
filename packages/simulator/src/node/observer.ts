import type { ConsensusDriver, PeerMessage } from '@bellwether/cluster';
import type { EntryKind, LogIndex, NodeId, RequestId, Term } from '@bellwether/raft';
import type { LogStore } from '@bellwether/storage';
import type { SimulatedService } from '../application.ts';

/** Names one run of one node. */
export interface ProcessId {
  readonly nodeId: NodeId;
  readonly incarnation: number;
}

/** One entry as a service thread got it. */
export interface AppliedEntry {
  readonly index: LogIndex;
  readonly term: Term;
  readonly kind: EntryKind;
  readonly origin: NodeId;
  readonly incarnation: number;
  /** Proposed through this process. */
  readonly isOwn: boolean;
  readonly sequence: number;
  readonly timeMs: number;
  readonly payload: Uint8Array;
}

/** Is told everything that invariants are about, as it happens. */
export interface Observer {
  onStarted(process: ProcessId, log: LogStore): void;
  onEnded(process: ProcessId): void;
  /** After everything that ran on a node. */
  onEvent(process: ProcessId, driver: ConsensusDriver): void;
  /** Its service asks for another leader, or for other members. */
  onWished(): void;
  onSend(process: ProcessId, driver: ConsensusDriver, message: PeerMessage): void;
  onProposed(process: ProcessId, sequence: number, payload: Uint8Array): void;
  /** The consensus thread gives its commands up to `sequence` up; the service hears of it soon. */
  onGivenUp(process: ProcessId, sequence: number): void;
  /** The service hears that nobody knows what became of its commands up to `sequence`. */
  onOutcomesUnknown(process: ProcessId, sequence: number): void;
  onApplied(process: ProcessId, entry: AppliedEntry): void;
  onRestored(process: ProcessId, appliedIndex: LogIndex): void;
  /** The service has applied everything up to `appliedIndex`. */
  onState(process: ProcessId, appliedIndex: LogIndex, service: SimulatedService): void;
  onReadAsked(process: ProcessId, requestId: RequestId): void;
  onReadAnswered(process: ProcessId, requestId: RequestId, index: LogIndex): void;
}
