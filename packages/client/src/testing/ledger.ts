/** What became of something, as far as whoever did it knows. */
export type Outcome = 'done' | 'unknown';

/** Counts what was counted and queued, to be held against what the servers have at the end. */
export class Ledger {
  readonly #counts = new Map<string, Record<Outcome, number>>();
  readonly #put = new Map<string, Outcome>();
  readonly #completed = new Map<string, number>();
  readonly #maybeCompleted = new Set<string>();

  count(counter: string, outcome: Outcome): void {
    const counts = this.#counts.get(counter) ?? { done: 0, unknown: 0 };
    counts[outcome]++;
    this.#counts.set(counter, counts);
  }

  put(item: string, outcome: Outcome): void {
    this.#put.set(item, outcome);
  }

  complete(item: string, outcome: Outcome): void {
    if (outcome === 'unknown') this.#maybeCompleted.add(item);
    else this.#completed.set(item, (this.#completed.get(item) ?? 0) + 1);
  }

  /** What is wrong with the number at the end; undefined: nothing. */
  judgeCount(counter: string, value: number): string | undefined {
    const { done, unknown } = this.#counts.get(counter) ?? { done: 0, unknown: 0 };
    if (value >= done && value <= done + unknown) return undefined;
    return `${counter} is ${value}, after ${done} additions and ${unknown} that are unknown`;
  }

  /** What is wrong with the items, when the queue has been emptied. */
  judgeItems(): readonly string[] {
    const wrong: string[] = [];
    for (const [item, times] of this.#completed) {
      if (times > 1) wrong.push(`${item} was done ${times} times`);
      if (!this.#put.has(item)) wrong.push(`${item} was never put`);
    }
    for (const [item, outcome] of this.#put) {
      const isGone = this.#completed.has(item) || this.#maybeCompleted.has(item);
      if (outcome === 'done' && !isGone) wrong.push(`${item} was put and is lost`);
    }
    return wrong;
  }

  get summary(): string {
    const counts = [...this.#counts].map(
      ([name, { done, unknown }]) => `${name} ${done} (and ${unknown} unknown)`,
    );
    return `${counts.join(', ')}; ${this.#put.size} items put, ${this.#completed.size} done`;
  }
}
