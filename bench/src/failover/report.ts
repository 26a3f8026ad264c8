import { formatTable } from '../table.ts';
import type { Fault } from './faults.ts';
import type { RoundResult } from './round.ts';
import type { Timeline } from './timeline.ts';

/** All rounds of all cases on one system. */
export interface FailoverResult {
  readonly name: string;
  readonly version: string;
  readonly cases: readonly { readonly fault: Fault; readonly rounds: readonly RoundResult[] }[];
}

const HEADINGS = [
  'leader',
  'rounds',
  'min ms',
  'median ms',
  'p99 ms',
  'max ms',
  'failed',
  'doubled',
  'lost',
];

const PHASE_HEADINGS = [
  'leader',
  'suspect',
  'confirm',
  'elect',
  'catch up',
  'serve',
  'together',
  'elections repeated',
];

/** The smallest value that at least this share of all are not above (nearest rank). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/**
 * Where the time went, as the servers recorded it: the median of each phase; "rounds" is the share of
 * elections that took more than one. Empty for a system that records nothing.
 */
export function formatPhases(result: FailoverResult): string {
  const rows = result.cases.flatMap(({ fault, rounds }) => {
    const timelines = rounds.flatMap(({ timeline }) => (timeline === undefined ? [] : [timeline]));
    const [first] = timelines;
    if (first === undefined) return [];
    const median = (pick: (timeline: Timeline) => number): string =>
      quantile(timelines.map(pick), 0.5).toFixed(2);
    const repeated = timelines.filter(({ oldTerm, newTerm }) => newTerm > oldTerm + 1).length;
    const phases = Object.keys(first.phasesMs);
    return [
      [
        fault.title,
        ...phases.map((phase) => median(({ phasesMs }) => phasesMs[phase] ?? 0)),
        median(({ totalMs }) => totalMs),
        `${((100 * repeated) / timelines.length).toFixed(1)} %`,
      ],
    ];
  });
  if (rows.length === 0) return '';
  const title = `${result.name}: where the time went, median of each phase in ms`;
  return `${title}\n${formatTable([PHASE_HEADINGS, ...rows])}`;
}

/** The table of one system: the longest gap between acknowledged writes, and what went wrong. */
export function formatFailovers(result: FailoverResult): string {
  const rows = result.cases.map(({ fault, rounds }) => [
    fault.title,
    String(rounds.length),
    ...[0, 0.5, 0.99, 1].map((share) => {
      const gaps = rounds.map(({ gapMs }) => gapMs);
      return quantile(gaps, share).toFixed(1);
    }),
    ...(['failed', 'doubled', 'lost'] as const).map((count) =>
      String(rounds.reduce((sum, round) => sum + round[count], 0)),
    ),
  ]);
  return `${result.name} ${result.version}\n${formatTable([HEADINGS, ...rows])}`;
}
