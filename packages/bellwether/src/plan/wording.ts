import {
  type Cause,
  type CauseOfDowntime,
  type FailureKind,
  type Lever,
  type LeverName,
  ninesOf,
  type Phase,
  type Prediction,
} from '@bellwether/availability';
import { digits, formatAvailability, formatDuration, formatPercent } from '../report/duration.ts';
import { formatKnob } from './knob-values.ts';
import { KNOBS } from './knobs.ts';
import type { Assumption, FailoverFigures, PlanReport } from './plan-report.ts';
import type { Origin } from './plan-scenario.ts';

const CAUSES: Readonly<Record<Cause, string>> = {
  quorumLoss: 'quorum lost',
  crash: 'failover after a crash',
  silence: 'failover after silence',
  zone: 'failover from a lost zone',
  handover: 'planned handover',
  stall: 'stall of the leader',
};

const PHASE_NAMES: Readonly<Record<Phase, string>> = {
  suspect: 'suspect',
  confirm: 'confirm',
  elect: 'elect',
  catchUp: 'catch up',
  serve: 'serve',
};

const KINDS: Readonly<Record<FailureKind, string>> = {
  crash: 'crash',
  silence: 'silence',
  handover: 'handover',
};

const ORIGINS: Readonly<Record<Origin, string>> = {
  given: 'given',
  configured: 'from the configuration',
  measured: 'measured',
  default: 'Bellwether’s default',
  assumed: 'assumed',
};

export function headline({ prediction, scenario }: PlanReport): string {
  const { voters, quorum, failureTolerance } = prediction;
  const { zones, members } = scenario;
  const nodes = voters === 1 ? '1 node' : `${voters} nodes`;
  const places = zones.count === 1 ? '' : ` in ${zones.count} zones`;
  const spares = members.spares === 0 ? '' : `, ${members.spares} more to stand in`;
  const failures = failureTolerance === 1 ? '1 failure' : `${failureTolerance} failures`;
  const tolerates = failureTolerance === 0 ? 'no failure' : failures;
  return `${nodes}${places}${spares}: quorum ${quorum}, tolerates ${tolerates}`;
}

export function causeRows(prediction: Prediction): readonly (readonly string[])[] {
  const row = (each: CauseOfDowntime): readonly string[] => [
    CAUSES[each.cause],
    digits(each.perYear),
    formatDuration(each.meanMs),
    formatDuration(each.downtimeMsPerYear),
    formatPercent(each.share),
  ];
  const headings = ['cause of downtime', 'times a year', 'each', 'a year', 'share'];
  return [headings, ...prediction.causes.map(row)];
}

export function failoverRows(
  failovers: readonly FailoverFigures[],
): readonly (readonly string[])[] {
  const phases = Object.keys(PHASE_NAMES) as Phase[];
  const headings = ['failover after', ...Object.values(PHASE_NAMES), 'mean', 'median', '99 %'];
  const rows = failovers.map(({ kind, phasesMs, meanMs, medianMs, p99Ms }) => [
    KINDS[kind],
    ...phases.map((phase) => formatDuration(phasesMs[phase])),
    formatDuration(meanMs),
    formatDuration(medianMs),
    formatDuration(p99Ms),
  ]);
  return [headings, ...rows];
}

export function voterRows(byVoters: readonly Prediction[]): readonly (readonly string[])[] {
  const headings = [
    'nodes',
    'tolerates',
    'availability',
    'nines',
    'downtime a year',
    'of it failover',
    'of it lost quorum',
    'until a quorum is lost',
  ];
  const rows = byVoters.map((prediction) => {
    const lost = prediction.causes.find(({ cause }) => cause === 'quorumLoss');
    const lostMs = lost?.downtimeMsPerYear ?? 0;
    const failovers = prediction.causes.filter(({ cause }) => cause !== 'quorumLoss');
    const failoverMs = failovers.reduce((sum, each) => sum + each.downtimeMsPerYear, 0);
    return [
      String(prediction.voters),
      String(prediction.failureTolerance),
      formatAvailability(prediction.unavailability),
      ninesText(prediction.nines),
      formatDuration(prediction.downtimeMsPerYear),
      formatDuration(failoverMs),
      formatDuration(lostMs),
      formatDuration(prediction.meanTimeToQuorumLossMs),
    ];
  });
  return [headings, ...rows];
}

export function ninesText(nines: number): string {
  return nines === Infinity ? 'all' : nines.toFixed(1);
}

export function meanTimes({
  meanTimeToQuorumLossMs,
  meanTimeToDataLoss,
}: Prediction): readonly (readonly [what: string, value: string])[] {
  return [
    ['a quorum is lost', formatDuration(meanTimeToQuorumLossMs)],
    ['the newest write may be lost', formatDuration(meanTimeToDataLoss.newestMs)],
    ['all data is lost', formatDuration(meanTimeToDataLoss.allMs)],
  ];
}

/** What limits the availability, and what that means. */
export function limitText({ prediction }: PlanReport): string {
  const worst = prediction.causes.reduce<CauseOfDowntime | undefined>(
    (most, each) => (most === undefined || each.share > most.share ? each : most),
    undefined,
  );
  if (worst === undefined) return 'Nothing that was assumed ever stops it.';
  const share = formatPercent(worst.share);
  return `${share} of the downtime is "${CAUSES[worst.cause]}". ${LIMITS[worst.cause]}`;
}

const LIMITS: Readonly<Record<Cause, string>> = {
  quorumLoss: 'More nodes or faster repair helps; faster failover does not.',
  crash: 'Rarer failures or faster elections help; more nodes or faster repair does not.',
  silence: 'A shorter time-out, or nodes that end themselves instead of going silent, helps.',
  zone: 'A shorter time-out helps; more nodes do not.',
  handover: 'Rarer maintenance helps.',
  stall: 'A steadier machine helps.',
};

/** "repair in 3 min instead of 10 min". */
function leverText({ name, now, to }: Lever): string {
  const values = LEVER_WORDS[name];
  return `${values(to)} instead of ${values(now, 'alone')}`;
}

type Words = (value: number, form?: 'alone') => string;

function words(before: string, format: (value: number) => string, after = ''): Words {
  return (value, form) => (form === 'alone' ? format(value) : `${before}${format(value)}${after}`);
}

const learners = (count: number): string => {
  if (count === 0) return 'none';
  return count === 1 ? '1 learner' : `${count} learners`;
};

const LEVER_WORDS: Readonly<Record<LeverName, Words>> = {
  voters: words('', digits, ' nodes'),
  mttr: words('repair in ', formatDuration),
  mtbf: words('nodes that fail every ', formatDuration),
  timeouts: words('heartbeats and time-outs in proportion, the shortest ', formatDuration),
  zones: words('', digits, ' zones'),
  zoneMttr: words('zones back in ', formatDuration),
  spares: words('', learners, ' to stand in'),
  crews: words('repair of ', (value) => (value === Infinity ? 'all' : digits(value)), ' at once'),
  silence: words('', (value) => `${digits(value * 100)} %`, ' of failures silent (a watchdog)'),
};

export function leverRows(report: PlanReport): readonly (readonly string[])[] {
  const rows = report.levers.map((lever) => [
    leverText(lever),
    lever.reaches ? 'yes' : 'not alone',
    ninesText(lever.nines),
  ]);
  return [['instead of what is now, only', 'a nine more', 'nines'], ...rows];
}

export function nextNine({ prediction }: PlanReport): string {
  return ninesText(ninesOf(prediction.unavailability / 10));
}

export function assumptionRows(assumptions: readonly Assumption[]): readonly (readonly string[])[] {
  const rows = assumptions.map(({ option, value, origin }): readonly string[] => {
    const knob = KNOBS.find(({ name }) => name === option);
    const text = knob === undefined ? String(value) : formatKnob(knob, value);
    return [`--${option}`, text, ORIGINS[origin], knob?.what ?? ''];
  });
  return [['option', 'value', 'origin', 'what it is'], ...rows];
}
