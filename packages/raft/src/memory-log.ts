import { assert } from './assert.ts';
import { limitBytes } from './raft-log.ts';
import type { Ready } from './ready.ts';
import type { Entry, HardState, LogIndex, LogReader, SnapshotMetadata, Term } from './types.ts';

const NO_SNAPSHOT: SnapshotMetadata = {
  index: 0,
  term: 0,
  membership: { voters: [], votersOutgoing: [], learners: [] },
};

/** The log in memory: for tests, for the simulator, and as the plainest statement of what a log does. */
export class MemoryLog implements LogReader {
  #entries: Entry[] = [];
  /** Where the log begins: the entry before the first. Its term is kept. */
  #base: { readonly index: LogIndex; readonly term: Term } = { index: 0, term: 0 };
  #snapshot: SnapshotMetadata = NO_SNAPSHOT;
  #hardState: HardState = { term: 0, vote: 0, commit: 0 };

  firstIndex(): LogIndex {
    return this.#base.index + 1;
  }

  lastIndex(): LogIndex {
    return this.#base.index + this.#entries.length;
  }

  term(index: LogIndex): Term {
    if (index === this.#base.index) return this.#base.term;
    return this.#at(index).term;
  }

  entries(from: LogIndex, to: LogIndex, bytesMax: number): readonly Entry[] {
    assert(from >= this.firstIndex(), 'from >= firstIndex');
    assert(to <= this.lastIndex(), 'to <= lastIndex');
    assert(from <= to, 'from <= to');
    return limitBytes(this.#entries, this.#offset(from), this.#offset(to), bytesMax);
  }

  snapshot(): SnapshotMetadata {
    return this.#snapshot;
  }

  hardState(): HardState {
    return this.#hardState;
  }

  setHardState(hardState: HardState): void {
    this.#hardState = hardState;
  }

  /** Appends consecutive entries; from the first one's index on, what was there is replaced. */
  append(entries: readonly Entry[]): void {
    const first = entries[0];
    if (first === undefined) return;
    assert(first.index > this.#base.index, 'what was dropped stays dropped');
    assert(first.index <= this.lastIndex() + 1, 'no gap');
    this.#entries.length = this.#offset(first.index);
    for (const entry of entries) this.#entries.push(entry);
  }

  /** A snapshot of this node's own is durable; the log is kept. */
  saveSnapshot(snapshot: SnapshotMetadata): void {
    assert(snapshot.index >= this.#snapshot.index, 'snapshots only lead forward');
    assert(this.term(snapshot.index) === snapshot.term, 'the snapshot is of this log');
    this.#snapshot = snapshot;
  }

  /** Drops the entries up to `index`, which a snapshot covers. */
  truncatePrefix(index: LogIndex): void {
    assert(index <= this.#snapshot.index, 'only what a snapshot covers is dropped');
    if (index <= this.#base.index) return;
    const base = { index, term: this.term(index) };
    this.#entries = this.#entries.slice(index - this.#base.index);
    this.#base = base;
  }

  /** The log restarts behind another node's snapshot. */
  restore(snapshot: SnapshotMetadata): void {
    this.#entries = [];
    this.#base = { index: snapshot.index, term: snapshot.term };
    this.#snapshot = snapshot;
  }

  /** Does what a Ready asks of the log, in its order. */
  write(ready: Ready): void {
    if (ready.snapshot !== undefined) this.restore(ready.snapshot);
    this.append(ready.entries);
    if (ready.hardState !== undefined) this.setHardState(ready.hardState);
  }

  /** An independent copy. */
  clone(): MemoryLog {
    const copy = new MemoryLog();
    copy.#entries = [...this.#entries];
    copy.#base = this.#base;
    copy.#snapshot = this.#snapshot;
    copy.#hardState = this.#hardState;
    return copy;
  }

  #offset(index: LogIndex): number {
    return index - this.#base.index - 1;
  }

  #at(index: LogIndex): Entry {
    const entry = this.#entries[this.#offset(index)];
    assert(entry !== undefined, 'firstIndex - 1 <= index <= lastIndex');
    return entry;
  }
}
