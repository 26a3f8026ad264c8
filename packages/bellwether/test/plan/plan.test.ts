import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planPlots } from '../../src/plan/plan-charts.ts';
import { assumedScenario } from '../../src/plan/plan-scenario.ts';
import { type Outcome, outcomeOf } from '../support/outcome.ts';
import { scratchDirectory } from '../support/scratch.ts';

const plan = (...args: readonly string[]): Promise<Outcome> => outcomeOf('plan', ...args);

interface PlanJson {
  readonly prediction: {
    readonly voters: number;
    readonly unavailability: number;
    readonly nines: number;
  };
  readonly byVoters: readonly { readonly voters: number; readonly nines: number }[];
  readonly scenario: {
    readonly failures: { readonly mtbfMs: number };
    readonly timing: { readonly heartbeatMs: number };
  };
  readonly origins: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
}

async function json(...args: readonly string[]): Promise<PlanJson> {
  const outcome = await plan('--json', ...args);
  expect(outcome).toMatchObject({ code: 0, err: '' });
  return JSON.parse(outcome.out) as PlanJson;
}

describe('bellwether plan', () => {
  it('says all that somebody who plans wants to know', async () => {
    const { code, out: output } = await plan('--nodes', '5', '--mtbf', '90d', '--mttr', '5m');
    expect(code).toBe(0);
    expect(output).toMatch(/^5 nodes: quorum 3, tolerates 2 failures$/m);
    expect(output).toMatch(/^availability {2}99\.\d+ % \(\d\.\d nines\)$/m);
    expect(output).toMatch(/^quorum lost .* %$/m);
    expect(output).toMatch(/^crash .* ms$/m);
    expect(output).toMatch(/^ *7 +3 +99\./m);
    expect(output).toMatch(/^what would buy the next nine/m);
    expect(output).toMatch(/^--mtbf +90 days +given/m);
    expect(output).toMatch(/^--heartbeat +50 ms +Bellwether’s default/m);
  });

  it('is better with more nodes, and compares 1, 3, 5 and 7', async () => {
    const { byVoters } = await json('--mttr', '1h');
    expect(byVoters.map(({ voters }) => voters)).toEqual([1, 3, 5, 7]);
    expect(byVoters[1]!.nines).toBeGreaterThan(byVoters[0]!.nines + 2);
    expect(byVoters[2]!.nines).toBeGreaterThan(byVoters[1]!.nines);
  });

  it('computes the textbook figure exactly when asked for it', async () => {
    const { out: output } = await plan('--model', 'textbook', '--json');
    expect(JSON.parse(output)).toEqual({
      model: 'textbook',
      detectionMs: 500,
      recoveryMs: 3_500,
      downtimeMs: 4_000,
      availability: 0.96,
    });
    expect((await plan('--model', 'textbook')).out).toMatch(/^availability {2}96 %$/m);
  });

  it('reads a configuration, and what is given goes before it', async () => {
    const directory = scratchDirectory({ 'node.yaml': CONFIG });
    const file = join(directory, 'node.yaml');
    const configured = await json('--config', file);
    expect(configured.prediction.voters).toBe(4);
    expect(configured.scenario.timing.heartbeatMs).toBe(60);
    expect(configured.origins).toMatchObject({ nodes: 'configured', mtbf: 'assumed' });
    expect(configured.notes.join('\n')).toMatch(/1 learners take part in no vote/);
    expect(configured.notes.join('\n')).toMatch(/an even number tolerates the failure of 1/);
    const given = await json('--config', file, '--heartbeat', '80ms', '--nodes', '3');
    expect(given.scenario.timing.heartbeatMs).toBe(80);
    expect(given.prediction.voters).toBe(3);
  });

  it('lets the bounds of silence follow from the heartbeats, as a configuration does', async () => {
    const { timing } = (await json('--heartbeat', '200ms')).scenario;
    expect(timing).toMatchObject({ silenceMsMin: 800, silenceMsMax: 3_200 });
    const fixed = (await json('--heartbeat', '200ms', '--timeout', '500ms')).scenario.timing;
    expect(fixed).toMatchObject({ silenceMsMin: 500, silenceMsMax: 500 });
  });

  it.each([
    ['--nodes 4', /--nodes is 4: an even number tolerates the failure of 1/],
    ['--mtbf -1d', /--mtbf is -24 h: it must be above 0/],
    ['--mtbf 30', /--mtbf is "30": write a number and a unit/],
    ['--heartbeat 300ms --timeout 200ms', /--timeout is 200 ms, not above the heartbeat interval/],
    ['--zones 5', /--zones is 5: 3 nodes can be in at most 3 zones/],
    ['--silent 120%', /--silent is 120 %/],
    ['--rtt -1ms', /--rtt is -1 ms: it must be 0 or more/],
    ['--mttr never', /--mttr is never: it must be above 0/],
    ['--nodes three', /--nodes is "three": write a whole number/],
    ['--model textbook --period 2s', /--period is 2 s, but one failure takes 4 s/],
  ])('explains why %s cannot be', async (args, message) => {
    const outcome = await plan(...args.split(' '));
    expect(outcome.code).toBe(2);
    expect(outcome.out).toBe('');
    expect(outcome.err).toMatch(message);
  });

  it('names all mistakes at once', async () => {
    const { err: errors } = await plan('--nodes', '4', '--mttr', '0', '--flush', '-1ms');
    expect(errors).toMatch(/--nodes[^]*--mttr|--mttr[^]*--nodes/);
    expect(errors).toMatch(/--flush/);
  });

  it('writes a report that needs nothing else', async () => {
    const file = join(scratchDirectory(), 'report.html');
    const { code, out: output } = await plan('--html', file);
    expect(code).toBe(0);
    expect(output).toContain(file);
    const html = readFileSync(file, 'utf8');
    expect(html.match(/<svg/g)).toHaveLength(4);
    expect(html).not.toMatch(/<script|<link|src=|@import|url\(|NaN|undefined/);
    const addresses = [...html.matchAll(/https?:\/\/[^"\s<]+/g)].map(([address]) => address);
    expect(new Set(addresses)).toEqual(new Set(['http://www.w3.org/2000/svg']));
  });

  it('says where it cannot write', async () => {
    const file = join(scratchDirectory({ taken: 'by a file' }), 'taken', 'report.html');
    const { code, err: errors } = await plan('--html', file);
    expect(code).toBe(1);
    expect(errors).toMatch(/cannot write .*: choose another place/);
  });
});

describe('plots', () => {
  it('are the same on every run', () => {
    const { scenario } = assumedScenario();
    expect(planPlots(scenario)).toEqual(planPlots(scenario));
  });

  it('leave out failovers where there are none', () => {
    const { scenario } = assumedScenario();
    const members = { ...scenario.members, voters: 1, electable: 1 };
    const names = planPlots({ ...scenario, members }).map(({ name }) => name);
    expect(names).toEqual(['nodes', 'repair', 'heartbeat']);
  });
});

const CONFIG = `
nodeId: 1
dataDir: data
timing: { tickMs: 10, heartbeatTicks: 6 }
peers:
  - { id: 1, host: a, port: 1 }
  - { id: 2, host: b, port: 1 }
  - { id: 3, host: c, port: 1 }
  - { id: 4, host: d, port: 1 }
  - { id: 5, host: e, port: 1, role: learner }
`;
