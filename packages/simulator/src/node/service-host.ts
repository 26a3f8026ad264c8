import type {
  Consensus,
  FailoverReport,
  Leadership,
  MembersChange,
  NodeStatus,
  ServicePort,
} from '@bellwether/cluster';
import {
  commandIncarnation,
  ConsensusClient,
  DEFAULT_TIMING,
  PackedBatch,
} from '@bellwether/cluster';
import type { ConsensusDriver } from '@bellwether/cluster';
import { handleMessage, servicePort, TravellingBuffers } from '@bellwether/cluster/testing';
import type { ToConsensus, ToService } from '@bellwether/cluster/testing';
import type { Entry, LogIndex, NodeId, ReadBasis, RequestId } from '@bellwether/raft';
import type { Application, ServicePlace, SimulatedService } from '../application.ts';
import { assert } from '../assert.ts';
import type { ThreadHop } from '../thread.ts';
import type { Observer, ProcessId } from './observer.ts';
import { SimulatedChannel } from './simulated-channel.ts';

export interface HostOptions {
  readonly process: ProcessId;
  readonly place: ServicePlace;
  readonly toConsensus: ThreadHop;
  readonly toService: ThreadHop;
  readonly observer: Observer;
  readonly application: Application;
  readonly onFatal: (error: Error) => void;
}

/**
 * The service thread of a simulated node: the service itself, and the production client of the
 * consensus thread over a simulated channel. Shows the invariants what passes.
 */
export class ServiceHost implements Consensus {
  readonly service: SimulatedService;
  readonly #options: HostOptions;
  readonly #channel: SimulatedChannel;
  readonly #client: ConsensusClient;
  #driver: ConsensusDriver | undefined;
  #sequence = 0;
  /** Own commands up to here have come back, or never may. */
  #ownSeen = 0;
  #readsWaiting = 0;
  #appliedIndex: LogIndex = 0;
  #leadership: Leadership | undefined;
  /** Of the entries that are on their way to the service thread, batch by batch. */
  readonly #incarnations: (readonly number[])[] = [];
  readonly #buffers = new TravellingBuffers();

  constructor(options: HostOptions) {
    const { process, place, application } = options;
    this.#options = options;
    this.#channel = new SimulatedChannel({
      ...options,
      thread: place.thread,
      onAsked: (message) => this.#onAsked(message),
      onTold: (message, handle) => this.#onTold(message, handle),
      every: (intervalMs, action) => place.every(intervalMs, action),
    });
    this.service = application.createService(place);
    const { nodeId, incarnation } = process;
    this.#client = new ConsensusClient(
      {
        ...{ id: nodeId, incarnation, timing: DEFAULT_TIMING, clusterId: 'simulated' },
        ...{ members: [], start: 'founds', listenOn: undefined, dataDirectory: '/data' },
      },
      this.service,
      (text) => place.note(text),
      this.#channel,
    );
    this.service.attach?.(this);
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
    return this.#client.pendingBytes;
  }

  get appliedIndex(): LogIndex {
    return this.#appliedIndex;
  }

  get leadership(): Leadership | undefined {
    return this.#leadership;
  }

  get failovers(): FailoverReport {
    return this.#client.failovers;
  }

  get status(): NodeStatus {
    return this.#client.status;
  }

  connect(driver: ConsensusDriver): void {
    this.#driver = driver;
  }

  // --- what a service asks for ---

  propose(payload: Uint8Array): number {
    const { process, observer } = this.#options;
    this.#sequence = this.#client.propose(payload);
    observer.onProposed(process, this.#sequence, payload);
    return this.#sequence;
  }

  readIndex(basis?: ReadBasis): RequestId {
    const requestId = this.#client.readIndex(basis);
    this.#readsWaiting += 1;
    this.#options.observer.onReadAsked(this.#options.process, requestId);
    return requestId;
  }

  sendToLeader(bytes: Uint8Array): void {
    this.#client.sendToLeader(bytes);
  }

  sendToPeers(bytes: Uint8Array): void {
    this.#client.sendToPeers(bytes);
  }

  sendTo(node: NodeId, bytes: Uint8Array): void {
    this.#client.sendTo(node, bytes);
  }

  changeMembers(change: MembersChange): RequestId {
    this.#options.observer.onWished();
    return this.#client.changeMembers(change);
  }

  transferLeadership(target: NodeId): void {
    this.#options.observer.onWished();
    this.#client.transferLeadership(target);
  }

  async stop(): Promise<void> {
    return Promise.reject(new Error('a simulated node is stopped by its world'));
  }

  // --- what the driver asks for ---

  /** The driver's port: every call crosses to the service thread. */
  port(): ServicePort {
    const port = servicePort(
      (message) => this.#channel.tell(message),
      () => undefined,
      this.#buffers,
    );
    return {
      ...port,
      deliver: (entries: readonly Entry[]) => {
        this.#incarnations.push(entries.map(incarnationOf));
        port.deliver(entries);
      },
      onOutcomesUnknown: (sequence) => {
        this.#options.observer.onGivenUp(this.#options.process, sequence);
        port.onOutcomesUnknown(sequence);
      },
      onFatal: (error) => this.#options.onFatal(error),
    };
  }

  #onAsked(message: ToConsensus): void {
    assert(this.#driver !== undefined, 'the driver is there before the service asks');
    assert(message.type !== 'stop', 'a simulated node is stopped by its world');
    handleMessage(this.#driver, this.#buffers, message);
  }

  #onTold(message: ToService, handle: () => void): void {
    const { process, observer } = this.#options;
    switch (message.type) {
      case 'committed':
        return this.#onCommitted(message.firstIndex, message.bytes, handle);
      case 'leadership':
        this.#leadership = message.leadership;
        return handle();
      case 'readIndex':
        this.#readsWaiting -= 1;
        observer.onReadAnswered(process, message.requestId, message.index);
        return handle();
      case 'outcomesUnknown':
        this.#ownSeen = Math.max(this.#ownSeen, message.sequence);
        observer.onOutcomesUnknown(process, message.sequence);
        return handle();
      case 'restoreEnd':
        this.#appliedIndex = message.appliedIndex;
        handle();
        return observer.onRestored(process, message.appliedIndex);
      default:
        return handle();
    }
  }

  #onCommitted(firstIndex: LogIndex, bytes: Uint8Array, handle: () => void): void {
    const { process, observer } = this.#options;
    const batch = new PackedBatch(process, firstIndex, bytes);
    for (const incarnation of this.#incarnations.shift() ?? []) {
      assert(batch.next(), 'a batch holds every entry that was delivered');
      const { index, term, kind, origin, isOwn, sequence, timeMs, payload } = batch;
      if (isOwn) this.#ownSeen = Math.max(this.#ownSeen, sequence);
      const whose = { origin, incarnation, isOwn, sequence };
      observer.onApplied(process, { index, term, kind, timeMs, payload, ...whose });
    }
    this.#appliedIndex = batch.index;
    handle();
    // It is used again: who has kept a view of it shall see that.
    bytes.fill(0xdb);
    observer.onState(process, this.#appliedIndex, this.service);
  }
}

const incarnationOf = (entry: Entry): number =>
  entry.kind === 'command' ? commandIncarnation(entry.data) : 0;
