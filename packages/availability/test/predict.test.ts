import { describe, expect, it } from 'vitest';
import { failoverTerms, meanFailoverMs } from '../src/failover.ts';
import { leversFor, withLever } from '../src/levers.ts';
import { nodeUnavailability } from '../src/poisson.ts';
import { predict } from '../src/predict.ts';
import { type Scenario, SCENARIO_DEFAULT, withVoters } from '../src/scenario.ts';
import { DAY_MS, YEAR_MS } from '../src/time.ts';
import { exponentialFrom, randomFrom } from './support/random.ts';

function changed<K extends keyof Scenario>(group: K, change: Partial<Scenario[K]>): Scenario {
  return { ...SCENARIO_DEFAULT, [group]: { ...SCENARIO_DEFAULT[group], ...change } };
}

describe('a prediction', () => {
  it('for one node is MTTR / (MTBF + MTTR)', () => {
    const { unavailability, causes, recoveryMs } = predict(withVoters(SCENARIO_DEFAULT, 1));
    const { mtbfMs, mttrMs } = SCENARIO_DEFAULT.failures;
    expect(unavailability / nodeUnavailability(mtbfMs, mttrMs)).toBeCloseTo(1, 12);
    expect(causes.map(({ cause }) => cause)).toEqual(['quorumLoss']);
    expect(recoveryMs).toBeUndefined();
  });

  it('for three nodes is quorum loss plus failovers', () => {
    const scenario = SCENARIO_DEFAULT;
    const { failures, timing, machine } = scenario;
    const u = nodeUnavailability(failures.mtbfMs, failures.mttrMs);
    const quorumLoss = 3 * u * u * (1 - u) + u ** 3;
    const mean = (kind: 'crash' | 'silence'): number =>
      meanFailoverMs(failoverTerms(kind, 3, timing, machine));
    const failoverMs = 0.9 * mean('crash') + 0.1 * mean('silence');
    // The leader fails and the two others are up; what fails beside a failed node is quorum loss.
    const expected = quorumLoss + (failoverMs / failures.mtbfMs) * (1 - u) ** 3;
    expect(predict(scenario).unavailability / expected).toBeCloseTo(1, 6);
  });

  it('adds up: the causes are the whole', () => {
    const scenario: Scenario = {
      ...SCENARIO_DEFAULT,
      zones: { count: 3, mtbfMs: YEAR_MS, mttrMs: 36e5 },
      maintenance: { everyMs: 7 * DAY_MS, lastsMs: 6e4 },
      stalls: { everyMs: 36e5, lastsMs: 100 },
    };
    const { causes, downtimeMsPerYear, unavailability, availability } = predict(scenario);
    expect(causes).toHaveLength(6);
    const sum = causes.reduce((total, each) => total + each.downtimeMsPerYear, 0);
    expect(sum / downtimeMsPerYear).toBeCloseTo(1, 12);
    expect(downtimeMsPerYear / YEAR_MS / unavailability).toBeCloseTo(1, 12);
    expect(availability).toBe(1 - unavailability);
    for (const each of causes) {
      expect((each.perYear * each.meanMs) / each.downtimeMsPerYear).toBeCloseTo(1, 4);
    }
  });

  it('is a part of the time even when failovers never end', () => {
    const { unavailability } = predict(changed('failures', { mtbfMs: 10, mttrMs: 1e-3 }));
    expect(unavailability).toBeGreaterThan(0.5);
    expect(unavailability).toBeLessThan(1);
  });

  it('agrees with a cluster whose failovers are played in time', () => {
    // Failures so frequent that failovers take a tenth of the time; nodes are back at once.
    const scenario = changed('failures', { mtbfMs: 150, mttrMs: 1e-6, silentShare: 0 });
    const meanMs = predict(scenario).recoveryMs!.crash;
    const random = randomFrom(31);
    let up = 0;
    let down = 0;
    for (let i = 0; i < 100_000; i++) {
      up += exponentialFrom(random, 150);
      down += meanMs * 2 * random();
    }
    expect(predict(scenario).unavailability).toBeCloseTo(down / (up + down), 2);
  });
});

describe('the next nine', () => {
  it('is reached by what is said to reach it, and not by less', () => {
    const before = predict(SCENARIO_DEFAULT).unavailability;
    const levers = leversFor(SCENARIO_DEFAULT);
    const reaching = levers.filter(({ reaches }) => reaches);
    expect(reaching.length).toBeGreaterThan(0);
    for (const { name, to, now } of reaching) {
      const after = predict(withLever(SCENARIO_DEFAULT, name, to)).unavailability;
      expect(after).toBeLessThanOrEqual(before / 10);
      if (!['mttr', 'mtbf', 'timeouts', 'zoneMttr'].includes(name)) continue;
      // Going back a little on the way from now is too little.
      const less = predict(
        withLever(SCENARIO_DEFAULT, name, to * (now / to) ** 0.02),
      ).unavailability;
      expect(less).toBeGreaterThan(before / 10);
    }
  });

  it('puts what reaches it first', () => {
    const flags = leversFor(SCENARIO_DEFAULT).map(({ reaches }) => Number(reaches));
    expect(flags).toEqual([...flags].sort((a, b) => b - a));
  });

  it('speaks of zones and crews only where they matter', () => {
    const names = leversFor(SCENARIO_DEFAULT).map(({ name }) => name);
    expect(names).not.toContain('zones');
    expect(names).not.toContain('crews');
    const zoned = changed('zones', { mtbfMs: YEAR_MS });
    expect(leversFor(zoned).map(({ name }) => name)).toContain('zones');
    const alone = changed('failures', { crews: 1 });
    expect(leversFor(alone).map(({ name }) => name)).toContain('crews');
  });
});
