import type { DurationCounts, Failover, FailoverReport } from '@bellwether/cluster';
import { DURATION_BOUNDS_MS, FAILOVER_PHASES } from '@bellwether/cluster';
import type { MonitorValue } from './monitor-values.ts';

/** What the word `fovr` and the admin command `failovers` tell, in JSON. */
export interface FailoversJson {
  readonly node: number;
  /** Oldest first. */
  readonly failovers: readonly Failover[];
}

/** The newest changes of leadership that this node has seen. */
export function failoversJson(node: number, report: FailoverReport | undefined): FailoversJson {
  return { node, failovers: report?.recent ?? [] };
}

/**
 * For `mntr`: summaries in the form that ZooKeeper has for its times, and the total as a histogram, whose
 * buckets count everything up to their bound.
 */
export function failoverValues({ totalMs, phasesMs }: FailoverReport): MonitorValue[] {
  return [
    ...summary('failover_time', totalMs),
    ...FAILOVER_PHASES.flatMap((phase) =>
      summary(`failover_${nameOf(phase)}_time`, phasesMs[phase]),
    ),
    ...histogram('failover_time', totalMs),
  ];
}

/** `catchUp` becomes `catch_up`. */
const nameOf = (phase: string): string => phase.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);

function summary(name: string, { count, sumMs, minMs, maxMs }: DurationCounts): MonitorValue[] {
  return [
    [`avg_${name}`, { fraction: count === 0 ? 0 : sumMs / count }],
    [`min_${name}`, { fraction: minMs }],
    [`max_${name}`, { fraction: maxMs }],
    [`cnt_${name}`, count],
    [`sum_${name}`, { fraction: sumMs }],
  ];
}

function histogram(name: string, { buckets }: DurationCounts): MonitorValue[] {
  let count = 0;
  return buckets.map((inBucket, at) => {
    count += inBucket;
    return [`${name}_le_${DURATION_BOUNDS_MS[at] ?? 'inf'}`, count];
  });
}
