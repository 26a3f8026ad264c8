import { VOTERS_MAX } from './checks.ts';
import { ninesOf } from './poisson.ts';
import { predict } from './predict.ts';
import { type Scenario, withVoters } from './scenario.ts';

export const LEVERS = [
  'voters',
  'mttr',
  'mtbf',
  'timeouts',
  'zones',
  'zoneMttr',
  'spares',
  'crews',
  'silence',
] as const;
/** One of the above, by its name. */
export type LeverName = (typeof LEVERS)[number];

/** One thing that could be changed, the rest being as it is. */
export interface Lever {
  readonly name: LeverName;
  /** The value now, in the unit of the scenario's field. */
  readonly now: number;
  /** The smallest change that reaches the goal, or as far as this lever goes. */
  readonly to: number;
  readonly reaches: boolean;
  readonly nines: number;
}

/** A search by halves finds the value to about 1 % of its range of powers of ten. */
const HALVINGS = 12;
const TIMES_MAX = 1_000;
const BEATS_SHORTEST_MS = 10;

/**
 * What would bring the downtime to a tenth: each lever alone. Sorted: those that reach it first, then by
 * how far they go.
 */
export function leversFor(scenario: Scenario): readonly Lever[] {
  const goal = predict(scenario).unavailability / 10;
  const levers = [
    moreVoters(scenario, goal),
    times('mttr', scenario.failures.mttrMs, 1 / TIMES_MAX, scenario, goal),
    times('mtbf', scenario.failures.mtbfMs, TIMES_MAX, scenario, goal),
    shorterTimeouts(scenario, goal),
    ...moreZones(scenario, goal),
    ...fasterZones(scenario, goal),
    ...moreSpares(scenario, goal),
    ...moreCrews(scenario, goal),
    ...lessSilence(scenario, goal),
  ];
  return levers.sort((a, b) => Number(b.reaches) - Number(a.reaches) || b.nines - a.nines);
}

/** The scenario with one lever at a value. */
export function withLever(scenario: Scenario, name: LeverName, value: number): Scenario {
  const { failures, zones, members, timing } = scenario;
  switch (name) {
    case 'voters':
      return withVoters(scenario, value);
    case 'mttr':
      return { ...scenario, failures: { ...failures, mttrMs: value } };
    case 'mtbf':
      return { ...scenario, failures: { ...failures, mtbfMs: value } };
    case 'timeouts':
      return { ...scenario, timing: withTimeout(timing, value) };
    case 'zones':
      return { ...scenario, zones: { ...zones, count: value } };
    case 'zoneMttr':
      return { ...scenario, zones: { ...zones, mttrMs: value } };
    case 'spares':
      return { ...scenario, members: { ...members, spares: value } };
    case 'crews':
      return { ...scenario, failures: { ...failures, crews: value } };
    case 'silence':
      return { ...scenario, failures: { ...failures, silentShare: value } };
    default:
      return name satisfies never;
  }
}

/** Heartbeats and bounds keep their proportions: as many heartbeats fit into a silence as before. */
function withTimeout(timing: Scenario['timing'], silenceMsMin: number): Scenario['timing'] {
  const factor = silenceMsMin / timing.silenceMsMin;
  const heartbeatMs = timing.heartbeatMs * factor;
  const tickMs = Math.min(timing.tickMs, heartbeatMs);
  const silenceMsMax = timing.silenceMsMax * factor;
  return { ...timing, silenceMsMin, silenceMsMax, heartbeatMs, tickMs };
}

function moreVoters(scenario: Scenario, goal: number): Lever {
  const now = scenario.members.voters;
  const values: number[] = [];
  for (let value = now + (now % 2 === 1 ? 2 : 1); value <= VOTERS_MAX; value += 2)
    values.push(value);
  return firstOf('voters', now, values.slice(0, 3), scenario, goal);
}

function moreZones(scenario: Scenario, goal: number): Lever[] {
  const { zones, members } = scenario;
  if (zones.mtbfMs === Infinity || zones.count >= Math.min(3, members.voters)) return [];
  return [firstOf('zones', zones.count, [3], scenario, goal)];
}

function fasterZones(scenario: Scenario, goal: number): Lever[] {
  const { mtbfMs, mttrMs } = scenario.zones;
  return mtbfMs === Infinity ? [] : [times('zoneMttr', mttrMs, 1 / TIMES_MAX, scenario, goal)];
}

function moreSpares(scenario: Scenario, goal: number): Lever[] {
  const { spares, voters } = scenario.members;
  if (voters < 3 || spares >= 2) return [];
  return [firstOf('spares', spares, [spares + 1, spares + 2], scenario, goal)];
}

function moreCrews(scenario: Scenario, goal: number): Lever[] {
  const { failures, members } = scenario;
  if (failures.crews >= members.voters) return [];
  return [firstOf('crews', failures.crews, [members.voters], scenario, goal)];
}

/** Nodes that fail by ending themselves: a watchdog turns a silent failure into a crash. */
function lessSilence(scenario: Scenario, goal: number): Lever[] {
  const { failures, members } = scenario;
  if (failures.silentShare === 0 || members.voters < 3) return [];
  return [firstOf('silence', failures.silentShare, [0], scenario, goal)];
}

function shorterTimeouts(scenario: Scenario, goal: number): Lever {
  const { silenceMsMin, heartbeatMs } = scenario.timing;
  const factor = Math.min(1, BEATS_SHORTEST_MS / heartbeatMs);
  return times('timeouts', silenceMsMin, factor, scenario, goal);
}

/** The first of a few values that reaches the goal, or else the best of them. */
function firstOf(
  name: LeverName,
  now: number,
  values: readonly number[],
  scenario: Scenario,
  goal: number,
): Lever {
  let best: Lever = leverAt(name, now, now, scenario, goal);
  for (const value of values) {
    const lever = leverAt(name, now, value, scenario, goal);
    if (lever.nines > best.nines) best = lever;
    if (lever.reaches) return lever;
  }
  return best;
}

/** The value between `now` and `factor` times it that is closest to now and reaches the goal. */
function times(
  name: LeverName,
  now: number,
  factor: number,
  scenario: Scenario,
  goal: number,
): Lever {
  const farthest = leverAt(name, now, now * factor, scenario, goal);
  if (!farthest.reaches) return farthest;
  let near = 0;
  let far = 1;
  let best = farthest;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (near + far) / 2;
    const lever = leverAt(name, now, now * factor ** middle, scenario, goal);
    if (lever.reaches) [far, best] = [middle, lever];
    else near = middle;
  }
  return best;
}

function leverAt(
  name: LeverName,
  now: number,
  value: number,
  scenario: Scenario,
  goal: number,
): Lever {
  const { unavailability } = predict(withLever(scenario, name, value));
  return { name, now, to: value, reaches: unavailability <= goal, nines: ninesOf(unavailability) };
}
