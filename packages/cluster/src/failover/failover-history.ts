import { LIMITS } from '../limits.ts';
import type { DurationCounts } from './duration-histogram.ts';
import { DurationHistogram } from './duration-histogram.ts';
import type { Failover, FailoverPhase } from './failover.ts';
import { FAILOVER_PHASES, isFailover } from './failover.ts';

/** What one node has seen of changes of leadership since it started; a restart forgets it. */
export interface FailoverReport {
  /** The newest LIMITS.failoversKept, oldest first; the node's own start is the first of all. */
  readonly recent: readonly Failover[];
  /** Durations of all since the start, without the start itself. */
  readonly totalMs: DurationCounts;
  readonly phasesMs: Readonly<Record<FailoverPhase, DurationCounts>>;
}

/** Keeps the newest failovers, and counts all of them. */
export class FailoverHistory {
  readonly #recent: Failover[] = [];
  readonly #total = new DurationHistogram();
  readonly #phases: Readonly<Record<FailoverPhase, DurationHistogram>> = {
    suspect: new DurationHistogram(),
    confirm: new DurationHistogram(),
    elect: new DurationHistogram(),
    catchUp: new DurationHistogram(),
    serve: new DurationHistogram(),
  };

  add(failover: Failover): void {
    this.#recent.push(failover);
    if (this.#recent.length > LIMITS.failoversKept) this.#recent.shift();
    if (!isFailover(failover)) return;
    this.#total.add(failover.totalMs);
    for (const phase of FAILOVER_PHASES) this.#phases[phase].add(failover.phasesMs[phase]);
  }

  report(): FailoverReport {
    const { suspect, confirm, elect, catchUp, serve } = this.#phases;
    return {
      recent: [...this.#recent],
      totalMs: this.#total.counts,
      phasesMs: {
        suspect: suspect.counts,
        confirm: confirm.counts,
        elect: elect.counts,
        catchUp: catchUp.counts,
        serve: serve.counts,
      },
    };
  }
}
