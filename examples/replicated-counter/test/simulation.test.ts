import { simulate } from '@bellwether/simulator';
import { expect, it } from 'vitest';
import { CounterMachine } from '../src/counter.ts';

it('counts what it should, whatever happens to its nodes', () => {
  const report = simulate({
    stateMachine: () => new CounterMachine(),
    workload: ({ random }) =>
      random.chance(0.3) ? { query: undefined } : { command: random.between(-3, 10) },
    seeds: 4,
    safetyMs: 1_500,
  });
  expect(report.operations.done).toBeGreaterThan(200);
});
