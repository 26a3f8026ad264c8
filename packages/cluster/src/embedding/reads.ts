import type { LogIndex, ReadBasis, RequestId } from '@bellwether/raft';
import { ClusterError } from '../errors.ts';
import { forgotten, type Forget, type Waiter } from './waiter.ts';

/** Asks for a read index; the answer comes by `onReadIndex`. */
export interface ReadIndexer {
  readIndex(basis: ReadBasis): RequestId;
}

interface Reader extends Waiter<void> {
  readonly index: LogIndex;
}

/** Waits for an answer to which nobody listens any more. */
const NOBODY: Waiter<LogIndex> = { resolve: () => undefined, reject: () => undefined };

/** Those who wait until what they read is new enough: first for an index, then for its being applied. */
export class Reads {
  readonly #readsMax: number;
  /** Wait for their index. */
  readonly #asked = new Map<RequestId, Waiter<LogIndex>>();
  /** Wait until their index is applied. */
  readonly #readers = new Set<Reader>();

  constructor(readsMax: number) {
    this.#readsMax = readsMax;
  }

  /** What nobody waits for any more counts until it is answered: below, it is held for so long. */
  get count(): number {
    return this.#asked.size + this.#readers.size;
  }

  /** Resolves with a read index, at once when it is known, applied or not. */
  ask(indexer: ReadIndexer, basis: ReadBasis, waiter: Waiter<LogIndex>): Forget {
    if (this.count >= this.#readsMax) {
      waiter.reject(new ClusterError('OVERLOADED', `${this.count} reads are under way`));
      return forgotten;
    }
    const requestId = indexer.readIndex(basis);
    this.#asked.set(requestId, waiter);
    return () => {
      if (this.#asked.has(requestId)) this.#asked.set(requestId, NOBODY);
    };
  }

  /** Resolves as soon as `index` is applied. */
  awaitApplied(index: LogIndex, waiter: Waiter<void>): Forget {
    const reader: Reader = {
      index,
      resolve: () => waiter.resolve(),
      reject: (error) => waiter.reject(error),
    };
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  onReadIndex(requestId: RequestId, index: LogIndex): void {
    const waiter = this.#asked.get(requestId);
    this.#asked.delete(requestId);
    waiter?.resolve(index);
  }

  onApplied(appliedIndex: LogIndex): void {
    if (this.#readers.size === 0) return;
    for (const reader of this.#readers) {
      if (reader.index > appliedIndex) continue;
      this.#readers.delete(reader);
      reader.resolve();
    }
  }

  rejectAll(error: Error): void {
    for (const waiter of [...this.#asked.values(), ...this.#readers]) waiter.reject(error);
    this.#asked.clear();
    this.#readers.clear();
  }
}
