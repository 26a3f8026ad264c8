import {
  FAILURE_KINDS,
  failoverDistribution,
  failoverTerms,
  type FailureKind,
  type Lever,
  leversFor,
  meanFailoverMs,
  PHASES,
  type Phase,
  predict,
  type Prediction,
  type Scenario,
  withVoters,
} from '@bellwether/availability';
import { fieldOf, KNOBS } from './knobs.ts';
import type { Origin, PlanScenario } from './plan-scenario.ts';

export interface FailoverFigures {
  readonly kind: FailureKind;
  readonly phasesMs: Readonly<Record<Phase, number>>;
  readonly meanMs: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

export interface Assumption {
  /** The option that sets it, without its dashes. */
  readonly option: string;
  readonly value: number;
  readonly origin: Origin;
}

/** Everything that `bellwether plan` tells, in whichever form. */
export interface PlanReport {
  readonly scenario: Scenario;
  readonly prediction: Prediction;
  /** The same cluster with 1, 3, 5, 7 voters, and with its own number. */
  readonly byVoters: readonly Prediction[];
  readonly failovers: readonly FailoverFigures[];
  readonly levers: readonly Lever[];
  readonly assumptions: readonly Assumption[];
  readonly notes: readonly string[];
}

const VOTERS_COMPARED = [1, 3, 5, 7];

export function planReport(plan: PlanScenario): PlanReport {
  const { scenario, notes } = plan;
  const voters = [...new Set([...VOTERS_COMPARED, scenario.members.voters])].sort((a, b) => a - b);
  return {
    scenario,
    prediction: predict(scenario),
    byVoters: voters.map((count) => predict(resized(scenario, count))),
    failovers: scenario.members.voters < 3 ? [] : FAILURE_KINDS.map((k) => failover(scenario, k)),
    levers: leversFor(scenario),
    assumptions: assumptionsOf(plan),
    notes,
  };
}

/** With another number of voters, which may be in fewer zones. */
export function resized(scenario: Scenario, voters: number): Scenario {
  const zones = { ...scenario.zones, count: Math.min(scenario.zones.count, voters) };
  return { ...withVoters(scenario, voters), zones };
}

function failover(scenario: Scenario, kind: FailureKind): FailoverFigures {
  const { members, timing, machine } = scenario;
  const terms = failoverTerms(kind, members.voters, timing, machine);
  const distribution = failoverDistribution(terms);
  const phases = PHASES.map((phase) => [phase, meanFailoverMs(terms, [phase])] as const);
  return {
    kind,
    phasesMs: Object.fromEntries(phases) as Record<Phase, number>,
    meanMs: meanFailoverMs(terms),
    medianMs: distribution.quantileMs(0.5),
    p99Ms: distribution.quantileMs(0.99),
  };
}

function assumptionsOf({ scenario, origins }: PlanScenario): readonly Assumption[] {
  return KNOBS.filter(({ fields }) => fields.length === 1).map(({ name, fields: [field] }) => ({
    option: name,
    value: fieldOf(scenario, field),
    origin: origins.get(field) ?? 'assumed',
  }));
}
