import { describe, expect, it } from 'vitest';
import { CHAIN_STATES_MAX, stationaryDistribution } from '../src/chain.ts';
import { clusterChain, hasQuorum } from '../src/cluster-chain.ts';
import { predict } from '../src/predict.ts';
import { quorumOf, type Scenario, SCENARIO_DEFAULT } from '../src/scenario.ts';
import { ClusterSimulation } from './support/cluster-simulation.ts';
import { randomFrom } from './support/random.ts';

/** Fails often enough for a simulation to see it. */
function fragile(change: {
  readonly [K in keyof Scenario]?: Partial<Scenario[K]>;
}): Scenario {
  const base: Scenario = {
    ...SCENARIO_DEFAULT,
    failures: { mtbfMs: 100, mttrMs: 10, silentShare: 0.5, crews: Infinity },
  };
  const entries = Object.entries(change).map(([key, value]) => {
    return [key, { ...base[key as keyof Scenario], ...value }] as const;
  });
  return { ...base, ...Object.fromEntries(entries) };
}

function noQuorum(scenario: Scenario): number {
  const chain = clusterChain(scenario);
  const probabilities = stationaryDistribution(chain);
  return chain.states.reduce(
    (sum, state, at) => (hasQuorum(scenario, state) ? sum : sum + probabilities[at]!),
    0,
  );
}

/** Every combination of nodes and zones that are up or down, each by itself. */
function byEnumeration({ members, failures, zones }: Scenario): number {
  const nodeDown = failures.mttrMs / (failures.mtbfMs + failures.mttrMs);
  const zoneDown = zones.mtbfMs === Infinity ? 0 : zones.mttrMs / (zones.mtbfMs + zones.mttrMs);
  const things = members.voters + zones.count;
  let lost = 0;
  for (let mask = 0; mask < 2 ** things; mask++) {
    const isDown = (thing: number): boolean => ((mask >> thing) & 1) === 1;
    let probability = 1;
    for (let thing = 0; thing < things; thing++) {
      const down = thing < members.voters ? nodeDown : zoneDown;
      probability *= isDown(thing) ? down : 1 - down;
    }
    let voters = 0;
    let able = 0;
    for (let node = 0; node < members.voters; node++) {
      if (isDown(node) || isDown(members.voters + (node % zones.count))) continue;
      voters += 1;
      if (node < members.electable) able += 1;
    }
    if (voters < quorumOf(members.voters) || able === 0) lost += probability;
  }
  return lost;
}

describe('the part of the time without a quorum', () => {
  it('has the closed form of 1, 2 and 3 nodes', () => {
    const u = 10 / 110;
    const of = (voters: number): number =>
      noQuorum(fragile({ members: { voters, electable: voters } }));
    expect(of(1)).toBeCloseTo(u, 14);
    expect(of(2)).toBeCloseTo(1 - (1 - u) ** 2, 14);
    expect(of(3)).toBeCloseTo(3 * u * u * (1 - u) + u ** 3, 14);
  });

  it.each([
    [3, 3, 1],
    [3, 2, 3],
    [5, 5, 3],
    [5, 2, 2],
    [7, 7, 3],
    [7, 4, 5],
  ])('of %d voters, %d of which may lead, in %d zones is that of all combinations', (n, e, z) => {
    const scenario = fragile({
      members: { voters: n, electable: e },
      zones: { count: z, mtbfMs: 300, mttrMs: 15 },
    });
    expect(noQuorum(scenario) / byEnumeration(scenario)).toBeCloseTo(1, 12);
  });

  it('keeps its digits where failures are rare', () => {
    const scenario = fragile({
      members: { voters: 7, electable: 7 },
      failures: { mtbfMs: 1e12, mttrMs: 1 },
    });
    // Four of seven at once: 35 u^4.
    expect(noQuorum(scenario) / (35 * 1e-48)).toBeCloseTo(1, 9);
  });

  it('stays solvable for the largest clusters that are allowed', () => {
    const scenario = fragile({
      members: { voters: 9, electable: 9 },
      zones: { count: 3, mtbfMs: 1_000, mttrMs: 5 },
      maintenance: { everyMs: 2_000, lastsMs: 3 },
    });
    expect(clusterChain(scenario).states.length).toBeLessThan(CHAIN_STATES_MAX);
  });
});

describe('the chain and a simulation node by node agree', () => {
  it.each<[string, Scenario]>([
    ['with one repair crew', fragile({ failures: { crews: 1, mttrMs: 20 } })],
    [
      'with zones',
      fragile({
        members: { voters: 5, electable: 5 },
        zones: { count: 3, mtbfMs: 200, mttrMs: 20 },
      }),
    ],
    [
      'with maintenance and nodes that never lead',
      fragile({ members: { electable: 2 }, maintenance: { everyMs: 60, lastsMs: 8 } }),
    ],
    [
      'with learners that stand in',
      fragile({ members: { spares: 2, replaceMs: 3 }, failures: { mttrMs: 30 } }),
    ],
    [
      'with all of it',
      fragile({
        members: { voters: 5, electable: 4, spares: 1, replaceMs: 4 },
        failures: { crews: 2, mttrMs: 20 },
        zones: { count: 2, mtbfMs: 400, mttrMs: 10 },
        maintenance: { everyMs: 100, lastsMs: 5 },
      }),
    ],
  ])('%s', (_, scenario) => {
    const batches = 100;
    const batchMs = 3_000;
    const played = new ClusterSimulation(scenario, randomFrom(42)).play(batches, batchMs);
    const { mean, half } = batchMean(played.noQuorum);
    expect(Math.abs(noQuorum(scenario) - mean)).toBeLessThan(half);

    const prediction = predict(scenario);
    const yearMs = prediction.causes[0]!.perYear / played.quorumLossesPerMs;
    const perMs = (cause: string): number =>
      (prediction.causes.find((each) => each.cause === cause)?.perYear ?? 0) / (365.25 * 864e5);
    expect(yearMs / (365.25 * 864e5)).toBeCloseTo(1, 1);
    const { node, zone, maintenance } = played.leaderLossesPerMs;
    expectRate(perMs('crash') + perMs('silence'), node, batches * batchMs);
    expectRate(perMs('zone'), zone, batches * batchMs);
    expectRate(perMs('handover'), maintenance, batches * batchMs);
  });
});

/** Counts of a Poisson-like process vary by their root; four of those are rarely exceeded. */
function expectRate(predicted: number, played: number, overMs: number): void {
  const expected = predicted * overMs;
  expect(Math.abs(played * overMs - expected)).toBeLessThanOrEqual(4 * Math.sqrt(expected) + 1e-9);
}

function batchMean(values: readonly number[]): { readonly mean: number; readonly half: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, half: 4 * Math.sqrt(squares / (values.length - 1) / values.length) };
}
