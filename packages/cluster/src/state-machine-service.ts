import type { LogIndex, NodeId, ReadBasis, RequestId, Term } from '@bellwether/raft';
import { NO_NODE } from '@bellwether/raft';
import { assert } from './assert.ts';
import { readFramedCommand, frameCommand } from './embedding/command-frame.ts';
import { Machine, type Applied } from './embedding/machine.ts';
import { Proposals } from './embedding/proposals.ts';
import { Reads } from './embedding/reads.ts';
import type { ReplicaComparison } from './embedding/replica-comparison.ts';
import { forgotten, type Forget, type Waiter } from './embedding/waiter.ts';
import { ClusterError } from './errors.ts';
import type { MembersChange, MembersOutcome } from './membership/members.ts';
import type { EmbeddingLimits } from './options.ts';
import type { CommittedBatch, Consensus, Leadership, Service } from './service.ts';
import type { StateMachine } from './state-machine.ts';

/**
 * How new what is read is.
 *
 * - linearizable: as new as anything that was acknowledged to anybody before the call. A majority is
 *   asked, once for all reads that are waiting.
 * - lease: the same, as long as clocks run at nearly the same speed; nobody is asked but the leader. Only
 *   where the cluster has `leaseReads`.
 * - stale: what this node has applied; nobody is asked.
 */
export type ReadConsistency = 'linearizable' | 'lease' | 'stale';

export interface StateMachineServiceOptions<Command, Result, Query, Answer> {
  readonly stateMachine: StateMachine<Command, Result, Query, Answer>;
  readonly limits: EmbeddingLimits;
  readonly leaseReads: boolean;
  readonly comparison?: ReplicaComparison | undefined;
  readonly onLeadership: (leadership: Leadership) => void;
  /** The node can't go on. The consensus has to be stopped before anything else happens. */
  readonly onFatal: (error: ClusterError) => void;
}

/** Runs a user's state machine as the service of a node, and tells those who wait what became of it. */
export class StateMachineService<Command, Result, Query, Answer> implements Service {
  readonly #options: StateMachineServiceOptions<Command, Result, Query, Answer>;
  readonly #machine: Machine<Command, Result, Query, Answer>;
  readonly #proposals: Proposals<Result>;
  readonly #reads: Reads;
  readonly #changes = new Map<RequestId, Waiter<MembersOutcome>>();
  #consensus: Consensus | undefined;
  #leadership: Leadership = { role: 'follower', term: 0, leaderId: NO_NODE, isServing: false };
  #appliedIndex: LogIndex = 0;
  #failure: ClusterError | undefined;

  constructor(options: StateMachineServiceOptions<Command, Result, Query, Answer>) {
    this.#options = options;
    this.#machine = new Machine(options.stateMachine);
    this.#proposals = new Proposals(options.limits);
    this.#reads = new Reads(options.limits.readsMax);
  }

  /** What it asks of the consensus; called once, before anything else. */
  attach(consensus: Consensus): void {
    this.#consensus = consensus;
  }

  get leadership(): Leadership {
    return this.#leadership;
  }

  /** Everything up to here is in the state. */
  get appliedIndex(): LogIndex {
    return this.#appliedIndex;
  }

  /** Why the node does not go on. */
  get failure(): ClusterError | undefined {
    return this.#failure;
  }

  get pendingProposals(): number {
    return this.#proposals.count;
  }

  get pendingReads(): number {
    return this.#reads.count;
  }

  // --- what the program asks for ---

  /**
   * @param onlyInTerm refuses it (LEADERSHIP_LOST) unless it is ordered in this term; undefined: any
   * @param waiter gets what the state machine returns on this node
   */
  propose(command: Command, onlyInTerm: Term | undefined, waiter: Waiter<Result>): Forget {
    if (this.#failure !== undefined) return rejected(waiter, this.#failure);
    let bytes: Uint8Array;
    try {
      bytes = frameCommand(this.#machine.encode(command), onlyInTerm);
    } catch (cause) {
      const message = `the command can't be encoded: ${String(cause)}`;
      return rejected(waiter, new ClusterError('BAD_COMMAND', message, { cause }));
    }
    return this.#proposals.add(this.#attached, bytes, waiter);
  }

  /** Asks the state machine, as soon as what it knows is as new as wanted. */
  read(query: Query, consistency: ReadConsistency, waiter: Waiter<Answer>): Forget {
    if (!this.#machine.answersQueries) {
      return rejected(waiter, new ClusterError('NO_QUERY', 'the state machine has no query()'));
    }
    return this.barrier(consistency, {
      resolve: () => this.#answer(query, waiter),
      reject: (error) => waiter.reject(error),
    });
  }

  /** Resolves, within the turn of the event loop, when the state is as new as wanted. */
  barrier(consistency: ReadConsistency, waiter: Waiter<void>): Forget {
    if (this.#failure !== undefined) return rejected(waiter, this.#failure);
    if (consistency === 'stale') return this.#awaitApplied(0, waiter);
    if (consistency === 'lease' && !this.#options.leaseReads) {
      return rejected(waiter, new ClusterError('NO_LEASES', NO_LEASES));
    }
    const basis = consistency === 'lease' ? 'lease' : 'quorum';
    let forget = this.#reads.ask(this.#attached, basis, {
      resolve: (index) => (forget = this.#awaitApplied(index, waiter)),
      reject: (error) => waiter.reject(error),
    });
    return () => forget();
  }

  /** Resolves with an index once whoever leads is known to have led after the call. */
  confirmLeader(basis: ReadBasis, waiter: Waiter<LogIndex>): Forget {
    if (this.#failure !== undefined) return rejected(waiter, this.#failure);
    return this.#reads.ask(this.#attached, basis, waiter);
  }

  /** Resolves as soon as much can be proposed without being OVERLOADED. */
  awaitRoom(waiter: Waiter<void>): Forget {
    if (this.#failure !== undefined) return rejected(waiter, this.#failure);
    return this.#proposals.addForRoom(this.#attached, waiter);
  }

  changeMembers(change: MembersChange, waiter: Waiter<MembersOutcome>): Forget {
    if (this.#failure !== undefined) return rejected(waiter, this.#failure);
    const requestId = this.#attached.changeMembers(change);
    this.#changes.set(requestId, waiter);
    return () => this.#changes.delete(requestId);
  }

  /** Nothing is done any more. What was proposed may have happened; nothing else has. */
  end(failure: ClusterError): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    const { code, message } = failure;
    const unknown = new ClusterError(code, message, { indeterminate: true, cause: failure });
    this.#proposals.rejectAll(unknown, failure);
    this.#reads.rejectAll(failure);
    for (const waiter of this.#changes.values()) waiter.reject(unknown);
    this.#changes.clear();
  }

  // --- what the consensus thread says ---

  onCommitted(batch: CommittedBatch): void {
    while (batch.next()) {
      // What is left of a batch has to be taken by a state machine that has failed, too.
      if (this.#failure !== undefined) continue;
      if (batch.kind === 'command') this.#apply(batch);
      if (this.#hasFailed) continue;
      this.#appliedIndex = batch.index;
      this.#compareState(batch.index);
    }
    this.#reads.onApplied(this.#appliedIndex);
    this.#proposals.onSettled(this.#attached);
  }

  onLeadership(leadership: Leadership): void {
    this.#leadership = leadership;
    this.#options.onLeadership(leadership);
  }

  onReadIndex(requestId: RequestId, index: LogIndex): void {
    this.#reads.onReadIndex(requestId, index);
  }

  onMembersOutcome(requestId: RequestId, outcome: MembersOutcome): void {
    const waiter = this.#changes.get(requestId);
    this.#changes.delete(requestId);
    waiter?.resolve(outcome);
  }

  /** Embedded state machines exchange nothing beside the log but what they came to. */
  onMessage(from: NodeId, bytes: Uint8Array): void {
    this.#options.comparison?.onReport(from, bytes);
  }

  beginSnapshot(): Iterator<Uint8Array> {
    let chunks: Iterator<Uint8Array> | undefined;
    this.#guard('snapshot()', () => (chunks = this.#machine.snapshot()));
    return {
      next: () => {
        let next: IteratorResult<Uint8Array> = { done: true, value: undefined };
        this.#guard('snapshot()', () => (next = chunks?.next() ?? next));
        return next;
      },
    };
  }

  onOutcomesUnknown(sequence: number): void {
    const message = 'this node was brought up by a snapshot, which may contain the command';
    const error = new ClusterError('OUTCOME_UNKNOWN', message, { indeterminate: true });
    this.#proposals.giveUp(this.#attached, sequence, error);
  }

  onRestoreBegin(): void {
    this.#guard('restore()', () => this.#machine.beginRestore());
  }

  onRestoreChunk(chunk: Uint8Array): void {
    this.#guard('restore().write()', () => this.#machine.restorePiece(chunk));
  }

  onRestoreEnd(appliedIndex: LogIndex): void {
    this.#guard('restore().end()', () => this.#machine.endRestore());
    if (this.#failure !== undefined) return;
    this.#appliedIndex = appliedIndex;
    this.#options.comparison?.onRestored();
    this.#reads.onApplied(appliedIndex);
  }

  onFatal(error: Error): void {
    const message = `node ${this.#attached.nodeId} can't go on: ${error.message}`;
    this.#fail(new ClusterError('CONSENSUS_FAILED', message, { cause: error }));
  }

  /** A majority's state machines did something else. */
  onOutvoted(error: ClusterError): void {
    this.#fail(error);
  }

  // --- within ---

  get #attached(): Consensus {
    assert(this.#consensus !== undefined, 'a service is attached before it is used');
    return this.#consensus;
  }

  get #hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  #apply(batch: CommittedBatch): void {
    const applied = this.#execute(batch);
    if (applied === undefined) return;
    this.#compareOutcome(batch.index, applied);
    if (this.#hasFailed || !batch.isOwn) return;
    const waiter = this.#proposals.take(batch.sequence);
    if (applied.outcome === 'done') waiter?.resolve(applied.result);
    else waiter?.reject(applied.error);
  }

  #compareOutcome(index: LogIndex, applied: Applied<Result>): void {
    const { comparison } = this.#options;
    if (comparison === undefined) return;
    const where = `the result of apply() at index ${index}`;
    this.#guard(where, () => comparison.onOutcome(index, applied));
  }

  #compareState(index: LogIndex): void {
    const { comparison } = this.#options;
    if (comparison?.isStateDue(index) !== true) return;
    this.#guard('digest()', () => comparison.onState(index, this.#machine.hashState()));
  }

  /** Undefined when the node can't go on. */
  #execute(batch: CommittedBatch): Applied<Result> | undefined {
    const { index, term, origin, timeMs } = batch;
    const framed = readFramedCommand(batch.payload);
    let applied: Applied<Result> | undefined;
    this.#guard(`apply() at index ${index} (term ${term}, proposed by node ${origin})`, () => {
      if (framed === undefined) throw new TypeError('this is no command of a state machine');
      const { onlyInTerm, command } = framed;
      if (onlyInTerm !== undefined && onlyInTerm !== term) {
        const message = `the command was for term ${onlyInTerm}, and was ordered in term ${term}`;
        applied = { outcome: 'rejected', error: new ClusterError('LEADERSHIP_LOST', message) };
        return;
      }
      applied = this.#machine.apply(command, { index, term, origin, timeMs });
    });
    return applied;
  }

  /** Nothing that the state machine throws goes further than this node. */
  #guard(where: string, work: () => void): void {
    if (this.#failure !== undefined) return;
    try {
      work();
    } catch (cause) {
      const { nodeId } = this.#attached;
      const message =
        `node ${nodeId}: the state machine threw in ${where}: ${String(cause)}. The node has stopped; ` +
        'its log and its snapshots are whole. What is in the log is decided and will be executed ' +
        'again at the next start: repair the state machine, the same way on all nodes, and start it';
      this.#fail(new ClusterError('STATE_MACHINE_FAILED', message, { cause }));
    }
  }

  #fail(error: ClusterError): void {
    if (this.#failure !== undefined) return;
    this.end(error);
    this.#options.onFatal(error);
  }

  #awaitApplied(index: LogIndex, waiter: Waiter<void>): Forget {
    if (index <= this.#appliedIndex && !this.#machine.isRestoring) {
      waiter.resolve();
      return forgotten;
    }
    return this.#reads.awaitApplied(index, waiter);
  }

  #answer(query: Query, waiter: Waiter<Answer>): void {
    let answer: Answer;
    try {
      answer = this.#machine.query(query);
    } catch (error) {
      return waiter.reject(error instanceof Error ? error : new Error(String(error)));
    }
    waiter.resolve(answer);
  }
}

const NO_LEASES =
  'this cluster has no leases: start all of its nodes with leaseReads, or read linearizable';

function rejected<T>(waiter: Waiter<T>, error: Error): Forget {
  waiter.reject(error);
  return forgotten;
}
