import type { HistoryRecord } from '@bellwether/simulator/oracle';

/** How many operations ended in each of the three ways. */
export interface OutcomeCounts {
  done: number;
  failed: number;
  indeterminate: number;
}

/** What all clients of one round were told, in the order in which it came. */
export class History {
  readonly records: HistoryRecord[] = [];
  readonly counts: OutcomeCounts = { done: 0, failed: 0, indeterminate: 0 };
  /** What was said that nobody may say. */
  readonly problems: Error[] = [];
  readonly #nowMs: () => number;
  #newest: number;

  /**
   * @param nowMs one clock for all clients
   * @param newClientsFrom numbers from there on are given by `newClient`
   */
  constructor(nowMs: () => number, newClientsFrom = 1_000_000) {
    this.#nowMs = nowMs;
    this.#newest = newClientsFrom;
  }

  /** A number that no client has. */
  newClient(): number {
    return this.#newest++;
  }

  get nowMs(): number {
    return this.#nowMs();
  }

  add(record: HistoryRecord): void {
    this.records.push(record);
    if (record.type === 'write') this.counts[record.outcome] += 1;
    else if (record.type === 'read') this.counts.done += 1;
  }

  addProblem(error: Error): void {
    this.problems.push(error);
  }

  /** A read that was not answered did nothing. */
  addLostRead(): void {
    this.counts.failed += 1;
  }
}
