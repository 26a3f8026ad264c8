import type { LogIndex, RaftNode } from '@bellwether/raft';
import type { LogStore, SnapshotWriter } from '@bellwether/storage';
import { assert } from '../assert.ts';
import { LIMITS } from '../limits.ts';
import type { ServicePort } from './service-port.ts';

/**
 * Takes a snapshot when the log has grown enough since the last one: asks the service thread for
 * chunk after chunk (so never more than one is in memory), makes it durable, and lets go of the log
 * behind it, but for a tail that saves a node that was away briefly from needing the snapshot.
 */
export class SnapshotTaker {
  readonly #core: RaftNode;
  readonly #log: LogStore;
  readonly #service: ServicePort;
  readonly #onFatal: (error: Error) => void;
  #isAsked = false;
  #writer: SnapshotWriter | undefined;
  #bytesAtLast: number;

  constructor(
    core: RaftNode,
    log: LogStore,
    service: ServicePort,
    onFatal: (error: Error) => void,
  ) {
    this.#core = core;
    this.#log = log;
    this.#service = service;
    this.#onFatal = onFatal;
    this.#bytesAtLast = 0;
  }

  /** Called as entries are applied. */
  onProgress(): void {
    if (this.#isAsked) return;
    if (this.#log.appendedBytes - this.#bytesAtLast < LIMITS.snapshotAfterBytes) return;
    this.begin();
  }

  /** Asks for a snapshot now; nothing happens when one is under way. */
  begin(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.#bytesAtLast = this.#log.appendedBytes;
    this.#service.beginSnapshot();
  }

  /** The service's state is kept as it is at `index`. */
  onBegan(index: LogIndex): void {
    if (!this.#isAsked || index <= this.#log.snapshot().index) return this.#giveUp();
    const metadata = {
      index,
      term: this.#log.term(index),
      membership: this.#core.membershipAt(index),
    };
    this.#writer = this.#log.beginSnapshot(metadata);
    this.#service.nextSnapshotChunk();
  }

  onChunk(chunk: Uint8Array | undefined): void {
    const writer = this.#writer;
    if (writer === undefined) return;
    if (chunk !== undefined) {
      writer.write(chunk);
      return this.#service.nextSnapshotChunk();
    }
    writer.commit((error) => {
      if (error !== undefined) return this.#onFatal(error);
      if (this.#writer === writer) this.#onDurable();
    });
  }

  /** The service is being restored from elsewhere: what was under way is void. */
  abandon(): void {
    this.#writer?.abort();
    this.#giveUp();
  }

  #giveUp(): void {
    this.#writer = undefined;
    this.#isAsked = false;
  }

  #onDurable(): void {
    this.#giveUp();
    const index = this.#log.snapshot().index - LIMITS.entriesKeptBehindSnapshot;
    assert(index < this.#log.lastIndex(), 'a snapshot lies within the log');
    if (index >= this.#log.firstIndex()) this.#log.truncatePrefix(index);
  }
}
