import { checkNodeInvariants } from '../../src/invariants.ts';
import type { InvariantSnapshot } from '../../src/invariants.ts';
import type { MemoryLog } from '../../src/memory-log.ts';
import type { Message } from '../../src/messages.ts';
import { RaftNode } from '../../src/raft-node.ts';
import type { Ready } from '../../src/ready.ts';
import type { Entry, Membership, NodeId, Random, RaftConfig } from '../../src/types.ts';

export interface NodeOptions {
  readonly config: RaftConfig;
  readonly random: Random;
  readonly durable: MemoryLog;
}

export interface NodeEvents {
  onReady(node: TestNode, ready: Ready): void;
  onSend(message: Message): void;
  onPersisted(node: TestNode, ready: Ready): void;
}

export const EMPTY_MEMBERSHIP: Membership = { voters: [], votersOutgoing: [], learners: [] };

export function testConfig(id: NodeId, initialMembership: Membership): RaftConfig {
  return {
    id,
    initialMembership,
    electionTicksMin: 10,
    electionTicksSpread: 10,
    heartbeatTicks: 1,
    appendBytesMax: 1024,
    inflightMessagesMax: 8,
    inflightBytesMax: 4096,
    uncommittedBytesMax: 65_536,
    committedBytesMax: 65_536,
    leaseReads: false,
    priorities: new Map(),
  };
}

/** A node as a runtime would drive it, with a disk that loses on a crash what was not flushed. */
export class TestNode {
  readonly options: NodeOptions;
  readonly events: NodeEvents;
  /** What a crash leaves. */
  durable: MemoryLog;
  /** What the node reads. */
  log: MemoryLog;
  node: RaftNode;
  isUp = true;
  readonly unflushed: Ready[] = [];
  #previous: InvariantSnapshot | undefined;

  constructor(options: NodeOptions, events: NodeEvents) {
    this.options = options;
    this.events = events;
    this.durable = options.durable;
    this.log = this.durable.clone();
    this.node = this.#open();
  }

  get id(): NodeId {
    return this.options.config.id;
  }

  /** Takes and does all work, except that nothing is flushed. */
  work(): void {
    this.check();
    while (this.isUp && this.node.hasReady()) {
      const ready = this.node.ready();
      this.log.write(ready);
      this.unflushed.push(ready);
      this.events.onReady(this, ready);
      for (const message of ready.messages) this.events.onSend(message);
      this.#apply(ready.committedEntries);
      this.check();
    }
  }

  /** Flushes the oldest `count` batches, all as one. */
  flush(count = this.unflushed.length): void {
    const batches = this.unflushed.splice(0, count);
    const last = batches[batches.length - 1];
    if (last === undefined) return;
    for (const ready of batches) this.durable.write(ready);
    for (const ready of batches) {
      this.events.onPersisted(this, ready);
      for (const message of ready.messagesAfterPersist) this.events.onSend(message);
    }
    this.node.onPersisted(last.number);
    this.check();
  }

  crash(): void {
    this.isUp = false;
    this.unflushed.length = 0;
    this.log = this.durable.clone();
  }

  restart(): void {
    this.isUp = true;
    this.log = this.durable.clone();
    this.node = this.#open();
  }

  /** A snapshot of the own state at the applied index; the log keeps `keep` entries before it. */
  compact(index: number, keep: number): void {
    const membership = this.node.membershipAt(index);
    const snapshot = { index, term: this.log.term(index), membership };
    for (const log of [this.log, this.durable]) {
      if (index <= log.snapshot().index) continue;
      log.saveSnapshot(snapshot);
      log.truncatePrefix(Math.max(0, index - keep));
    }
  }

  check(): void {
    this.#previous = checkNodeInvariants(this.node, this.#previous);
  }

  #open(): RaftNode {
    const { config, random } = this.options;
    this.#previous = undefined;
    return new RaftNode(config, this.log, random);
  }

  #apply(entries: readonly Entry[]): void {
    const last = entries[entries.length - 1];
    if (last !== undefined) this.node.onApplied(last.index);
  }
}
