import {
  type Estimate,
  failoverTerms,
  meanFailoverMs,
  PHASES,
  type Phase,
  type Scenario,
} from '@bellwether/availability';
import { digits, formatAvailability, formatDuration } from '../report/duration.ts';
import { textTable } from '../report/text-table.ts';
import {
  latenciesMs,
  type Measurement,
  meanRecovery,
  recoveryMs,
  type Samples,
  samplesOf,
  unavailability,
  windowsOf,
} from './analysis.ts';

/** Everything that `bellwether measure` tells. Times in ms. */
export interface MeasureReport {
  readonly durationMs: number;
  readonly kills: number;
  readonly unavailability: Estimate;
  /** The mean over the kills of what clients of surviving nodes waited. */
  readonly recovery: Estimate | undefined;
  readonly recoveries: Samples | undefined;
  readonly windows: Samples | undefined;
  readonly writes: Samples | undefined;
  readonly reads: Samples | undefined;
  /** Through nodes that were not killed. */
  readonly failed: { readonly writes: number; readonly reads: number };
  readonly predicted: PredictedRecovery | undefined;
  readonly scenario: Scenario;
}

export interface PredictedRecovery {
  readonly recoveryMs: number;
  readonly phasesMs: Readonly<Record<Phase, number>>;
  /** With kills as far apart as they were. */
  readonly unavailability: number;
  /** inside: within the measured 95 % interval. near: within a quarter of the measured mean. */
  readonly verdict: 'inside' | 'near' | 'off';
}

const NEAR = 0.25;
/** After its death a node's clients cannot succeed until it is back; the measurement waits for that. */
const DEAD_MS = 30_000;

export function measureReport(measurement: Measurement, scenario: Scenario): MeasureReport {
  const { startedMs, endedMs, kills, probes } = measurement;
  const recovery = meanRecovery(kills);
  const survived = probes.filter(({ node, endedMs: atMs }) => {
    return !kills.some(
      (kill) => kill.node === node && atMs >= kill.atMs && atMs < kill.atMs + DEAD_MS,
    );
  });
  const failed = (kind: 'write' | 'read'): number =>
    survived.filter((probe) => probe.kind === kind && probe.outcome === 'failed').length;
  return {
    durationMs: endedMs - startedMs,
    kills: kills.length,
    unavailability: unavailability(measurement),
    recovery,
    recoveries: samplesOf(kills.map(recoveryMs)),
    windows: samplesOf(windowsOf(measurement).map(({ lengthMs }) => lengthMs)),
    writes: samplesOf(latenciesMs(probes, 'write')),
    reads: samplesOf(latenciesMs(probes, 'read')),
    failed: { writes: failed('write'), reads: failed('read') },
    predicted: recovery && predictedRecovery(measurement, scenario, recovery),
    scenario,
  };
}

function predictedRecovery(
  { kills, endedMs }: Measurement,
  scenario: Scenario,
  measured: Estimate,
): PredictedRecovery | undefined {
  const { members, timing, machine } = scenario;
  if (members.voters < 3) return undefined;
  const terms = failoverTerms('crash', members.voters, timing, machine);
  const recoveryMs = meanFailoverMs(terms);
  const phases = PHASES.map((phase) => [phase, meanFailoverMs(terms, [phase])] as const);
  const apartMs = (endedMs - (kills[0]?.atMs ?? endedMs)) / kills.length;
  const isInside = recoveryMs >= measured.low && recoveryMs <= measured.high;
  const isNear = Math.abs(recoveryMs - measured.value) <= NEAR * measured.value;
  return {
    recoveryMs,
    phasesMs: Object.fromEntries(phases) as Record<Phase, number>,
    unavailability: Math.min(1, recoveryMs / apartMs),
    verdict: isInside ? 'inside' : isNear ? 'near' : 'off',
  };
}

/** For a terminal. */
export function measureText(report: MeasureReport): string {
  const { durationMs, kills, failed, unavailability, predicted } = report;
  const leaders = kills === 1 ? '1 leader' : `${kills} leaders`;
  const lines = [
    `measured for ${formatDuration(durationMs)}, ${kills === 0 ? 'without kills' : `${leaders} killed`}`,
    '',
    ...textTable(comparison(report), ['left', 'right', 'right', 'right']),
    '',
    ...textTable(distributions(report), ['left', 'right', 'right', 'right', 'right', 'right']),
    '',
    `failed through nodes that were up: ${failed.writes} writes, ${failed.reads} reads`,
    ...(predicted === undefined ? [] : ['', VERDICTS[predicted.verdict]]),
    ...(unavailability.value === 0 ? ['', NOTHING_DOWN] : []),
  ];
  return `${lines.join('\n')}\n`;
}

const NOTHING_DOWN =
  'Nothing was down. The upper end is what one stretch in twenty could have hidden (rule of three).';

const VERDICTS: Readonly<Record<PredictedRecovery['verdict'], string>> = {
  inside: 'The predicted recovery lies within the interval of the measured one.',
  near: 'The predicted recovery is within 25 % of the measured mean.',
  off: 'The predicted recovery is more than 25 % off the measured mean.',
};

function comparison(report: MeasureReport): readonly (readonly string[])[] {
  const { unavailability, recovery, predicted } = report;
  const { value, low, high } = unavailability;
  const availability = [
    'availability',
    formatAvailability(value),
    `${formatAvailability(high)} to ${formatAvailability(low)}`,
    predicted === undefined ? '-' : formatAvailability(predicted.unavailability),
  ];
  const rows = [['', 'measured', '95 % interval', 'predicted'], availability];
  if (recovery === undefined) return rows;
  const interval = `${formatDuration(recovery.low)} to ${formatDuration(recovery.high)}`;
  const expected = predicted === undefined ? '-' : formatDuration(predicted.recoveryMs);
  return [...rows, ['mean recovery', formatDuration(recovery.value), interval, expected]];
}

function distributions(report: MeasureReport): readonly (readonly string[])[] {
  const row = (name: string, samples: Samples | undefined): readonly string[][] => {
    if (samples === undefined) return [];
    const { count, meanMs, medianMs, p99Ms, maxMs } = samples;
    const times = [meanMs, medianMs, p99Ms, maxMs].map((ms) => formatDuration(ms));
    return [[name, digits(count), ...times]];
  };
  return [
    ['', 'number', 'mean', 'median', '99 %', 'max'],
    ...row('recoveries', report.recoveries),
    ...row('windows without writes', report.windows),
    ...row('writes', report.writes),
    ...row('reads', report.reads),
  ];
}

/** For programs. */
export function measureJson(report: MeasureReport): string {
  const finite = (_: string, value: unknown): unknown =>
    value === Infinity || value === -Infinity ? null : value;
  return `${JSON.stringify(report, finite, 2)}\n`;
}
