import { expect, it } from 'vitest';
import { simulateRecipes } from './recipe-simulation.ts';

/** Of those that are soon done, with sessions that are lost. */
const SEEDS = [11, 22];

it(
  `${SEEDS.length} seeds pass, with clients that play every recipe`,
  { timeout: 120_000 },
  async () => {
    const steps = new Map<string, number>();
    let sessions = 0;
    for (const seed of SEEDS) {
      const run = await simulateRecipes({ seed, clients: 3, safetyMs: 2_000 });
      const replay = `npm run simulate:recipes -- --seed ${seed} --clients 3 --safety-ms 2000`;
      expect(run.wrong, [replay, ...run.recent].join('\n')).toEqual([]);
      for (const [role, count] of run.steps) steps.set(role, (steps.get(role) ?? 0) + count);
      sessions += run.sessions;
    }
    // So that nobody takes silence for success: recipes worked, and were made to suffer.
    for (const [role, count] of steps) expect(count, role).toBeGreaterThan(5);
    expect(steps.size).toBeGreaterThan(18);
    expect(sessions).toBeGreaterThan(SEEDS.length * 3);
  },
);

it('a seed does the same again, byte for byte', { timeout: 60_000 }, async () => {
  const options = { seed: 7, clients: 2, safetyMs: 500 };
  const [first, second] = [await simulateRecipes(options), await simulateRecipes(options)];
  expect(second).toEqual(first);
  expect((await simulateRecipes({ ...options, seed: 8 })).digest).not.toBe(first.digest);
});
