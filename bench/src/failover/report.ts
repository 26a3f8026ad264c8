import { electionTermAfter } from '@bellwether/raft';
import { formatTable } from '../table.ts';
import type { Fault } from './faults.ts';
import type { LinkCase } from './link-cases.ts';
import type { LinkResult } from './link-round.ts';
import type { LoadRoundResult } from './load-round.ts';
import type { RoundResult } from './round.ts';
import type { Timeline } from './timeline.ts';

/** All rounds of all cases on one system. */
export interface FailoverResult {
  readonly name: string;
  readonly version: string;
  readonly cases: readonly { readonly fault: Fault; readonly rounds: readonly RoundResult[] }[];
  readonly links: readonly LinkRounds[];
  readonly load: LoadRoundResult | undefined;
}

interface LinkRounds {
  readonly linkCase: LinkCase;
  readonly rounds: readonly LinkResult[];
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
  'writes waited',
  'p99',
  'elections repeated',
];

const LINK_HEADINGS = [
  'what is wrong',
  'rounds',
  'leader changes',
  'at the leader',
  'at the follower that is well',
  'at the other one',
  'failed',
  'doubled',
  'lost',
];

const LOAD_HEADINGS = [
  'full load',
  'writes/s',
  'leader changes',
  'longest interruption ms',
  'failed',
  'doubled',
  'lost',
];

/** The smallest value that at least this share of all are not above (nearest rank). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/**
 * Where the time went, as the servers recorded it: the median of each phase; how long writes waited then, which is
 * longer by the way of a write and, after a kill, by what the kernel takes to close connections; and
 * the share of elections that took more than one round. Empty for a system that records nothing.
 */
export function formatPhases(result: FailoverResult): string {
  const rows = result.cases.flatMap(({ fault, rounds }) => {
    const timelines = rounds.flatMap(({ timeline }) => (timeline === undefined ? [] : [timeline]));
    const [first] = timelines;
    if (first === undefined) return [];
    const median = (pick: (timeline: Timeline) => number): string =>
      quantile(timelines.map(pick), 0.5).toFixed(2);
    const repeated = timelines.filter(
      ({ oldTerm, newTerm }) => newTerm > electionTermAfter(oldTerm),
    ).length;
    const phases = Object.keys(first.phasesMs);
    const waits = rounds.flatMap(({ changeGapMs }) => changeGapMs ?? []);
    return [
      [
        fault.title,
        ...phases.map((phase) => median(({ phasesMs }) => phasesMs[phase] ?? 0)),
        median(({ totalMs }) => totalMs),
        ...[0.5, 0.99].map((share) => quantile(waits, share).toFixed(1)),
        `${((100 * repeated) / timelines.length).toFixed(1)} %`,
      ],
    ];
  });
  if (rows.length === 0) return '';
  const title = `${result.name}: where the time went, median of each phase in ms`;
  return `${title}\n${formatTable([PHASE_HEADINGS, ...rows])}`;
}

const WRONGS = ['failed', 'doubled', 'lost'] as const;
type Wrongs = Readonly<Record<(typeof WRONGS)[number], number>>;

/** How often each went wrong in all of them. */
function wrongsIn(rounds: readonly Wrongs[]): readonly string[] {
  return WRONGS.map((wrong) => String(rounds.reduce((sum, round) => sum + round[wrong], 0)));
}

/**
 * What bad links and followers in trouble did: leader changes, and the longest interruption of clients of each
 * server, median and maximum. Empty when there was none.
 */
export function formatLinks({ name, version, links }: FailoverResult): string {
  if (links.length === 0) return '';
  const rows = links.map(({ linkCase, rounds }) => {
    const changes = rounds.reduce((sum, { leaderChanges }) => sum + leaderChanges, 0);
    const gaps = (['leader', 'well', 'struck'] as const).map((role) => {
      if (role === 'struck' && !linkCase.isInReach) return 'not measured';
      const all = rounds.map(({ gapMs }) => gapMs[role]);
      return [0.5, 1].map((share) => quantile(all, share).toFixed(0)).join(' / ');
    });
    const title = linkCase.title;
    return [title, String(rounds.length), String(changes), ...gaps, ...wrongsIn(rounds)];
  });
  const title = `${name} ${version}: longest interruption of writes in ms, median / max`;
  return `${title}\n${formatTable([LINK_HEADINGS, ...rows])}`;
}

/** Whether the leader stayed under full load. Empty when there was none. */
export function formatLoad({ name, version, load }: FailoverResult): string {
  if (load === undefined) return '';
  const { minutes, operationsPerSecond, leaderChanges, gapMs } = load;
  const row = [
    `${minutes} minutes`,
    Math.round(operationsPerSecond).toLocaleString('en'),
    String(leaderChanges),
    gapMs.toFixed(0),
    ...wrongsIn([load]),
  ];
  return `${name} ${version}\n${formatTable([LOAD_HEADINGS, row])}`;
}

/** The table of one system: the longest gap between acknowledged writes, and what went wrong. */
export function formatFailovers(result: FailoverResult): string {
  if (result.cases.length === 0) return '';
  const rows = result.cases.map(({ fault, rounds }) => [
    fault.title,
    String(rounds.length),
    ...[0, 0.5, 0.99, 1].map((share) => {
      const gaps = rounds.map(({ gapMs }) => gapMs);
      return quantile(gaps, share).toFixed(1);
    }),
    ...wrongsIn(rounds),
  ]);
  return `${result.name} ${result.version}\n${formatTable([HEADINGS, ...rows])}`;
}
