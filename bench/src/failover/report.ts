import { formatTable } from '../table.ts';
import type { Fault } from './faults.ts';
import type { RoundResult } from './round.ts';

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

/** The smallest value that at least this share of all are not above (nearest rank). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
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
