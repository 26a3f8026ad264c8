import { formatAvailability, formatDuration } from '../report/duration.ts';
import { type Alignment, textTable } from '../report/text-table.ts';
import type { PlanReport } from './plan-report.ts';
import {
  assumptionRows,
  causeRows,
  failoverRows,
  headline,
  leverRows,
  limitText,
  meanTimes,
  nextNine,
  ninesText,
  voterRows,
} from './wording.ts';

/** For a terminal. */
export function planText(report: PlanReport): string {
  const { prediction, failovers } = report;
  const { unavailability, nines, downtimeMsPerYear } = prediction;
  const lines = [
    headline(report),
    '',
    `availability  ${formatAvailability(unavailability)} (${ninesText(nines)} nines)`,
    `downtime      ${formatDuration(downtimeMsPerYear)} a year`,
    '',
    ...table(causeRows(prediction)),
    '',
    limitText(report),
    ...(failovers.length === 0 ? [] : ['', ...table(failoverRows(failovers))]),
    '',
    'mean time until',
    ...textTable(meanTimes(prediction), ['left', 'right']).map((line) => `  ${line}`),
    '',
    'the same with other numbers of nodes',
    ...table(voterRows(report.byVoters)),
    '',
    `what would buy the next nine (${nextNine(report)}), each alone`,
    ...textTable(leverRows(report), ['left', 'left', 'right']),
    '',
    ...textTable(assumptionRows(report.assumptions), ['left', 'right', 'left', 'left']),
    ...report.notes.map((note) => `\nnote: ${note}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** The first column is words, the others are numbers. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const alignments = (rows[0] ?? []).map((_, i): Alignment => (i === 0 ? 'left' : 'right'));
  return textTable(rows, alignments);
}
