import type { FaultName } from './nemesis/fault-names.ts';
import type { Failure, RoundResult } from './round.ts';
import type { OutcomeCounts } from './wire/history.ts';

/** What a whole run came to. */
export interface Summary {
  readonly seed: number;
  readonly nodes: number;
  readonly rounds: number;
  readonly minutes: number;
  readonly operations: OutcomeCounts;
  readonly strikes: number;
  readonly strikesByFault: Readonly<Partial<Record<FaultName, number>>>;
  /** From the end of all faults until all was well: the longest of all rounds, in ms. */
  readonly healedMsMax: number;
  readonly failures: readonly (Failure & { readonly round: number })[];
}

/** Adds up rounds. */
export class Tally {
  readonly #startedMs = performance.now();
  readonly #operations: OutcomeCounts = { done: 0, failed: 0, indeterminate: 0 };
  readonly #struck = new Map<FaultName, number>();
  readonly #failures: (Failure & { readonly round: number })[] = [];
  #rounds = 0;
  #healedMsMax = 0;

  add({ round, counts, struck, healedMs, failures }: RoundResult): void {
    this.#rounds += 1;
    for (const outcome of ['done', 'failed', 'indeterminate'] as const) {
      this.#operations[outcome] += counts[outcome];
    }
    for (const [fault, count] of struck) {
      this.#struck.set(fault, (this.#struck.get(fault) ?? 0) + count);
    }
    this.#healedMsMax = Math.max(this.#healedMsMax, healedMs);
    this.fail(round, failures);
  }

  fail(round: number, failures: readonly Failure[]): void {
    this.#failures.push(...failures.map((failure) => ({ ...failure, round })));
  }

  summary({ seed, nodes }: { readonly seed: number; readonly nodes: number }): Summary {
    const byCount = [...this.#struck].sort(([, a], [, b]) => b - a);
    return {
      ...{ seed, nodes, rounds: this.#rounds },
      minutes: (performance.now() - this.#startedMs) / 60_000,
      operations: this.#operations,
      strikes: byCount.reduce((sum, [, count]) => sum + count, 0),
      strikesByFault: Object.fromEntries(byCount),
      healedMsMax: Math.round(this.#healedMsMax),
      failures: this.#failures,
    };
  }
}

const grouped = (count: number): string => count.toLocaleString('en');

/** For people. */
export function formatSummary(summary: Summary): string {
  const { seed, nodes, rounds, minutes, operations, strikes, strikesByFault, failures } = summary;
  const { done, failed, indeterminate } = operations;
  const faults = Object.entries(strikesByFault).map(([fault, count]) => `${fault} ${count}`);
  return [
    `${rounds} rounds in ${minutes.toFixed(1)} minutes on ${nodes} nodes, seed ${seed}`,
    `operations: ${grouped(done)} answered, ${grouped(failed)} failed, ${grouped(indeterminate)} without an answer`,
    `strikes: ${strikes} (${faults.join(', ')})`,
    `all was well again after ${(summary.healedMsMax / 1000).toFixed(1)} s at most`,
    ...failures.map(({ round, kind, what }) => `round ${round}: ${kind}: ${what}`),
    failures.length === 0 ? 'nothing was found' : `${failures.length} FAILURES`,
  ].join('\n');
}
