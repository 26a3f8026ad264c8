import {
  DAY_MS,
  FAILURE_KINDS,
  failoverDistribution,
  failoverTerms,
  ninesOf,
  predict,
  type Prediction,
  type Scenario,
  SECOND_MS,
} from '@bellwether/availability';
import { digits, formatDuration } from '../report/duration.ts';
import {
  type Axis,
  lineChart,
  type LineChart,
  type Point,
  type Series,
} from '../report/line-chart.ts';
import { withField } from './knobs.ts';
import { resized } from './plan-report.ts';

export interface Plot {
  readonly name: string;
  readonly svg: string;
}

/** The plots of a scenario's report. */
export function planPlots(scenario: Scenario): readonly Plot[] {
  const charts: readonly (readonly [string, LineChart | undefined])[] = [
    ['nodes', nodesChart(scenario)],
    ['repair', repairChart(scenario)],
    ['heartbeat', heartbeatChart(scenario)],
    ['failover', failoverChart(scenario)],
  ];
  return charts.flatMap(([name, chart]) =>
    chart === undefined ? [] : [{ name, svg: lineChart(chart) }],
  );
}

const NODES = [1, 3, 5, 7, 9] as const;
const SWEEP_POINTS = 25;

/** Downtime against the number of nodes, and what it is made of. */
function nodesChart(scenario: Scenario): LineChart {
  const predictions = NODES.map((voters) => predict(resized(scenario, voters)));
  const series = (name: string, of: (prediction: Prediction) => number): Series => ({
    name,
    style: 'dots',
    points: predictions.flatMap((prediction): Point[] => {
      const ms = of(prediction);
      return ms > 0 ? [[prediction.voters, ms]] : [];
    }),
  });
  const lost = ({ causes }: Prediction): number =>
    causes.find(({ cause }) => cause === 'quorumLoss')?.downtimeMsPerYear ?? 0;
  const all = [
    series('all', ({ downtimeMsPerYear }) => downtimeMsPerYear),
    series('lost quorum', lost),
    series('failovers', (prediction) => prediction.downtimeMsPerYear - lost(prediction)),
  ].filter(({ points }) => points.length > 0);
  return {
    title: 'How many nodes',
    subtitle: 'downtime a year against the number of nodes',
    x: { title: 'nodes', kind: 'linear', format: digits, range: [0.6, 9.4], marks: NODES },
    y: downtimeAxis(all),
    labels: 'end',
    series: all,
    here: undefined,
  };
}

function downtimeAxis(series: readonly Series[]): Axis {
  const all = series.flatMap(({ points }) => points.map(([, ms]) => ms));
  const most = Math.max(...all);
  // What is a billionth of the rest would only press the rest together.
  const least = Math.max(Math.min(...all), most / 1e9);
  return {
    title: 'downtime a year',
    kind: 'log',
    format: shortDuration,
    range: [least / 2, most * 2],
    marks: DOWNTIME_MARKS,
  };
}

const DOWNTIME_MARKS = [1e-6, 1e-3, 1, 1e3, 6e4, 36e5, 864e5];

function repairChart(scenario: Scenario): LineChart {
  const { mttrMs } = scenario.failures;
  const values = sweep(SECOND_MS, DAY_MS);
  return {
    title: 'How fast a failed node is back',
    subtitle: 'availability against the mean time to repair',
    x: timeAxis('mean time to repair', values, TIME_MARKS),
    y: ninesAxis(),
    labels: 'end',
    series: [1, 3, 5, 7].map((voters) => ({
      name: voters === 1 ? '1 node' : `${voters} nodes`,
      style: 'line',
      points: values.map((value): Point => {
        const changed = withField(resized(scenario, voters), 'failures.mttrMs', value);
        return [value, ninesOf(predict(changed).unavailability)];
      }),
    })),
    here: hereIn(values, mttrMs, 'now'),
  };
}

/** Heartbeats and time-outs change together, as they would in practice. */
function heartbeatChart(scenario: Scenario): LineChart {
  const { heartbeatMs } = scenario.timing;
  const values = sweep(10, 2 * SECOND_MS);
  return {
    title: 'How often the leader says that it is there',
    subtitle: 'availability against the heartbeat interval, time-outs in proportion',
    x: timeAxis('heartbeat interval', values, TIME_MARKS),
    y: ninesAxis(),
    labels: 'end',
    series: [3, 5, 7].map((voters) => ({
      name: `${voters} nodes`,
      style: 'line',
      points: values.map((value): Point => {
        const changed = withHeartbeat(resized(scenario, voters), value);
        return [value, ninesOf(predict(changed).unavailability)];
      }),
    })),
    here: hereIn(values, heartbeatMs, 'now'),
  };
}

function withHeartbeat(scenario: Scenario, heartbeatMs: number): Scenario {
  const { timing } = scenario;
  const factor = heartbeatMs / timing.heartbeatMs;
  const scaled = {
    ...timing,
    heartbeatMs,
    tickMs: Math.min(timing.tickMs, heartbeatMs),
    silenceMsMin: timing.silenceMsMin * factor,
    silenceMsMax: timing.silenceMsMax * factor,
  };
  return { ...scenario, timing: scaled };
}

function failoverChart({ members, timing, machine }: Scenario): LineChart | undefined {
  if (members.voters < 3) return undefined;
  const distributions = FAILURE_KINDS.map((kind) => {
    const terms = failoverTerms(kind, members.voters, timing, machine);
    return { kind, of: failoverDistribution(terms) };
  });
  const fromMs = Math.min(...distributions.map(({ of }) => of.quantileMs(0.001))) * 0.5;
  const toMs = Math.max(...distributions.map(({ of }) => of.quantileMs(0.999))) * 1.3;
  const values = sweep(Math.max(fromMs, 0.01), toMs, 160);
  return {
    title: 'How long a failover takes',
    subtitle: 'part of the failovers that are over after so long',
    x: timeAxis('time since the leader failed', values, FAILOVER_MARKS),
    y: { title: 'part', kind: 'linear', format: (p) => `${Math.round(p * 100)} %`, range: [0, 1] },
    labels: 'rise',
    series: distributions.map(({ kind, of }) => ({
      name: kind,
      style: 'line',
      points: values.map((value): Point => [value, of.probabilityWithin(value)]),
    })),
    here: undefined,
  };
}

const TIME_MARKS = [10, 100, 1e3, 1e4, 6e4, 6e5, 36e5, 864e5];
const FAILOVER_MARKS = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1e3, 3e3, 1e4, 3e4, 1e5];

function timeAxis(title: string, values: readonly number[], marks: readonly number[]): Axis {
  const from = values[0] ?? 1;
  const to = values.at(-1) ?? 1;
  const within = marks.filter((mark) => mark >= from * 0.999 && mark <= to * 1.001);
  return { title, kind: 'log', format: shortDuration, range: [from, to], marks: within };
}

function shortDuration(ms: number): string {
  return formatDuration(ms)
    .replace(/^60 s$/, '1 min')
    .replace(/^60 min$/, '1 h')
    .replace(/^24 h$/, '1 day');
}

/** Nines are a logarithm already. */
function ninesAxis(): Axis {
  return {
    title: 'availability',
    kind: 'linear',
    format: (nines) => (isWholePercent(nines) ? ninesLabel(nines) : `${nines} nines`),
  };
}

function isWholePercent(nines: number): boolean {
  return Number.isInteger(nines) && nines >= 1 && nines <= 7;
}

/** 5 is "99.999 %". */
function ninesLabel(nines: number): string {
  return nines === 1 ? '90 %' : `99${nines > 2 ? '.' : ''}${'9'.repeat(nines - 2)} %`;
}

function hereIn(values: readonly number[], x: number, label: string): LineChart['here'] {
  const isInside = x >= (values[0] ?? x) && x <= (values.at(-1) ?? x);
  return isInside ? { x, label } : undefined;
}

/** Evenly on a logarithmic scale, both ends included. */
function sweep(from: number, to: number, points = SWEEP_POINTS): readonly number[] {
  return Array.from({ length: points }, (_, i) => from * (to / from) ** (i / (points - 1)));
}
