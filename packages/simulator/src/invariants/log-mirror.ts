import type { Entry, LogIndex, Membership, Term } from '@bellwether/raft';
import { decodeMembership } from '@bellwether/raft';
import type { LogStore } from '@bellwether/storage';
import { hashBytes } from '../random.ts';

const READ_BYTES_MAX = 1 << 16;

export interface MirroredEntry {
  readonly term: Term;
  readonly hash: number;
  /** Of an entry that brings one. */
  readonly membership: Membership | undefined;
}

/** Of an entry's kind, term and data. */
function hashOf(entry: Entry): number {
  return hashBytes(entry.data, hashBytes(Uint8Array.of(entry.term, entry.kind.length)));
}

function mirrorOf(entry: Entry): MirroredEntry {
  const decoded = entry.kind === 'membership' ? decodeMembership(entry.data) : undefined;
  const membership = decoded?.outcome === 'decoded' ? decoded.membership : undefined;
  return { term: entry.term, hash: hashOf(entry), membership };
}

/**
 * What was last seen in one node's log, so that after an event only what is new needs to be looked
 * at: entries below the newest one that is still the same are taken to be the same, and a look at
 * everything, now and then, makes sure of it.
 */
export class LogMirror {
  #entries: (MirroredEntry | undefined)[] = [];
  #lastIndex: LogIndex = 0;
  #lastTerm: Term = 0;

  /** Something was seen of the log. */
  get hasLooked(): boolean {
    return this.#lastIndex > 0;
  }

  get(index: LogIndex): MirroredEntry | undefined {
    return this.#entries[index];
  }

  /** That of the newest entry before `index` that brings one; the snapshot's if that is newer. */
  membershipBefore(index: LogIndex, log: LogStore): Membership | undefined {
    const { index: snapshotIndex, membership } = log.snapshot();
    for (let at = index - 1; at >= log.firstIndex(); at--) {
      const found = this.#entries[at]?.membership;
      if (found !== undefined) return found;
    }
    return snapshotIndex > 0 && snapshotIndex < index ? membership : undefined;
  }

  isCurrent(log: LogStore): boolean {
    const lastIndex = log.lastIndex();
    return lastIndex === this.#lastIndex && log.term(lastIndex) === this.#lastTerm;
  }

  /** Looks at what is new; calls `onEntry` for each such entry, in order. */
  update(log: LogStore, onEntry: (entry: Entry, mirrored: MirroredEntry) => void): void {
    let from = Math.min(this.#lastIndex, log.lastIndex());
    while (from >= log.firstIndex() && this.#entries[from]?.term !== log.term(from)) from -= 1;
    this.#read(log, Math.max(from + 1, log.firstIndex()), onEntry);
  }

  /** Looks at everything. */
  readAll(log: LogStore, onEntry: (entry: Entry, mirrored: MirroredEntry) => void): void {
    this.#read(log, log.firstIndex(), onEntry);
  }

  #read(
    log: LogStore,
    from: LogIndex,
    onEntry: (entry: Entry, mirrored: MirroredEntry) => void,
  ): void {
    this.#lastIndex = log.lastIndex();
    this.#lastTerm = log.term(this.#lastIndex);
    this.#entries.length = Math.min(this.#entries.length, this.#lastIndex + 1);
    for (let next = from; next <= this.#lastIndex;) {
      for (const entry of log.entries(next, this.#lastIndex, READ_BYTES_MAX)) {
        const mirrored = mirrorOf(entry);
        this.#entries[entry.index] = mirrored;
        onEntry(entry, mirrored);
        next = entry.index + 1;
      }
    }
  }
}
