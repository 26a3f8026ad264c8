import {
  type Mistake,
  mistakesIn,
  type Scenario,
  SCENARIO_DEFAULT,
} from '@bellwether/availability';
import { DETECTOR_LIMITS, LIMITS, silenceBoundsFor } from '@bellwether/cluster';
import { UserError } from '../cli/user-error.ts';
import type { NodeConfig, TimingConfig } from '../node-config.ts';
import { TIMING_DEFAULT } from '../config/defaults.ts';
import { formatKnob, knobValue } from './knob-values.ts';
import { fieldOf, type Knob, KNOBS, withField } from './knobs.ts';

/** Where a value of the scenario comes from. */
export type Origin = 'given' | 'configured' | 'measured' | 'default' | 'assumed';

/** A scenario, and what of it is more than an assumption. */
export interface PlanScenario {
  readonly scenario: Scenario;
  /** By field; those that are not in it are assumed. */
  readonly origins: ReadonlyMap<string, Origin>;
  readonly notes: readonly string[];
}

/** What somebody who does not know the cluster assumes; the timing is what Bellwether does by default. */
export function assumedScenario(): PlanScenario {
  const plain = { scenario: SCENARIO_DEFAULT, origins: new Map<string, Origin>(), notes: [] };
  return withValues(plain, timingFields(TIMING_DEFAULT), 'default');
}

/** What a node's settings say: how many vote, and the timing. */
export function withConfig(plan: PlanScenario, config: NodeConfig): PlanScenario {
  const voters = config.members.filter(({ kind }) => kind === 'voter').length;
  const learners = config.members.length - voters;
  const members = [
    ['members.voters', voters],
    ['members.electable', voters],
  ] as const;
  const configured = withValues(plan, [...members, ...timingFields(config.timing)], 'configured');
  if (learners === 0) return configured;
  const note =
    `${learners} learners take part in no vote; with --spares ${learners} they are counted as ` +
    'standing in for dead voters';
  return { ...configured, notes: [...configured.notes, note] };
}

export type FieldValue = readonly [field: string, value: number];

function timingFields(timing: TimingConfig): readonly FieldValue[] {
  const { tickMs, heartbeatTicks } = timing;
  const retryTicks = LIMITS.suspicionRetryTicks.candidate;
  return [
    ['timing.tickMs', tickMs],
    ['timing.heartbeatMs', heartbeatTicks * tickMs],
    ['timing.silenceMsMin', timing.silenceMsMin],
    ['timing.silenceMsMax', timing.silenceMsMax],
    ['timing.beatsMissed', DETECTOR_LIMITS.beatsMissed],
    ['timing.jitterFactor', DETECTOR_LIMITS.jitterFactor],
    ['timing.campaignStepMs', LIMITS.suspicionStepMs],
    // Begun anew after one to two times so many ticks.
    ['timing.retryMs', 1.5 * retryTicks * tickMs],
  ];
}

export function withValues(
  plan: PlanScenario,
  values: readonly FieldValue[],
  origin: Origin,
): PlanScenario {
  let { scenario } = plan;
  const origins = new Map(plan.origins);
  for (const [field, value] of values) {
    scenario = withField(scenario, field, value);
    origins.set(field, origin);
  }
  return { ...plan, scenario, origins };
}

/** @param texts what was written after each option, by the option's name */
export function withOptions(plan: PlanScenario, texts: ReadonlyMap<string, string>): PlanScenario {
  const values = KNOBS.flatMap((knob): FieldValue[] => {
    const text = texts.get(knob.name);
    if (text === undefined) return [];
    const value = knobValue(knob, text);
    return knob.fields.map((field) => [field, value] as const);
  });
  const given = withBounds(withValues(plan, values, 'given'), texts);
  // Unless it is said which of the new number of voters may lead, all may.
  const electable = given.scenario.members.voters;
  const isTold = texts.has('electable') || !texts.has('nodes');
  return isTold ? given : withValues(given, [['members.electable', electable]], 'given');
}

/** The bounds of silence follow from the heartbeats, as in a configuration, unless they are given too. */
function withBounds(plan: PlanScenario, texts: ReadonlyMap<string, string>): PlanScenario {
  const areTold = ['timeout', 'timeout-min', 'timeout-max'].some((name) => texts.has(name));
  const { heartbeatMs } = plan.scenario.timing;
  if (areTold || !texts.has('heartbeat') || !(heartbeatMs > 0)) return plan;
  const { silenceMsMin, silenceMsMax } = silenceBoundsFor(heartbeatMs);
  const bounds = [
    ['timing.silenceMsMin', silenceMsMin],
    ['timing.silenceMsMax', silenceMsMax],
  ] as const;
  return withValues(plan, bounds, 'default');
}

/**
 * @returns the plan, with a note instead of a mistake for what its cluster really is
 * @throws UserError with everything that cannot be
 */
export function checkedPlan(plan: PlanScenario): PlanScenario {
  const mistakes = mistakesIn(plan.scenario);
  const isReal = ({ code, field }: Mistake): boolean =>
    code === 'even' && plan.origins.get(field) !== 'given';
  const refused = mistakes.filter((mistake) => !isReal(mistake));
  if (refused.length > 0) {
    const lines = refused.map((mistake) => describe(mistake, plan));
    throw new UserError(['this cannot be planned:', ...new Set(lines)].join('\n  '), 2);
  }
  const notes = mistakes.map(({ what, advice }) => `the number of voters ${what}: ${advice}`);
  return { ...plan, notes: [...plan.notes, ...notes] };
}

function describe(mistake: Mistake, { origins, scenario }: PlanScenario): string {
  const { field, advice } = mistake;
  const knobs = KNOBS.filter(({ fields }) => fields.includes(field));
  // The option that was written, if one was: several may set the same.
  const knob: Knob | undefined = knobs.find(({ fields }) =>
    fields.every((each) => origins.get(each) === 'given'),
  );
  const named = knob ?? knobs[0];
  if (named === undefined) return `${field} ${mistake.what}: ${advice}`;
  const isBare = mistake.code === 'not-positive' || mistake.code === 'negative';
  const what = isBare ? `is ${formatKnob(named, fieldOf(scenario, field))}` : mistake.what;
  return `--${named.name} ${what}: ${advice}`;
}
