import type { Entry, LogIndex, LogReader } from '@bellwether/raft';
import { LIMITS } from '../limits.ts';
import type { ServicePort } from './service-port.ts';

interface Batch {
  readonly lastIndex: LogIndex;
  readonly bytes: number;
}

/** Rough cost of an entry besides its data, so that many empty ones are bounded too. */
const ENTRY_OVERHEAD_BYTES = 64;

const costOf = (entries: readonly Entry[]): number =>
  entries.reduce((sum, entry) => sum + entry.data.length + ENTRY_OVERHEAD_BYTES, 0);

/**
 * Hands committed entries to the service thread, never more than `deliveredBytesMax` ahead of what
 * it has applied: a slow state machine makes entries wait in the log, not in a queue.
 */
export class Delivery {
  readonly #log: LogReader;
  readonly #service: ServicePort;
  readonly #observe: (entry: Entry) => void;
  readonly #batches: Batch[] = [];
  /** Handed out by the core and not delivered yet; a gap is filled from the log. */
  readonly #waiting: (readonly Entry[])[] = [];
  #bytes = 0;
  #isPaused = false;
  /** appliedIndex <= deliveredIndex <= committedIndex. */
  #deliveredIndex: LogIndex;
  #committedIndex: LogIndex;

  /** `observe` sees every entry right before it is delivered. */
  constructor(
    log: LogReader,
    service: ServicePort,
    appliedIndex: LogIndex,
    observe: (entry: Entry) => void,
  ) {
    this.#log = log;
    this.#service = service;
    this.#observe = observe;
    this.#deliveredIndex = appliedIndex;
    this.#committedIndex = appliedIndex;
  }

  /** Everything up to here is on its way to the service, or there. */
  get deliveredIndex(): LogIndex {
    return this.#deliveredIndex;
  }

  /** Entries that the core hands out as committed and durable here. */
  onCommitted(entries: readonly Entry[]): void {
    const last = entries.at(-1);
    if (last === undefined) return;
    this.#committedIndex = last.index;
    this.#waiting.push(entries);
  }

  /** Hands over what waits, as far as there is room. */
  deliver(): void {
    for (const entries of this.#waiting) {
      const follows = entries[0]?.index === this.#deliveredIndex + 1;
      if (follows && this.#hasRoom()) this.#deliver(entries);
    }
    this.#waiting.length = 0;
    this.#catchUp();
  }

  /** The service has applied everything up to `index`. */
  onApplied(index: LogIndex): void {
    for (let batch = this.#batches[0]; batch !== undefined; batch = this.#batches[0]) {
      if (batch.lastIndex > index) break;
      this.#bytes -= batch.bytes;
      this.#batches.shift();
    }
    this.#catchUp();
  }

  /** The service is being restored: what was delivered is void. */
  pause(): void {
    this.#isPaused = true;
    this.#waiting.length = 0;
    this.#batches.length = 0;
    this.#bytes = 0;
  }

  /** The service's state is that of `appliedIndex`. */
  resume(appliedIndex: LogIndex): void {
    this.#isPaused = false;
    this.#deliveredIndex = appliedIndex;
    this.#committedIndex = Math.max(this.#committedIndex, appliedIndex);
    this.#catchUp();
  }

  #hasRoom(): boolean {
    return !this.#isPaused && this.#bytes < LIMITS.deliveredBytesMax;
  }

  #catchUp(): void {
    while (this.#hasRoom() && this.#deliveredIndex < this.#committedIndex) {
      const from = this.#deliveredIndex + 1;
      this.#deliver(this.#log.entries(from, this.#committedIndex, LIMITS.committedBytesMax));
    }
  }

  #deliver(entries: readonly Entry[]): void {
    const last = entries.at(-1);
    if (last === undefined) return;
    for (const entry of entries) this.#observe(entry);
    const bytes = costOf(entries);
    this.#batches.push({ lastIndex: last.index, bytes });
    this.#bytes += bytes;
    this.#deliveredIndex = last.index;
    this.#service.deliver(entries);
  }
}
