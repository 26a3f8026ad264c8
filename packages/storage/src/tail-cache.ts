import type { Entry, LogIndex } from '@bellwether/raft';
import { assert } from './assert.ts';
import type { StorageLimits } from './limits.ts';

/** A view may keep a buffer of at most this many times its own bytes, and so many more, in memory. */
const PINNED_FACTOR_MAX = 2;
const PINNED_SLACK_BYTES = 1024;

/**
 * The newest entries as objects, for replication. Holds at most `bytesMax` of data and `entriesMax`
 * entries, except that entries above the persisted index always stay: they are nowhere else. Of those
 * that were released it holds `bytesKept`: what goes soon costs the collector next to nothing, while
 * what has grown old is copied twice and makes it look at everything.
 *
 * An entry's data is often a view into a buffer of the network. Neighbours that share a buffer are
 * looked at together: if they make up half of it, they stay as they are, since they are evicted
 * together too; if not, their data is copied into one slab of their own, so that a few small entries
 * don't keep large buffers in memory.
 */
export class TailCache {
  readonly #bytesMax: number;
  readonly #entriesMax: number;
  readonly #bytesKept: number;
  /** #entries[#head] has index #firstIndex; what is before #head has been evicted. */
  #entries: (Entry | undefined)[] = [];
  #head = 0;
  #firstIndex: LogIndex;
  #bytes = 0;
  #releasedIndex: LogIndex = 0;

  constructor(
    nextIndex: LogIndex,
    limits: Pick<StorageLimits, 'cacheBytesMax' | 'cacheEntriesMax' | 'cacheBytesKept'>,
  ) {
    this.#firstIndex = nextIndex;
    this.#bytesMax = limits.cacheBytesMax;
    this.#entriesMax = limits.cacheEntriesMax;
    this.#bytesKept = limits.cacheBytesKept;
  }

  /** The oldest entry that is held; the next index when there is none. */
  get firstIndex(): LogIndex {
    return this.#firstIndex;
  }

  get count(): number {
    return this.#entries.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(index: LogIndex): Entry {
    const entry = this.#entries[this.#head + index - this.#firstIndex];
    assert(entry !== undefined, 'the entry is in the cache');
    return entry;
  }

  /** The entries are consecutive and follow the last one. */
  add(entries: readonly Entry[]): void {
    let from = 0;
    while (from < entries.length) {
      const to = this.#endOfSharedBuffer(entries, from);
      this.#addShared(entries, from, to);
      from = to;
    }
  }

  /** Forgets the entries from `index` on; the next one will be `index`. */
  removeFrom(index: LogIndex): void {
    if (index <= this.#firstIndex) return this.restart(index);
    while (this.#firstIndex + this.count > index) {
      this.#bytes -= (this.#entries.pop() as Entry).data.length;
    }
  }

  /** Forgets everything; the next one will be `nextIndex`. */
  restart(nextIndex: LogIndex): void {
    this.#entries = [];
    this.#head = 0;
    this.#bytes = 0;
    this.#firstIndex = nextIndex;
  }

  /** Entries up to `index` are not needed soon; they go with the next `evict`. */
  release(index: LogIndex): void {
    this.#releasedIndex = index;
  }

  /** Evicts the oldest while there are too many, up to `persistedIndex`. */
  evict(persistedIndex: LogIndex): void {
    while (this.#hasTooMany() && this.#firstIndex <= persistedIndex) {
      this.#bytes -= (this.#entries[this.#head] as Entry).data.length;
      this.#entries[this.#head] = undefined;
      this.#head += 1;
      this.#firstIndex += 1;
    }
    if (this.#head > 1024 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
  }

  #hasTooMany(): boolean {
    const bytesMax = this.#firstIndex <= this.#releasedIndex ? this.#bytesKept : this.#bytesMax;
    return this.#bytes > bytesMax || this.count > this.#entriesMax;
  }

  #endOfSharedBuffer(entries: readonly Entry[], from: number): number {
    const buffer = (entries[from] as Entry).data.buffer;
    let to = from + 1;
    while (to < entries.length && (entries[to] as Entry).data.buffer === buffer) to += 1;
    return to;
  }

  #addShared(entries: readonly Entry[], from: number, to: number): void {
    let bytes = 0;
    for (let at = from; at < to; at += 1) bytes += (entries[at] as Entry).data.length;
    this.#bytes += bytes;
    const pinned = (entries[from] as Entry).data.buffer.byteLength;
    const isCopied = pinned > PINNED_FACTOR_MAX * bytes + PINNED_SLACK_BYTES;
    const slab = isCopied ? new Uint8Array(bytes) : undefined;
    let used = 0;
    for (let at = from; at < to; at += 1) {
      const entry = entries[at] as Entry;
      this.#entries.push(slab === undefined ? entry : copied(entry, slab, used));
      used += entry.data.length;
    }
  }
}

function copied({ index, term, kind, data }: Entry, slab: Uint8Array, at: number): Entry {
  slab.set(data, at);
  return { index, term, kind, data: slab.subarray(at, at + data.length) };
}
