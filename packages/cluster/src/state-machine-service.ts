import type { LogIndex, NodeId, RequestId } from '@bellwether/raft';
import { NO_NODE } from '@bellwether/raft';
import { assert } from './assert.ts';
import { ClusterError } from './errors.ts';
import type { MembersOutcome } from './membership/members.ts';
import type { CommittedBatch, Leadership, Service } from './service.ts';
import type { RestoreSink, StateMachine } from './state-machine.ts';

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

interface Reader extends Waiter<void> {
  readonly index: LogIndex;
}

export interface StateMachineServiceOptions {
  readonly stateMachine: StateMachine;
  readonly onLeadership?: ((leadership: Leadership) => void) | undefined;
  readonly onFatal?: ((error: Error) => void) | undefined;
}

/** Runs a user's state machine as the service of a node, with promises for those who wait. */
export class StateMachineService implements Service {
  readonly #options: StateMachineServiceOptions;
  readonly #proposals = new Map<number, Waiter<Uint8Array | undefined>>();
  readonly #reads = new Map<RequestId, Waiter<void>>();
  readonly #changes = new Map<RequestId, Waiter<MembersOutcome>>();
  #readers: Reader[] = [];
  #leadership: Leadership = { role: 'follower', term: 0, leaderId: NO_NODE, isServing: false };
  #appliedIndex: LogIndex = 0;
  #sink: RestoreSink | undefined;
  #failure: Error | undefined;

  constructor(options: StateMachineServiceOptions) {
    this.#options = options;
  }

  get leadership(): Leadership {
    return this.#leadership;
  }

  get appliedIndex(): LogIndex {
    return this.#appliedIndex;
  }

  /** A promise for the result of what `propose` starts. */
  wait(propose: () => number): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#proposals.set(propose(), { resolve, reject });
    });
  }

  /** A promise for the moment at which a linearizable read may be served. */
  waitForRead(readIndex: () => RequestId): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#reads.set(readIndex(), { resolve, reject });
    });
  }

  rejectAll(error: Error): void {
    this.#failure = error;
    for (const waiter of this.#proposals.values()) waiter.reject(error);
    for (const waiter of this.#reads.values()) waiter.reject(error);
    for (const waiter of this.#changes.values()) waiter.reject(error);
    for (const reader of this.#readers) reader.reject(error);
    this.#proposals.clear();
    this.#reads.clear();
    this.#changes.clear();
    this.#readers = [];
  }

  onCommitted(batch: CommittedBatch): void {
    while (batch.next()) {
      if (batch.kind === 'command') this.#apply(batch);
      this.#appliedIndex = batch.index;
    }
    this.#releaseReaders();
  }

  onLeadership(leadership: Leadership): void {
    this.#leadership = leadership;
    this.#options.onLeadership?.(leadership);
  }

  onReadIndex(requestId: RequestId, index: LogIndex): void {
    const waiter = this.#reads.get(requestId);
    if (waiter === undefined) return;
    this.#reads.delete(requestId);
    this.#readers.push({ ...waiter, index });
    this.#releaseReaders();
  }

  /** A promise for the outcome of a wish for other members. */
  waitForMembers(changeMembers: () => RequestId): Promise<MembersOutcome> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#changes.set(changeMembers(), { resolve, reject });
    });
  }

  onMembersOutcome(requestId: RequestId, outcome: MembersOutcome): void {
    const waiter = this.#changes.get(requestId);
    this.#changes.delete(requestId);
    waiter?.resolve(outcome);
  }

  onMessage(_from: NodeId, _bytes: Uint8Array): void {
    // Embedded state machines exchange nothing beside the log.
  }

  beginSnapshot(): Iterator<Uint8Array> {
    return this.#options.stateMachine.snapshot()[Symbol.iterator]();
  }

  onOutcomesUnknown(upTo: number): void {
    const message = 'this node was brought up by a snapshot, which may contain the command';
    for (const [sequence, waiter] of this.#proposals) {
      if (sequence > upTo) break;
      this.#proposals.delete(sequence);
      waiter.reject(new ClusterError('OUTCOME_UNKNOWN', message));
    }
  }

  onRestoreBegin(): void {
    this.#sink = this.#options.stateMachine.restore();
  }

  onRestoreChunk(chunk: Uint8Array): void {
    assert(this.#sink !== undefined, 'a restore has begun');
    this.#sink.write(chunk);
  }

  onRestoreEnd(appliedIndex: LogIndex): void {
    assert(this.#sink !== undefined, 'a restore has begun');
    this.#sink.end();
    this.#sink = undefined;
    this.#appliedIndex = appliedIndex;
    this.#releaseReaders();
  }

  onFatal(error: Error): void {
    this.rejectAll(error);
    this.#options.onFatal?.(error);
  }

  #apply(batch: CommittedBatch): void {
    const { index, timeMs } = batch;
    if (this.#failure !== undefined) return;
    let result: Uint8Array | undefined;
    // A copy: who keeps a part of it should not find another command's bytes there later.
    const command = new Uint8Array(batch.payload);
    try {
      result = this.#options.stateMachine.apply(command, { index, timeMs });
    } catch (cause) {
      const message = `the state machine threw at index ${index}: ${String(cause)}`;
      return this.onFatal(new ClusterError('STATE_MACHINE_FAILED', message, { cause }));
    }
    if (!batch.isOwn) return;
    const waiter = this.#proposals.get(batch.sequence);
    this.#proposals.delete(batch.sequence);
    waiter?.resolve(result);
  }

  #releaseReaders(): void {
    if (this.#readers.length === 0) return;
    const ready = this.#readers.filter((reader) => reader.index <= this.#appliedIndex);
    this.#readers = this.#readers.filter((reader) => reader.index > this.#appliedIndex);
    for (const reader of ready) reader.resolve();
  }
}
