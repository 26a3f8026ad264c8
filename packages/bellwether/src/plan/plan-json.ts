import type { PlanReport } from './plan-report.ts';

/** For programs. Times are ms; what never happens is null, as JSON has no infinity. */
export function planJson(report: PlanReport): string {
  const { prediction, byVoters, failovers, levers, scenario, assumptions, notes } = report;
  const whole = {
    prediction,
    byVoters,
    failovers,
    levers,
    scenario,
    origins: Object.fromEntries(assumptions.map(({ option, origin }) => [option, origin])),
    notes,
  };
  const finite = (_: string, value: unknown): unknown => (value === Infinity ? null : value);
  return `${JSON.stringify(whole, finite, 2)}\n`;
}
