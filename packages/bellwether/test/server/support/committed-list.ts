import type { CommittedBatch } from '@bellwether/cluster';
import type { EntryKind, LogIndex, NodeId, Term } from '@bellwether/raft';

export interface ListedEntry {
  readonly index: LogIndex;
  readonly term: Term;
  readonly kind: EntryKind;
  readonly isOwn: boolean;
  readonly origin: NodeId;
  readonly sequence: number;
  readonly timeMs: number;
  readonly payload: Uint8Array;
}

const BEFORE_FIRST: ListedEntry = {
  index: 0,
  term: 0,
  kind: 'noop',
  isOwn: false,
  origin: 0,
  sequence: 0,
  timeMs: 0,
  payload: new Uint8Array(0),
};

/** A batch of committed entries over an array. */
export class CommittedList implements CommittedBatch {
  readonly #entries: readonly ListedEntry[];
  #at = -1;
  #entry: ListedEntry = BEFORE_FIRST;

  constructor(entries: readonly ListedEntry[]) {
    this.#entries = entries;
  }

  next(): boolean {
    const entry = this.#entries[this.#at + 1];
    if (entry === undefined) return false;
    this.#at++;
    this.#entry = entry;
    return true;
  }

  get index(): LogIndex {
    return this.#entry.index;
  }
  get term(): Term {
    return this.#entry.term;
  }
  get kind(): EntryKind {
    return this.#entry.kind;
  }
  get isOwn(): boolean {
    return this.#entry.isOwn;
  }
  get origin(): NodeId {
    return this.#entry.origin;
  }
  get sequence(): number {
    return this.#entry.sequence;
  }
  get timeMs(): number {
    return this.#entry.timeMs;
  }
  get payload(): Uint8Array {
    return this.#entry.payload;
  }
}
