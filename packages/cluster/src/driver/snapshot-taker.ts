import type { LogIndex, RaftNode } from '@bellwether/raft';
import type { LogStore, SnapshotWriter } from '@bellwether/storage';
import { STORAGE_LIMITS } from '@bellwether/storage';
import { assert } from '../assert.ts';
import { LIMITS } from '../limits.ts';
import { encodePreamble } from './snapshot-preamble.ts';
import type { ServicePort } from './service-port.ts';

/** When a snapshot is taken, and how much of the log is kept behind it. */
export interface LogRetention {
  /** Bytes of entries since the last snapshot after which the next is taken. */
  readonly snapshotAfterBytes: number;
  /** Entries kept behind a snapshot, so that a node that was away briefly needs no snapshot. */
  readonly entriesKept: number;
  /** Size of a segment of the log; the log is let go of by whole segments. */
  readonly segmentBytes: number;
}

export const DEFAULT_RETENTION: LogRetention = {
  snapshotAfterBytes: LIMITS.snapshotAfterBytes,
  entriesKept: LIMITS.entriesKeptBehindSnapshot,
  segmentBytes: STORAGE_LIMITS.segmentBytes,
};

interface Owner {
  readonly core: RaftNode;
  readonly log: LogStore;
  readonly restorer: { readonly isRestoring: boolean };
}

/**
 * Takes a snapshot when the log has grown enough since the last one: asks the service thread for
 * chunk after chunk (so never more than one is in memory), makes it durable, and lets go of the log
 * behind it, but for a tail that saves a node that was away briefly from needing the snapshot.
 */
export class SnapshotTaker {
  readonly #owner: Owner;
  readonly #core: RaftNode;
  readonly #log: LogStore;
  readonly #retention: LogRetention;
  readonly #service: ServicePort;
  readonly #onFailed: (error: Error) => void;
  #isAsked = false;
  #writer: SnapshotWriter | undefined;
  /** Bytes of entries delivered since the last snapshot was begun. */
  #bytes = 0;

  constructor(
    owner: Owner,
    retention: LogRetention,
    service: ServicePort,
    onFailed: (error: Error) => void,
  ) {
    this.#owner = owner;
    this.#core = owner.core;
    this.#log = owner.log;
    this.#retention = retention;
    this.#service = service;
    this.#onFailed = onFailed;
  }

  onDelivered(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Called as entries are applied. */
  onProgress(): void {
    if (!this.#isAsked && this.#bytes >= this.#retention.snapshotAfterBytes) this.begin();
  }

  /**
   * Asks for a snapshot now; nothing happens when one is under way, or while the service is being
   * restored: what it says of what it had applied before may come late.
   */
  begin(): void {
    if (this.#isAsked || this.#owner.restorer.isRestoring) return;
    this.#isAsked = true;
    this.#bytes = 0;
    this.#service.beginSnapshot();
  }

  /** The service's state is kept as it is at `index`; no command up to there is later than `timeMs`. */
  onBegan(index: LogIndex, timeMs: number): void {
    if (!this.#isAsked || index <= this.#log.snapshot().index) return this.#giveUp();
    const metadata = {
      index,
      term: this.#log.term(index),
      membership: this.#core.membershipAt(index),
    };
    this.#attempt(() => {
      this.#writer = this.#log.beginSnapshot(metadata);
      this.#writer.write(encodePreamble({ timeMs }));
    });
  }

  onChunk(chunk: Uint8Array | undefined): void {
    const writer = this.#writer;
    if (writer === undefined) return;
    if (chunk !== undefined) return this.#attempt(() => writer.write(chunk));
    writer.commit((error) => {
      if (this.#writer !== writer) return;
      if (error === undefined) return this.#onDurable(writer.metadata.index);
      this.#giveUp();
      this.#onFailed(error);
    });
  }

  /** The log goes on without a snapshot that can't be written, say on a full disk; the next one may. */
  #attempt(write: () => void): void {
    try {
      write();
      this.#service.nextSnapshotChunk();
    } catch (error) {
      this.abandon();
      this.#onFailed(error instanceof Error ? error : new Error(String(error)));
    }
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

  /** A newer snapshot may have come from a peer meanwhile; it is not installed yet. */
  #onDurable(snapshotIndex: LogIndex): void {
    this.#giveUp();
    assert(snapshotIndex <= this.#log.lastIndex(), 'a snapshot lies within the log');
    const index = snapshotIndex - this.#retention.entriesKept;
    if (index >= this.#log.firstIndex()) this.#log.truncatePrefix(index);
  }
}
