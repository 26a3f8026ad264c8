import { simulate } from '@bellwether/simulator';
import { expect, it } from 'vitest';
import { Schedule } from '../src/schedule.ts';

it('begins no slot that is over, whatever happens to its nodes', () => {
  const report = simulate({
    stateMachine: () => new Schedule(),
    workload: ({ random, step }) => {
      const job = random.pick(['a', 'b']);
      if (random.chance(0.3)) return { query: job };
      const kind = random.chance(0.5) ? 'begin' : 'done';
      return { command: { kind, job, slot: Math.floor(step / 10) + random.below(2) } };
    },
    seeds: 3,
    safetyMs: 1_500,
  });
  expect(report.operations.done).toBeGreaterThan(100);
  expect(report.operations.failed).toBeGreaterThan(20);
});
