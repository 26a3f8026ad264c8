import { describe, expect, it } from 'vitest';
import { mistakesIn } from '../src/checks.ts';
import { type Scenario, SCENARIO_DEFAULT } from '../src/scenario.ts';

function changed<K extends keyof Scenario>(group: K, change: Partial<Scenario[K]>): Scenario {
  return { ...SCENARIO_DEFAULT, [group]: { ...SCENARIO_DEFAULT[group], ...change } };
}

const fieldsOf = (scenario: Scenario): readonly string[] =>
  mistakesIn(scenario).map(({ field, code }) => `${field} ${code}`);

describe('impossible input', () => {
  it('is nothing in the default', () => {
    expect(mistakesIn(SCENARIO_DEFAULT)).toEqual([]);
  });

  it.each<[string, Scenario]>([
    ['failures.mtbfMs not-positive', changed('failures', { mtbfMs: -1 })],
    ['failures.mttrMs not-positive', changed('failures', { mttrMs: 0 })],
    ['failures.mttrMs not-positive', changed('failures', { mttrMs: Infinity })],
    ['failures.silentShare out-of-range', changed('failures', { silentShare: 1.2 })],
    ['failures.crews out-of-range', changed('failures', { crews: 0 })],
    ['machine.rttMs negative', changed('machine', { rttMs: -0.1 })],
    ['machine.flushMs negative', changed('machine', { flushMs: Number.NaN })],
    ['members.voters even', changed('members', { voters: 4 })],
    ['members.voters out-of-range', changed('members', { voters: 17 })],
    ['members.voters not-whole', changed('members', { voters: 3.5 })],
    ['members.electable out-of-range', changed('members', { electable: 4 })],
    ['zones.count contradiction', changed('zones', { count: 5 })],
    ['timing.silenceMsMin contradiction', changed('timing', { silenceMsMin: 50 })],
    ['timing.silenceMsMax contradiction', changed('timing', { silenceMsMax: 199 })],
    ['timing.tickMs contradiction', changed('timing', { tickMs: 60 })],
    ['timing.heartbeatMs not-positive', changed('timing', { heartbeatMs: 0 })],
  ])('is named: %s', (expected, scenario) => {
    expect(fieldsOf(scenario)).toContain(expected);
  });

  it('is named all at once', () => {
    const scenario = { ...changed('failures', { mtbfMs: -1, mttrMs: -1 }) };
    expect(fieldsOf(scenario)).toHaveLength(2);
  });

  it('says why an even number is none', () => {
    expect(mistakesIn(changed('members', { voters: 4, electable: 4 }))[0]!.advice).toBe(
      'an even number tolerates the failure of 1, no more than 3, and fails more often: use 3 or 5',
    );
  });
});
