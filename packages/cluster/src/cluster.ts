import { EventEmitter } from 'node:events';
import type { LogIndex, NodeId } from '@bellwether/raft';
import { assemble, type ClusterParts } from './embedding/assembly.ts';
import { lead } from './embedding/lead.ts';
import type { LeaderTerm } from './embedding/leader-term.ts';
import { EMBEDDING_LIMITS } from './embedding/limits.ts';
import { patiently, type CallOptions } from './embedding/patience.ts';
import type { Divergence } from './embedding/replica-comparison.ts';
import { guardReplicas } from './embedding/replica-guard.ts';
import { transferTo } from './embedding/transfer.ts';
import { ClusterError } from './errors.ts';
import type { FailoverReport } from './failover/failover-history.ts';
import { memberOf } from './membership/founding.ts';
import type { Member, Members } from './membership/members.ts';
import { checkOptions, type ClusterOptions } from './options.ts';
import type { Leadership, NodeStatus } from './service.ts';
import type { ReadConsistency } from './state-machine-service.ts';
import type { ConsensusMember } from './thread/messages.ts';

/** What a cluster emits. */
export interface ClusterEvents {
  /** Another node leads, or none, or leadership begins to serve. */
  leadership: [leadership: Leadership];
  /** Replicas were found to differ. */
  divergence: [divergence: Divergence];
  /** The node can't go on: it has stopped, its promises are rejected. */
  error: [error: ClusterError];
}

/** How a read is asked for. */
export interface ReadOptions extends CallOptions {
  /** 'linearizable' when absent. */
  readonly consistency?: ReadConsistency;
}

/** What has been asked for through this node and is not answered, reads that were given up included. */
export interface PendingWork {
  readonly proposals: number;
  readonly bytes: number;
  readonly reads: number;
}

/**
 * One member of a cluster, inside this process.
 *
 * A promise that resolves: done. One that rejects with a ClusterError: failed, nothing has happened;
 * unless the error is `indeterminate`: it may have happened, or may still.
 */
export class Cluster<
  Command = Uint8Array,
  Result = unknown,
  Query = never,
  Answer = unknown,
> extends EventEmitter<ClusterEvents> {
  readonly #options: ClusterOptions<Command, Result, Query, Answer>;
  readonly #parts: ClusterParts<Command, Result, Query, Answer>;
  /** Aborts when this node stops; its reason is the error that says why. */
  readonly #stopped = new AbortController();

  private constructor(options: ClusterOptions<Command, Result, Query, Answer>) {
    super();
    this.setMaxListeners(0);
    this.#options = options;
    this.#parts = assemble(options, {
      onLeadership: (leadership) => this.#onLeadership(leadership),
      onFatal: (error) => this.#onFatal(error),
    });
    this.#guard();
  }

  /**
   * Starts this node: opens its data, restores the state machine, connects to the peers.
   *
   * @throws ClusterError BAD_OPTIONS or LISTEN_FAILED; StorageError when the data can't be used
   */
  static async start<Command = Uint8Array, Result = unknown, Query = never, Answer = unknown>(
    options: ClusterOptions<Command, Result, Query, Answer>,
  ): Promise<Cluster<Command, Result, Query, Answer>> {
    checkOptions(options);
    const cluster = new Cluster(options);
    try {
      await cluster.#parts.consensus.started;
    } catch (error) {
      cluster.#end(error);
      throw error;
    }
    return cluster;
  }

  /** Of this node. */
  get id(): NodeId {
    return this.#parts.consensus.nodeId;
  }

  /** Who leads, as this node sees it. */
  get leadership(): Leadership {
    return this.#parts.service.leadership;
  }

  /** What the consensus thread said last of itself, the members and the log. */
  get status(): NodeStatus {
    return this.#parts.consensus.status;
  }

  /** Every change of leadership that this node has seen since it started, and how long each took. */
  get failovers(): FailoverReport {
    return this.#parts.consensus.failovers;
  }

  /** Index of the newest command that the state machine here has executed. */
  get appliedIndex(): LogIndex {
    return this.#parts.service.appliedIndex;
  }

  /** What was asked for through this node and is not answered. */
  get pending(): PendingWork {
    const { pendingProposals: proposals, pendingReads: reads } = this.#parts.service;
    return { proposals, reads, bytes: this.#parts.consensus.pendingBytes };
  }

  /** Why this node has stopped; undefined while it runs. */
  get failure(): ClusterError | undefined {
    return this.#parts.service.failure;
  }

  /**
   * Asks the cluster to execute `command`, through this node, whoever leads. It is executed exactly
   * once; while there is no leader it waits.
   *
   * @returns what the state machine returned on this node
   * @throws CommandRejected, or what extends it, when the state machine refused it
   * @throws ClusterError failed: OVERLOADED, PROPOSAL_TOO_LARGE, BAD_COMMAND. Indeterminate: ABORTED,
   *   TIMED_OUT; STOPPED, STATE_MACHINE_FAILED, DIVERGED or CONSENSUS_FAILED when this node stops first;
   *   OUTCOME_UNKNOWN when it fell so far behind that a snapshot had to bring it up
   */
  propose(command: Command, options: CallOptions = {}): Promise<Result> {
    return this.#propose(command, undefined, options);
  }

  /**
   * Asks the state machine here, which then is as new as `consistency` demands.
   *
   * @returns what `query` returned
   * @throws what `query` threw
   * @throws ClusterError NO_QUERY, NO_LEASES, OVERLOADED, ABORTED, TIMED_OUT, or why this node has stopped
   */
  read(query: Query, options: ReadOptions = {}): Promise<Answer> {
    const { consistency = 'linearizable' } = options;
    return patiently(READ, options, (waiter) =>
      this.#parts.service.read(query, consistency, waiter),
    );
  }

  /**
   * Resolves once the state machine here is as new as `consistency` demands: what is read from it then
   * is linearizable unless 'stale' was asked for (Raft dissertation, section 6.4).
   *
   * @throws ClusterError as `read`
   */
  readBarrier(options: ReadOptions = {}): Promise<void> {
    const { consistency = 'linearizable' } = options;
    return patiently(READ, options, (waiter) => this.#parts.service.barrier(consistency, waiter));
  }

  /**
   * Resolves when half of what may be under way through this node is free: at once, as a rule. Whoever
   * proposes without waiting for results awaits this instead.
   *
   * @throws ClusterError ABORTED, TIMED_OUT, or why this node has stopped
   */
  untilRoom(options: CallOptions = {}): Promise<void> {
    return patiently(ROOM, options, (waiter) => this.#parts.service.awaitRoom(waiter));
  }

  /**
   * Runs `work` each time this node comes to lead, with a signal that aborts when that may be over. One
   * run begins when the last has ended. What it throws after its signal has aborted is of no interest.
   *
   * @returns resolves when the signal in the options aborts, or this node stops
   * @throws what `work` throws before
   */
  lead(
    work: (term: LeaderTerm<Command, Result>) => unknown,
    { signal }: Pick<CallOptions, 'signal'> = {},
  ): Promise<void> {
    const stopped = this.#stopped.signal;
    return lead({
      keeper: this.#parts.terms,
      nowMs: () => performance.now(),
      until: signal === undefined ? stopped : AbortSignal.any([signal, stopped]),
      work,
      propose: (command, term, options) => this.#propose(command, term, options),
    });
  }

  /**
   * Has this node, which must lead, hand its leadership to `target`. Clients notice nothing but a few ms.
   *
   * @returns resolves when `target` leads
   * @throws ClusterError NOT_LEADER, with who leads; TRANSFER_FAILED when it is no voter, or another one
   *   was elected. Indeterminate: TIMED_OUT after 5 s unless said otherwise; ABORTED; STOPPED, or why else
   *   this node has stopped
   */
  transferLeadership(target: NodeId, options: CallOptions = {}): Promise<void> {
    const timeoutMs = options.timeoutMs ?? EMBEDDING_LIMITS.transferMsMax;
    const patience = { ...options, timeoutMs };
    const transfer = {
      consensus: this.#parts.consensus,
      leadership: () => this.leadership,
      onLeadership: (callback: () => void) => {
        this.on('leadership', callback);
        return () => this.off('leadership', callback);
      },
      stopped: this.#stopped.signal,
    };
    const asked = { what: `the transfer to node ${target}`, afterwards: 'mayHappen' } as const;
    return patiently(asked, patience, (waiter) => transferTo(target, transfer, waiter));
  }

  /** The members as the newest entry of the log names them; undefined on a node that has yet to join. */
  get members(): Members | undefined {
    return this.#parts.members.current;
  }

  /**
   * Makes a node a member, or gives a member another address, role, priority or note. A new voter
   * begins as a learner and votes once it has kept up for two seconds; start it with `start: 'joins'`,
   * before or after this call.
   *
   * @returns the members as decided, which may take a while to come about in full
   * @throws ClusterError MEMBERS_REFUSED with the reason; indeterminate: ABORTED, TIMED_OUT, or why this
   *   node has stopped
   */
  addNode(node: ConsensusMember, options: CallOptions = {}): Promise<Members> {
    return this.#parts.members.change(options, (members) => [
      ...members.filter(({ id }) => id !== node.id),
      memberOf(node),
    ]);
  }

  /**
   * Takes a node out of the cluster, the leader and this node included. It should be stopped then.
   *
   * @returns the members as decided
   * @throws ClusterError as `addNode`
   */
  removeNode(id: NodeId, options: CallOptions = {}): Promise<Members> {
    const without = (members: readonly Member[]) => members.filter((member) => member.id !== id);
    return this.#parts.members.change(options, without);
  }

  /** Leaves the cluster as a process would that is stopped; the data stays. */
  async stop(): Promise<void> {
    const { consensus, service } = this.#parts;
    const stopped = new ClusterError('STOPPED', `node ${this.id} was stopped`);
    this.#end(stopped);
    await consensus.stop();
    service.end(stopped);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #propose(command: Command, onlyInTerm: number | undefined, options: CallOptions) {
    return patiently<Result>(PROPOSAL, options, (waiter) =>
      this.#parts.service.propose(command, onlyInTerm, waiter),
    );
  }

  #guard(): void {
    const { comparison, consensus, service } = this.#parts;
    if (comparison === undefined) return;
    const end = guardReplicas({
      ...{ comparison, consensus },
      onDivergence: (divergence, message) => this.#onDivergence(divergence, message),
      onOutvoted: (error) => service.onOutvoted(error),
    });
    this.#stopped.signal.addEventListener('abort', end);
  }

  #onDivergence(divergence: Divergence, message: string): void {
    const { onDivergence } = this.#options;
    const isHeard = onDivergence !== undefined || this.listenerCount('divergence') > 0;
    if (!isHeard) process.emitWarning(message, 'ReplicaDivergenceWarning');
    onDivergence?.(divergence);
    this.emit('divergence', divergence);
  }

  #onLeadership(leadership: Leadership): void {
    const leads = leadership.role === 'leader' && leadership.isServing;
    this.#parts.terms.onLeadership(leads ? leadership.term : undefined);
    this.#options.onLeadership?.(leadership);
    this.emit('leadership', leadership);
  }

  /** Nothing that is applied, answered or kept may come from a state machine that failed. */
  #onFatal(error: ClusterError): void {
    void this.#parts.consensus.stop();
    this.#end(error);
    const { onFatal } = this.#options;
    onFatal?.(error);
    if (this.listenerCount('error') > 0) this.emit('error', error);
    else if (onFatal === undefined) {
      setImmediate(() => {
        throw error;
      });
    }
  }

  #end(why: unknown): void {
    this.#parts.terms.stop();
    this.#stopped.abort(why);
  }
}

const PROPOSAL = { what: 'the proposal', afterwards: 'mayHappen' } as const;
const READ = { what: 'the read', afterwards: 'nothingHappens' } as const;
const ROOM = { what: 'waiting for room', afterwards: 'nothingHappens' } as const;
