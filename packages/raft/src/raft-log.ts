import { assert } from './assert.ts';
import { Persistence } from './persistence.ts';
import type {
  Entry,
  EntryId,
  LogIndex,
  LogReader,
  ReadyNumber,
  SnapshotMetadata,
  Term,
} from './types.ts';

const NO_ENTRIES: readonly Entry[] = [];

/**
 * The log as the rest of the core sees it: what the runtime has, and behind it what was appended since
 * the last Ready.
 *
 * Invariants: appliedIndex <= deliveredIndex <= min(commitIndex, persistedIndex);
 * commitIndex <= lastIndex; persistedIndex <= lastIndex.
 */
export class RaftLog {
  readonly #reader: LogReader;
  readonly #persistence: Persistence;
  /** Not handed out yet. pending[0] has index pendingFirst; the reader has everything before. */
  #pending: Entry[] = [];
  #pendingFirst: LogIndex;
  #pendingBytes = 0;
  /** The log restarts behind it; not handed out yet. */
  #snapshot: SnapshotMetadata | undefined;
  #commitIndex: LogIndex;
  #deliveredIndex: LogIndex;
  #appliedIndex: LogIndex;

  constructor(reader: LogReader) {
    const snapshot = reader.snapshot();
    const lastIndex = reader.lastIndex();
    const { commit } = reader.hardState();
    assert(reader.firstIndex() <= snapshot.index + 1, 'no gap between snapshot and log');
    assert(snapshot.index <= lastIndex, 'the log reaches to the snapshot');
    assert(commit <= lastIndex, 'only durable entries are known as committed after a restart');
    this.#reader = reader;
    this.#persistence = new Persistence(lastIndex);
    this.#pendingFirst = lastIndex + 1;
    this.#commitIndex = Math.max(commit, snapshot.index);
    this.#deliveredIndex = snapshot.index;
    this.#appliedIndex = snapshot.index;
  }

  get firstIndex(): LogIndex {
    return this.#snapshot === undefined ? this.#reader.firstIndex() : this.#snapshot.index + 1;
  }

  get lastIndex(): LogIndex {
    return this.#pendingFirst + this.#pending.length - 1;
  }

  get lastTerm(): Term {
    return this.term(this.lastIndex);
  }

  get persistedIndex(): LogIndex {
    return this.#persistence.persistedIndex;
  }

  get commitIndex(): LogIndex {
    return this.#commitIndex;
  }

  /** Committed entries up to here were handed out. */
  get deliveredIndex(): LogIndex {
    return this.#deliveredIndex;
  }

  get appliedIndex(): LogIndex {
    return this.#appliedIndex;
  }

  /** How far entries may be handed out: decided, and durable here. */
  get deliverableIndex(): LogIndex {
    return Math.min(this.#commitIndex, this.#persistence.persistedIndex);
  }

  /** Whether a Ready would carry entries or a snapshot to be persisted. */
  get hasPending(): boolean {
    return this.#pending.length > 0 || this.#snapshot !== undefined;
  }

  /** The newest durable snapshot, for followers who are behind the log's first entry. */
  snapshot(): SnapshotMetadata {
    return this.#snapshot ?? this.#reader.snapshot();
  }

  /** Term at `index`; firstIndex - 1 <= index <= lastIndex. */
  term(index: LogIndex): Term {
    if (index >= this.#pendingFirst) {
      const entry = this.#pending[index - this.#pendingFirst];
      assert(entry !== undefined, 'index <= lastIndex');
      return entry.term;
    }
    if (this.#snapshot !== undefined) {
      assert(index === this.#snapshot.index, 'index >= firstIndex - 1');
      return this.#snapshot.term;
    }
    return this.#reader.term(index);
  }

  /** Whether the log holds exactly this entry, or begins right behind it. */
  has(id: EntryId): boolean {
    if (id.index < this.firstIndex - 1 || id.index > this.lastIndex) return false;
    return this.term(id.index) === id.term;
  }

  /** Whether a log that ends with `id` is at least as complete as this one (Raft section 5.4.1). */
  isUpToDate(id: EntryId): boolean {
    const lastTerm = this.lastTerm;
    return id.term > lastTerm || (id.term === lastTerm && id.index >= this.lastIndex);
  }

  /**
   * The largest index <= `index` whose term is at most `term`: everything above surely differs from a
   * log with that term at `index` (Raft section 5.3, the faster way back). firstIndex - 2 if there is
   * none: the answer lies in what the log has dropped.
   */
  lastIndexWithTermAtMost(index: LogIndex, term: Term): LogIndex {
    const lowest = this.firstIndex - 1;
    let at = Math.min(index, this.lastIndex);
    while (at >= lowest && at > 0 && this.term(at) > term) at -= 1;
    return at;
  }

  /** Entries from `from` on, as many as one message takes; at least one. from <= lastIndex. */
  slice(from: LogIndex, bytesMax: number): readonly Entry[] {
    assert(from <= this.lastIndex, 'there is something to slice');
    if (from < this.#pendingFirst) {
      return this.#reader.entries(from, this.#pendingFirst - 1, bytesMax);
    }
    // The whole batch is shared by all followers and by the Ready itself.
    if (from === this.#pendingFirst && this.#pendingBytes <= bytesMax) return this.#pending;
    return limitBytes(this.#pending, from - this.#pendingFirst, this.#pending.length - 1, bytesMax);
  }

  append(entry: Entry): void {
    assert(entry.index === this.lastIndex + 1, 'entries are consecutive');
    this.#pending.push(entry);
    this.#pendingBytes += entry.data.length;
  }

  /** Removes the entries from `from` on, so that others take their place. */
  truncateSuffix(from: LogIndex): void {
    assert(from > this.#commitIndex, 'committed entries are never removed');
    assert(from <= this.lastIndex, 'there is something to remove');
    this.#persistence.truncate(from);
    const kept = Math.max(0, from - this.#pendingFirst);
    this.#pending = this.#pending.slice(0, kept);
    this.#pendingFirst = Math.min(this.#pendingFirst, from);
    this.#pendingBytes = bytesOf(this.#pending);
  }

  /** Everything is replaced by `snapshot`, which is durable and whose state is taken as applied. */
  restart(snapshot: SnapshotMetadata): void {
    assert(snapshot.index > this.#commitIndex, 'a snapshot only ever leads forward');
    this.#snapshot = snapshot;
    this.#pending = [];
    this.#pendingFirst = snapshot.index + 1;
    this.#pendingBytes = 0;
    this.#persistence.restart(snapshot.index);
    this.#commitIndex = snapshot.index;
    this.#deliveredIndex = snapshot.index;
    this.#appliedIndex = snapshot.index;
  }

  /** Entries up to `index` are decided. Returns whether that was news. */
  commitTo(index: LogIndex): boolean {
    if (index <= this.#commitIndex) return false;
    assert(index <= this.lastIndex, 'only entries that are there are committed');
    this.#commitIndex = index;
    return true;
  }

  onApplied(index: LogIndex): void {
    assert(index <= this.#deliveredIndex, 'only entries that were handed out are applied');
    // Behind a snapshot that arrived meanwhile, applying what came before is no news.
    this.#appliedIndex = Math.max(this.#appliedIndex, index);
  }

  /** Returns the term in which this node's vote for itself became durable, or 0. */
  onPersisted(number: ReadyNumber): Term {
    return this.#persistence.complete(number);
  }

  /** Hands out committed entries that are durable here, in order, each once. */
  takeCommitted(bytesMax: number): readonly Entry[] {
    const to = this.deliverableIndex;
    if (to <= this.#deliveredIndex) return NO_ENTRIES;
    const entries = this.#reader.entries(this.#deliveredIndex + 1, to, bytesMax);
    assert(entries[0]?.index === this.#deliveredIndex + 1, 'the log has what it said it had');
    this.#deliveredIndex += entries.length;
    assert(this.#deliveredIndex <= to, 'the log gives no more than was asked for');
    return entries;
  }

  /** Hands out what was appended since the last time, as batch `number`. */
  takePending(number: ReadyNumber, ownVoteTerm: Term): readonly Entry[] {
    assert(
      this.#snapshot !== undefined || this.#reader.lastIndex() >= this.#pendingFirst - 1,
      'the runtime appended the entries of the last Ready',
    );
    const entries = this.#pending;
    this.#persistence.record(number, entries.length > 0 ? this.lastIndex : 0, ownVoteTerm);
    if (entries.length === 0) return NO_ENTRIES;
    this.#pendingFirst += entries.length;
    this.#pending = [];
    this.#pendingBytes = 0;
    return entries;
  }

  /** Hands out the snapshot behind which the log restarts, if one came. */
  takeSnapshot(): SnapshotMetadata | undefined {
    const snapshot = this.#snapshot;
    this.#snapshot = undefined;
    return snapshot;
  }
}

/** Bytes of data in `entries`. */
export function bytesOf(entries: readonly Entry[]): number {
  let bytes = 0;
  for (const entry of entries) bytes += entry.data.length;
  return bytes;
}

/** Entries at positions `from`..`to`, cut off after `bytesMax` bytes of data, but at least one. */
export function limitBytes(
  entries: readonly Entry[],
  from: number,
  to: number,
  bytesMax: number,
): readonly Entry[] {
  let bytes = 0;
  let end = from;
  while (end <= to) {
    bytes += (entries[end] as Entry).data.length;
    if (bytes > bytesMax && end > from) break;
    end += 1;
  }
  return entries.slice(from, end);
}
