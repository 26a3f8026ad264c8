import { assert } from './assert.ts';
import type { LogIndex, ReadyNumber, Term } from './types.ts';

interface Batch {
  readonly number: ReadyNumber;
  /** Entries up to here are durable with this batch, as far as they still stand; 0: it has none. */
  lastIndex: LogIndex;
  /** The term in which this node voted for itself with this batch; 0: it did not. */
  readonly ownVoteTerm: Term;
}

/**
 * What is durable of the log, while several batches are on their way to the disk at once.
 *
 * An index alone does not name an entry: a batch may write index 5, a later one replace it, and a third
 * bring the first one's entry back. Whoever took the first batch's end for "5 is durable" would
 * promise an entry that the second batch is about to remove. So truncation lowers what every batch on
 * its way stands for; only the last batch to have written an index vouches for it.
 */
export class Persistence {
  /** Everything up to here is durable. persistedIndex <= lastIndex. */
  persistedIndex: LogIndex;
  readonly #batches: Batch[] = [];
  #recorded: ReadyNumber = 0;
  #persisted: ReadyNumber = 0;

  constructor(persistedIndex: LogIndex) {
    this.persistedIndex = persistedIndex;
  }

  /** The batch `number` was handed out, with entries up to `lastIndex` (0: none). */
  record(number: ReadyNumber, lastIndex: LogIndex, ownVoteTerm: Term): void {
    assert(number === this.#recorded + 1, 'batches are numbered without a gap');
    this.#recorded = number;
    if (lastIndex > 0 || ownVoteTerm > 0) this.#batches.push({ number, lastIndex, ownVoteTerm });
  }

  /** Entries from `from` on are being replaced. */
  truncate(from: LogIndex): void {
    this.persistedIndex = Math.min(this.persistedIndex, from - 1);
    for (const batch of this.#batches) batch.lastIndex = Math.min(batch.lastIndex, from - 1);
  }

  /** The log restarts behind a durable snapshot; batches on their way stand for nothing any more. */
  restart(snapshotIndex: LogIndex): void {
    this.persistedIndex = snapshotIndex;
    for (const batch of this.#batches) batch.lastIndex = 0;
  }

  /**
   * Everything up to batch `number` is durable. Returns the newest term in which this node's vote for
   * itself became durable thereby, or 0.
   */
  complete(number: ReadyNumber): Term {
    assert(number <= this.#recorded, 'only a batch that was handed out is persisted');
    assert(number > this.#persisted, 'batches are persisted in order, each once');
    this.#persisted = number;
    let ownVoteTerm: Term = 0;
    let done = 0;
    for (const batch of this.#batches) {
      if (batch.number > number) break;
      this.persistedIndex = Math.max(this.persistedIndex, batch.lastIndex);
      ownVoteTerm = Math.max(ownVoteTerm, batch.ownVoteTerm);
      done += 1;
    }
    this.#batches.splice(0, done);
    return ownVoteTerm;
  }
}
