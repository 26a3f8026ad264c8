import type { LogIndex, NodeId, ReadBasis, RequestId } from '@bellwether/raft';
import { assert } from '../assert.ts';
import { BATCH_ITEM_HEADER_BYTES, COMMAND_HEADER_BYTES, writeItemHeader } from '../command.ts';
import { ClusterError } from '../errors.ts';
import type { FailoverReport } from '../failover/failover-history.ts';
import { FailoverHistory } from '../failover/failover-history.ts';
import { LIMITS } from '../limits.ts';
import type { MembersChange } from '../membership/members.ts';
import type { Consensus, NodeStatus, Service } from '../service.ts';
import { PackedBatch } from './committed-batch.ts';
import type { ConsensusOptions, ToConsensus, ToService } from './messages.ts';
import type { ThreadChannel } from './thread-channel.ts';
import { isTravelling } from './travelling-buffers.ts';
import { UnseenBatches } from './unseen-batches.ts';
import { WorkerChannel } from './worker-channel.ts';

const ITEM_OVERHEAD_BYTES = BATCH_ITEM_HEADER_BYTES + COMMAND_HEADER_BYTES;
const OUTGOING_BYTES = 256 * 1024;

/** The service thread's end of the consensus thread. */
export class ConsensusClient implements Consensus {
  readonly nodeId: NodeId;
  readonly #options: ConsensusOptions;
  readonly #service: Service;
  readonly #onEvent: (text: string) => void;
  readonly #channel: ThreadChannel;
  /**
   * Rejects with what keeps the node from starting: a taken port (LISTEN_FAILED), a log that is
   * corrupt or belongs to another node (errors of the storage package).
   */
  readonly started: Promise<void>;
  readonly #stopped: Promise<void>;
  #settleStarted: { resolve: () => void; reject: (error: Error) => void } | undefined;
  #settleStopped: (() => void) | undefined;
  #outgoing = new Uint8Array(OUTGOING_BYTES);
  #outgoingBytes = 0;
  #sequence = 0;
  #requestId: RequestId = 0;
  readonly #unseen = new UnseenBatches();
  #appliedIndex: LogIndex = 0;
  #unreportedBytes = 0;
  /** What was delivered in them is applied; they go back with the next report. */
  #emptied: ArrayBuffer[] = [];
  readonly #stopReporting: () => void;
  #snapshot: Iterator<Uint8Array> | undefined;
  #status: NodeStatus | undefined;
  readonly #failovers = new FailoverHistory();
  #isStopping = false;
  readonly #flush = (): void => this.#flushCommands();

  /**
   * Starts the consensus thread of one node. Nothing is called before the current turn of the event
   * loop has ended.
   *
   * @param options who this node is, who its peers are, and where its data lies
   * @param service called from then on, also before `started` resolves
   * @param onEvent a line for the log
   * @param channel to the consensus thread; a worker of this process when absent
   */
  constructor(
    options: ConsensusOptions,
    service: Service,
    onEvent: (text: string) => void,
    channel: ThreadChannel = new WorkerChannel(options),
  ) {
    this.#options = options;
    this.nodeId = options.id;
    this.#service = service;
    this.#onEvent = onEvent;
    this.started = new Promise((resolve, reject) => (this.#settleStarted = { resolve, reject }));
    this.#stopped = new Promise((resolve) => (this.#settleStopped = resolve));
    this.#channel = channel;
    channel.listen({
      onMessage: (message) => this.#onMessage(message),
      onError: (error) => this.#onFatal(error),
      onExit: () => this.#onExit(),
    });
    const { statusIntervalMs } = LIMITS;
    this.#stopReporting = channel.every(statusIntervalMs, () => this.#reportApplied());
  }

  get pendingBytes(): number {
    return this.#outgoingBytes + this.#unseen.bytes;
  }

  get status(): NodeStatus {
    assert(this.#status !== undefined, 'a started node has reported');
    return this.#status;
  }

  get failovers(): FailoverReport {
    return this.#failovers.report();
  }

  propose(payload: Uint8Array): number {
    if (payload.length > LIMITS.proposalBytesMax) {
      const message = `a proposal of ${payload.length} bytes exceeds ${LIMITS.proposalBytesMax}`;
      throw new ClusterError('PROPOSAL_TOO_LARGE', message);
    }
    const size = ITEM_OVERHEAD_BYTES + payload.length;
    if (this.#outgoingBytes + size > LIMITS.commandBatchBytesMax) this.#flushCommands();
    this.#reserve(size);
    if (this.#outgoingBytes === 0) this.#channel.soon(this.#flush);
    this.#sequence += 1;
    const at = writeItemHeader(this.#outgoing, this.#outgoingBytes, {
      origin: this.nodeId,
      incarnation: this.#options.incarnation,
      sequence: this.#sequence,
      payloadBytes: payload.length,
    });
    this.#outgoing.set(payload, at);
    this.#outgoingBytes += size;
    return this.#sequence;
  }

  readIndex(basis: ReadBasis = 'lease'): RequestId {
    this.#requestId += 1;
    this.#post({ type: 'readIndex', requestId: this.#requestId, basis });
    return this.#requestId;
  }

  sendToLeader(bytes: Uint8Array): void {
    this.#post({ type: 'serviceMessage', to: 'leader', bytes });
  }

  sendToPeers(bytes: Uint8Array): void {
    this.#post({ type: 'serviceMessage', to: 'peers', bytes });
  }

  sendTo(node: NodeId, bytes: Uint8Array): void {
    this.#post({ type: 'serviceMessage', to: node, bytes });
  }

  transferLeadership(target: NodeId): void {
    this.#post({ type: 'transfer', target });
  }

  changeMembers(change: MembersChange): RequestId {
    this.#requestId += 1;
    this.#post({ type: 'changeMembers', requestId: this.#requestId, change });
    return this.#requestId;
  }

  async stop(): Promise<void> {
    if (!this.#isStopping) this.#post({ type: 'stop' });
    this.#isStopping = true;
    await this.#stopped;
  }

  #post(message: ToConsensus, transfer?: readonly ArrayBuffer[]): void {
    if (!this.#isStopping) this.#channel.post(message, transfer);
  }

  #reserve(size: number): void {
    const needed = this.#outgoingBytes + size;
    if (needed <= this.#outgoing.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#outgoing.length * 2));
    grown.set(this.#outgoing.subarray(0, this.#outgoingBytes));
    this.#outgoing = grown;
  }

  /** Everything that was proposed in this turn of the event loop goes over together. */
  #flushCommands(): void {
    if (this.#outgoingBytes === 0 || this.#isStopping) return;
    const batch: Uint8Array = Buffer.allocUnsafeSlow(this.#outgoingBytes);
    batch.set(this.#outgoing.subarray(0, this.#outgoingBytes));
    this.#unseen.add(this.#sequence, this.#outgoingBytes);
    this.#outgoingBytes = 0;
    const message: ToConsensus = { type: 'commands', batch };
    this.#channel.post(message, [batch.buffer as ArrayBuffer]);
  }

  #onMessage(message: ToService): void {
    switch (message.type) {
      case 'started':
        return this.#onStarted();
      case 'committed':
        return this.#onCommitted(message.firstIndex, message.bytes);
      case 'leadership':
        return this.#service.onLeadership(message.leadership);
      case 'readIndex':
        return this.#service.onReadIndex(message.requestId, message.index);
      case 'membersOutcome':
        return this.#service.onMembersOutcome(message.requestId, message.outcome);
      case 'message':
        return this.#service.onMessage(message.from, message.bytes);
      case 'beginSnapshot':
        return this.#beginSnapshot();
      case 'nextSnapshotChunk':
        return this.#nextSnapshotChunk();
      case 'outcomesUnknown':
        this.#unseen.onSeen(message.sequence);
        return this.#service.onOutcomesUnknown(message.sequence);
      case 'restoreBegin':
        return this.#onRestoreBegin();
      case 'restoreChunk':
        this.#service.onRestoreChunk(message.chunk);
        return this.#post({ type: 'chunkRestored' });
      case 'restoreEnd':
        this.#appliedIndex = message.appliedIndex;
        return this.#service.onRestoreEnd(message.appliedIndex);
      case 'askForAnswer':
        return this.#post({ type: 'answer' });
      case 'status':
        this.#status = message.status;
        return;
      case 'failover':
        return this.#failovers.add(message.failover);
      case 'event':
        return this.#onEvent(message.text);
      case 'fatal':
        return this.#onFatal(revive(message));
      case 'stopped':
        return this.#onExit();
      default:
        return message satisfies never;
    }
  }

  #onStarted(): void {
    this.#settleStarted?.resolve();
    this.#settleStarted = undefined;
  }

  #onFatal(error: Error): void {
    const starting = this.#settleStarted;
    this.#settleStarted = undefined;
    if (starting === undefined) return this.#service.onFatal(error);
    starting.reject(error);
    this.#channel.terminate();
  }

  #onCommitted(firstIndex: LogIndex, bytes: Uint8Array): void {
    const node = { nodeId: this.nodeId, incarnation: this.#options.incarnation };
    const batch = new PackedBatch(node, firstIndex, bytes);
    this.#service.onCommitted(batch);
    this.#unseen.onSeen(batch.ownSequenceMax);
    assert(!batch.next(), 'the service takes all of a batch');
    this.#appliedIndex = batch.index;
    this.#unreportedBytes += bytes.length;
    if (isTravelling(bytes.buffer)) this.#emptied.push(bytes.buffer);
    if (this.#unreportedBytes >= LIMITS.appliedReportBytes) this.#reportApplied();
  }

  /** The consensus thread isn't woken for every batch: it only bounds what it hands out. */
  #reportApplied(): void {
    if (this.#unreportedBytes === 0) return;
    const buffers = this.#emptied;
    this.#unreportedBytes = 0;
    this.#emptied = [];
    this.#post({ type: 'applied', index: this.#appliedIndex, buffers }, buffers);
  }

  #onExit(): void {
    this.#stopReporting();
    this.#settleStopped?.();
  }

  #beginSnapshot(): void {
    this.#snapshot = this.#service.beginSnapshot();
    this.#post({ type: 'snapshotBegan', index: this.#appliedIndex });
  }

  #nextSnapshotChunk(): void {
    const next = this.#snapshot?.next();
    const chunk = next === undefined || next.done === true ? undefined : next.value;
    this.#post({ type: 'snapshotChunk', chunk });
  }

  #onRestoreBegin(): void {
    this.#snapshot = undefined;
    this.#service.onRestoreBegin();
  }
}

/** Error objects lose their own fields on the way between threads. */
function revive(message: { readonly error: Error; readonly code: string | undefined }): Error {
  const { error, code } = message;
  return code === undefined ? error : Object.assign(error, { code });
}
