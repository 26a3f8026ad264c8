import { describe, expect, it } from 'vitest';
import {
  type Kill,
  latenciesMs,
  type Measurement,
  meanRecovery,
  samplesOf,
  unavailability,
  windowsOf,
} from '../../src/measure/analysis.ts';
import { calibrated } from '../../src/measure/calibration.ts';
import type { Probe, ProbeKind } from '../../src/measure/node-prober.ts';

const PERIOD_MS = 10;

/** Probes of one node from 0 to `untilMs`; none is answered between `stops[i]` and the time after it. */
function probesOf(
  node: number,
  untilMs: number,
  latencyMs: number,
  stops: readonly (readonly [fromMs: number, toMs: number])[] = [],
  kind: ProbeKind = 'write',
): readonly Probe[] {
  return Array.from({ length: untilMs / PERIOD_MS }, (_, i): Probe => {
    const sentMs = i * PERIOD_MS;
    const stop = stops.find(([fromMs, toMs]) => sentMs >= fromMs && sentMs < toMs);
    const endedMs = (stop === undefined ? sentMs : stop[1]) + latencyMs;
    return { node, kind, sentMs, endedMs, outcome: 'done' };
  });
}

function measurement(
  probes: readonly Probe[],
  kills: readonly Kill[],
  endedMs: number,
): Measurement {
  return { startedMs: 0, endedMs, perSecond: 1_000 / PERIOD_MS, probes, kills };
}

describe('a measurement without kills', () => {
  it('has no windows while all is well', () => {
    const calm = measurement([...probesOf(0, 30_000, 2), ...probesOf(1, 30_000, 3)], [], 30_000);
    expect(windowsOf(calm)).toEqual([]);
    expect(unavailability(calm)).toMatchObject({ value: 0, low: 0 });
    // Thirty seconds in each of which nothing happened: the rule of three.
    expect(unavailability(calm).high).toBeCloseTo(1 - 0.05 ** (1 / 30), 12);
  });

  it('finds the time in which nothing was acknowledged, and its part of the whole', () => {
    const stopped = measurement(probesOf(0, 40_000, 2, [[10_000, 12_000]]), [], 40_000);
    const [window, ...others] = windowsOf(stopped);
    expect(others).toEqual([]);
    expect(window!.lengthMs).toBeCloseTo(2_000, -2);
    const { value, low, high } = unavailability(stopped);
    expect(value).toBeCloseTo(2 / 40, 2);
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
  });
});

describe('a measurement with kills', () => {
  const kill = (atMs: number, node: number, ...recoveriesMs: readonly number[]): Kill => ({
    calmFromMs: atMs - 1_000,
    figures: [],
    atMs,
    node,
    closedAfterMs: 4,
    recoveriesMs,
  });
  const kills = [
    kill(5_000, 0, 40, 60),
    kill(10_000, 1, 90, 110),
    kill(15_000, 2, 20, 40),
    kill(20_000, 0, 60, 80),
  ];

  it('counts each kill once, by what clients of the survivors waited on average', () => {
    const stops = kills.map(({ atMs }) => [atMs, atMs + 100] as const);
    const probes = [0, 1, 2].flatMap((node) => probesOf(node, 25_000, 1, stops));
    const killed = measurement(probes, kills, 25_000);
    expect(windowsOf(killed).map(({ lengthMs }) => lengthMs)).toEqual([50, 100, 30, 70]);
    expect(unavailability(killed).value).toBeCloseTo(250 / 20_000, 6);
    expect(meanRecovery(kills)!.value).toBe(62.5);
  });

  it('does not blame the cluster for a node that is dead', () => {
    const probes = [...probesOf(0, 25_000, 1, [[5_000, 9_000]]), ...probesOf(1, 25_000, 1)];
    expect(windowsOf(measurement(probes, kills.slice(0, 1), 25_000))).toHaveLength(1);
  });

  it('sees a gap that no kill explains', () => {
    const probes = probesOf(2, 25_000, 1, [[7_000, 7_500]]);
    const windows = windowsOf(measurement(probes, kills.slice(0, 1), 25_000));
    expect(windows).toHaveLength(2);
    expect(windows[1]!.lengthMs).toBeCloseTo(500, -2);
  });
});

describe('what is told of samples', () => {
  it('leaves out what failed', () => {
    const probes: readonly Probe[] = [
      { node: 0, kind: 'write', sentMs: 0, endedMs: 4, outcome: 'done' },
      { node: 0, kind: 'write', sentMs: 0, endedMs: 900, outcome: 'failed' },
      { node: 0, kind: 'read', sentMs: 0, endedMs: 1, outcome: 'done' },
    ];
    expect(latenciesMs(probes, 'write')).toEqual([4]);
    expect(samplesOf([])).toBeUndefined();
    expect(samplesOf([1, 2, 9])).toMatchObject({ count: 3, meanMs: 4, medianMs: 2, maxMs: 9 });
  });

  it('tells messages, hops and flushes apart', () => {
    // Reads 0.4 ms; a flush 0.5 ms; hops 0.1 ms each; a message between nodes 0.3 ms.
    const atLeaderMs = 0.4 + 2 * 0.1 + 2 * 0.3 + 0.5;
    const probes = [
      ...[0, 1, 2].flatMap((node) => probesOf(node, 1_000, 0.4, [], 'read')),
      ...probesOf(0, 1_000, atLeaderMs + 2 * 0.3),
      ...probesOf(1, 1_000, atLeaderMs),
      ...probesOf(2, 1_000, atLeaderMs + 2 * 0.3),
    ];
    const kill: Kill = {
      calmFromMs: 0,
      atMs: 2_000,
      node: 1,
      closedAfterMs: 7,
      recoveriesMs: [20, 20],
      // Each flush counts alike: 0.5 ms is their mean.
      figures: [{ flushes: 30, flushMs: 0.4 }, { flushes: 10, flushMs: 0.8 }, undefined],
    };
    const { machine, members } = calibrated(measurement(probes, [kill], 3_000), 3);
    expect(machine.closeMs).toBe(7);
    expect(members.voters).toBe(3);
    expect(machine.flushMs).toBeCloseTo(0.5, 9);
    expect(machine.hopMs).toBeCloseTo(0.1, 9);
    expect(machine.rttMs / 2 + machine.hopMs).toBeCloseTo(0.3, 9);
  });
});
