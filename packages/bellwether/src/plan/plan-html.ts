import { formatAvailability, formatDuration } from '../report/duration.ts';
import { escapeHtml, htmlPage, htmlTable } from '../report/html.ts';
import { planPlots } from './plan-charts.ts';
import type { PlanReport } from './plan-report.ts';
import {
  assumptionRows,
  causeRows,
  failoverRows,
  headline,
  leverRows,
  limitText,
  nextNine,
  ninesText,
  voterRows,
} from './wording.ts';

/** A page that stands alone. */
export function planHtml(report: PlanReport): string {
  const { prediction, failovers, byVoters, scenario } = report;
  const here = byVoters.findIndex(({ voters }) => voters === prediction.voters);
  const plots = planPlots(scenario).map(({ svg }) => `<figure>${svg}</figure>`);
  const body = [
    `<h1>How available is it?</h1>`,
    `<p class="soft">${escapeHtml(headline(report))}</p>`,
    cards(report),
    `<div class="plots">${plots.join('\n')}</div>`,
    section('Where the downtime comes from', limitText(report), causeRows(prediction)),
    section('With other numbers of nodes', '', voterRows(byVoters), here),
    section(
      'What would buy the next nine',
      `Each alone, to get from ${ninesText(prediction.nines)} to ${nextNine(report)} nines.`,
      leverRows(report),
    ),
    ...(failovers.length === 0
      ? []
      : [
          section(
            'What a failover is made of',
            'From the failure of the leader until a write that waited is acknowledged; means, and of the whole the median and what 99 of 100 do not exceed.',
            failoverRows(failovers),
          ),
        ]),
    section(
      'What it rests on',
      'A prediction is as good as these. Those that are assumed deserve a look.',
      assumptionRows(report.assumptions),
    ),
    ...report.notes.map((note) => `<p>${escapeHtml(`Note: ${note}.`)}</p>`),
  ];
  return htmlPage(`Availability: ${headline(report)}`, body.join('\n'));
}

function cards({ prediction }: PlanReport): string {
  const { unavailability, nines, downtimeMsPerYear, recoveryMs } = prediction;
  const figures: readonly (readonly [string, string])[] = [
    [formatAvailability(unavailability), `availability, ${ninesText(nines)} nines`],
    [formatDuration(downtimeMsPerYear), 'downtime a year'],
    ...(recoveryMs === undefined
      ? []
      : [[formatDuration(recoveryMs.crash), 'failover after a crash, mean'] as const]),
    [formatDuration(prediction.meanTimeToQuorumLossMs), 'mean time until a quorum is lost'],
  ];
  const items = figures.map(([value, what]) => {
    return `<div class="card"><b>${escapeHtml(value)}</b><span>${escapeHtml(what)}</span></div>`;
  });
  return `<div class="cards">${items.join('')}</div>`;
}

function section(
  title: string,
  introduction: string,
  rows: readonly (readonly string[])[],
  highlighted?: number,
): string {
  const paragraph = introduction === '' ? '' : `<p>${escapeHtml(introduction)}</p>`;
  return `<h2>${escapeHtml(title)}</h2>${paragraph}${htmlTable(rows, highlighted)}`;
}
