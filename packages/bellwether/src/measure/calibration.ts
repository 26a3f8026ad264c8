import type { Scenario } from '@bellwether/availability';
import { assumedScenario } from '../plan/plan-scenario.ts';
import { latenciesMs, type Measurement, samplesOf } from './analysis.ts';
import type { Probe } from './node-prober.ts';

/**
 * What of the machine can be told from outside, from the calm before each kill, in which the killed node led:
 * - a write through a follower takes two messages between nodes more than one through the leader;
 * - a read takes the way to the node and back alone;
 * - a write through the leader takes that, two hops into the consensus thread and back, two messages and a
 *   flush.
 *
 * Means, not medians: means of parts add up to the mean of the whole, which is what is predicted.
 */
export function calibrated(measurement: Measurement, voters: number): Scenario {
  const { scenario } = assumedScenario();
  const { kills } = measurement;
  const members = { ...scenario.members, voters, electable: voters };
  if (kills.length === 0) return { ...scenario, members };
  const { atLeader, elsewhere } = calmProbes(measurement);
  const flushMs = meanFlushMs(measurement) ?? scenario.machine.flushMs;
  const readMs = meanMs(latenciesMs([...atLeader, ...elsewhere], 'read'));
  const atLeaderMs = meanMs(latenciesMs(atLeader, 'write'));
  const elsewhereMs = meanMs(latenciesMs(elsewhere, 'write'));
  const tripMs = Math.max(0, (elsewhereMs - atLeaderMs) / 2);
  const hopMs = Math.min(tripMs, Math.max(0, (atLeaderMs - readMs - 2 * tripMs - flushMs) / 2));
  const closeMs = meanMs(kills.map(({ closedAfterMs }) => closedAfterMs));
  const rttMs = 2 * (tripMs - hopMs);
  return { ...scenario, members, machine: { ...scenario.machine, flushMs, hopMs, rttMs, closeMs } };
}

interface CalmProbes {
  readonly atLeader: readonly Probe[];
  readonly elsewhere: readonly Probe[];
}

function calmProbes({ probes, kills }: Measurement): CalmProbes {
  const atLeader: Probe[] = [];
  const elsewhere: Probe[] = [];
  for (const { calmFromMs, atMs, node } of kills) {
    for (const probe of probes) {
      if (probe.sentMs < calmFromMs || probe.endedMs >= atMs) continue;
      (probe.node === node ? atLeader : elsewhere).push(probe);
    }
  }
  return { atLeader, elsewhere };
}

/** Over all lives of all nodes, each flush counting alike. */
function meanFlushMs({ kills }: Measurement): number | undefined {
  const all = kills.flatMap(({ figures }) => figures.flatMap((each) => each ?? []));
  const flushes = all.reduce((sum, each) => sum + each.flushes, 0);
  if (flushes === 0) return undefined;
  return all.reduce((sum, each) => sum + each.flushes * each.flushMs, 0) / flushes;
}

function meanMs(values: readonly number[]): number {
  return samplesOf(values)?.meanMs ?? 0;
}
