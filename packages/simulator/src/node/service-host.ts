import type {
  CommittedBatch,
  Consensus,
  FailoverReport,
  Leadership,
  MembersChange,
  NodeStatus,
  Service,
  ServicePort,
} from '@bellwether/cluster';
import {
  BATCH_ITEM_HEADER_BYTES,
  commandIncarnation,
  COMMAND_HEADER_BYTES,
  PackedBatch,
  packEntries,
  writeItemHeader,
} from '@bellwether/cluster';
import type { ConsensusDriver } from '@bellwether/cluster';
import type { Entry, LogIndex, NodeId, RequestId } from '@bellwether/raft';
import { assert } from '../assert.ts';
import type { SimulatedThread, ThreadHop } from '../thread.ts';
import type { Observer, ProcessId } from './observer.ts';

/** A service that can be run here: its whole state has a digest, equal where the state is. */
export interface SimulatedService extends Service {
  digest(): string;
}

export interface HostOptions {
  readonly process: ProcessId;
  readonly thread: SimulatedThread;
  readonly toConsensus: ThreadHop;
  readonly toService: ThreadHop;
  readonly observer: Observer;
  readonly createService: (consensus: Consensus) => SimulatedService;
  readonly onFatal: (error: Error) => void;
  /** Whether the consensus thread is told at once how far the service is. */
  readonly reportsNow: () => boolean;
}

/** What the calls of the service thread's side are made on; known once the driver is there. */
export type DriverInput = Pick<
  ConsensusDriver,
  | 'onCommands'
  | 'onApplied'
  | 'onReadIndexWanted'
  | 'onServiceMessage'
  | 'onTransferWanted'
  | 'onMembersWanted'
  | 'onSnapshotBegan'
  | 'onSnapshotChunk'
  | 'onChunkRestored'
>;

/**
 * The service thread of a simulated node: runs a service, and answers the driver as the production
 * client of the consensus thread does.
 */
export class ServiceHost implements Consensus {
  readonly service: SimulatedService;
  readonly #options: HostOptions;
  #driver: DriverInput | undefined;
  #sequence = 0;
  /** Own commands up to here have come back, or never may. */
  #ownSeen = 0;
  #requestId = 0;
  #readsWaiting = 0;
  #outgoing: Uint8Array[] = [];
  #appliedIndex: LogIndex = 0;
  #reportedIndex: LogIndex = 0;
  #snapshot: Iterator<Uint8Array> | undefined;
  #leadership: Leadership | undefined;

  constructor(options: HostOptions) {
    this.#options = options;
    this.service = options.createService(this);
  }

  get nodeId(): NodeId {
    return this.#options.process.nodeId;
  }

  /** Commands proposed here of which nothing has been heard. */
  get pendingCommands(): number {
    return this.#sequence - this.#ownSeen;
  }

  get pendingReads(): number {
    return this.#readsWaiting;
  }

  get pendingBytes(): number {
    return this.pendingCommands * COMMAND_HEADER_BYTES;
  }

  get appliedIndex(): LogIndex {
    return this.#appliedIndex;
  }

  get leadership(): Leadership | undefined {
    return this.#leadership;
  }

  get status(): NodeStatus {
    throw new Error('a simulated service is told nothing of its node');
  }

  get failovers(): FailoverReport {
    throw new Error('a simulated service is told nothing of its node');
  }

  connect(driver: DriverInput): void {
    this.#driver = driver;
  }

  // --- what a service asks for ---

  propose(payload: Uint8Array): number {
    this.#sequence += 1;
    const { process, observer } = this.#options;
    const item = new Uint8Array(BATCH_ITEM_HEADER_BYTES + COMMAND_HEADER_BYTES + payload.length);
    const at = writeItemHeader(item, 0, {
      origin: process.nodeId,
      incarnation: process.incarnation,
      sequence: this.#sequence,
      payloadBytes: payload.length,
    });
    item.set(payload, at);
    observer.onProposed(process, this.#sequence, payload);
    this.#outgoing.push(item);
    if (this.#outgoing.length === 1) this.#options.thread.post(0, () => this.#flush());
    return this.#sequence;
  }

  readIndex(): RequestId {
    const requestId = ++this.#requestId;
    this.#readsWaiting += 1;
    this.#options.observer.onReadAsked(this.#options.process, requestId);
    this.#ask((driver) => driver.onReadIndexWanted(requestId));
    return requestId;
  }

  sendToLeader(bytes: Uint8Array): void {
    const copy = new Uint8Array(bytes);
    this.#ask((driver) => driver.onServiceMessage('leader', copy));
  }

  sendToPeers(bytes: Uint8Array): void {
    const copy = new Uint8Array(bytes);
    this.#ask((driver) => driver.onServiceMessage('peers', copy));
  }

  transferLeadership(target: NodeId): void {
    this.#ask((driver) => driver.onTransferWanted(target));
  }

  changeMembers(change: MembersChange): RequestId {
    const requestId = ++this.#requestId;
    this.#ask((driver) => driver.onMembersWanted(requestId, change));
    return requestId;
  }

  async stop(): Promise<void> {
    return Promise.reject(new Error('a simulated node is stopped by its world'));
  }

  #flush(): void {
    const items = this.#outgoing;
    this.#outgoing = [];
    const batch = new Uint8Array(items.reduce((sum, item) => sum + item.length, 0));
    let at = 0;
    for (const item of items) {
      batch.set(item, at);
      at += item.length;
    }
    this.#ask((driver) => driver.onCommands(batch));
  }

  #ask(work: (driver: DriverInput) => void): void {
    this.#options.toConsensus.post(() => {
      assert(this.#driver !== undefined, 'the driver is there before the service asks');
      work(this.#driver);
    });
  }

  // --- what the driver asks for ---

  /** The driver's port: every call crosses to the service thread. */
  port(): ServicePort {
    const hop = (work: () => void): void => this.#options.toService.post(work);
    return {
      deliver: (entries: readonly Entry[]) => {
        const firstIndex = entries[0]?.index ?? 0;
        const bytes = packEntries(entries);
        const incarnations = entries.map(incarnationOf);
        hop(() => this.#onCommitted(firstIndex, bytes, incarnations));
      },
      onLeadership: (leadership) => {
        hop(() => {
          this.#leadership = leadership;
          this.service.onLeadership(leadership);
        });
      },
      onReadIndex: (requestId, index) => hop(() => this.#onReadIndex(requestId, index)),
      onMessage: (from, bytes) => {
        const copy = new Uint8Array(bytes);
        hop(() => this.service.onMessage(from, copy));
      },
      beginSnapshot: () => hop(() => this.#beginSnapshot()),
      nextSnapshotChunk: () => hop(() => this.#nextSnapshotChunk()),
      onOutcomesUnknown: (sequence) => {
        this.#options.observer.onGivenUp(this.#options.process, sequence);
        hop(() => this.#onOutcomesUnknown(sequence));
      },
      restoreBegin: () => hop(() => this.#onRestoreBegin()),
      restoreChunk: (chunk) => {
        const copy = new Uint8Array(chunk);
        hop(() => this.#onRestoreChunk(copy));
      },
      restoreEnd: (appliedIndex) => hop(() => this.#onRestoreEnd(appliedIndex)),
      onMembersOutcome: (requestId, outcome) =>
        hop(() => this.service.onMembersOutcome(requestId, outcome)),
      onStatus: () => {},
      onFailover: () => {},
      onFatal: (error) => this.#options.onFatal(error),
    };
  }

  #onCommitted(firstIndex: LogIndex, bytes: Uint8Array, incarnations: readonly number[]): void {
    const { process } = this.#options;
    this.#observe(new PackedBatch(process, firstIndex, bytes), incarnations);
    const batch = new PackedBatch(process, firstIndex, bytes);
    this.service.onCommitted(batch);
    assert(!batch.next(), 'the service takes all of a batch');
    const { index } = batch;
    this.#appliedIndex = index;
    if (this.#options.reportsNow()) this.reportApplied();
  }

  /** Production does it when much was applied, and now and then. */
  reportApplied(): void {
    if (this.#reportedIndex === this.#appliedIndex) return;
    const index = this.#appliedIndex;
    this.#reportedIndex = index;
    this.#ask((driver) => driver.onApplied(index));
  }

  #observe(batch: CommittedBatch, incarnations: readonly number[]): void {
    const { process, observer } = this.#options;
    for (const incarnation of incarnations) {
      assert(batch.next(), 'a batch holds every entry that was delivered');
      const { index, term, kind, origin, isOwn, sequence, timeMs, payload } = batch;
      if (isOwn) this.#ownSeen = Math.max(this.#ownSeen, sequence);
      const whose = { origin, incarnation, isOwn, sequence };
      observer.onApplied(process, { index, term, kind, timeMs, payload, ...whose });
    }
  }

  #onReadIndex(requestId: RequestId, index: LogIndex): void {
    this.#readsWaiting -= 1;
    this.#options.observer.onReadAnswered(this.#options.process, requestId, index);
    this.service.onReadIndex(requestId, index);
  }

  #beginSnapshot(): void {
    this.#snapshot = this.service.beginSnapshot();
    const index = this.#appliedIndex;
    this.#ask((driver) => driver.onSnapshotBegan(index));
  }

  #nextSnapshotChunk(): void {
    const next = this.#snapshot?.next();
    const chunk = next === undefined || next.done === true ? undefined : new Uint8Array(next.value);
    this.#ask((driver) => driver.onSnapshotChunk(chunk));
  }

  #onOutcomesUnknown(sequence: number): void {
    this.#ownSeen = Math.max(this.#ownSeen, sequence);
    this.#options.observer.onOutcomesUnknown(this.#options.process, sequence);
    this.service.onOutcomesUnknown(sequence);
  }

  #onRestoreBegin(): void {
    this.#snapshot = undefined;
    this.service.onRestoreBegin();
  }

  #onRestoreChunk(chunk: Uint8Array): void {
    this.service.onRestoreChunk(chunk);
    this.#ask((driver) => driver.onChunkRestored());
  }

  #onRestoreEnd(appliedIndex: LogIndex): void {
    this.#appliedIndex = appliedIndex;
    this.service.onRestoreEnd(appliedIndex);
    this.#options.observer.onRestored(this.#options.process, appliedIndex);
  }
}

const incarnationOf = (entry: Entry): number =>
  entry.kind === 'command' ? commandIncarnation(entry.data) : 0;
