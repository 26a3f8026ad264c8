import type { Scenario } from '@bellwether/availability';
import { askWord, type Server } from '../cli/ask-word.ts';
import { assumedScenario } from '../plan/plan-scenario.ts';
import { latenciesMs, type Measurement, samplesOf } from './analysis.ts';
import type { Probe } from './node-prober.ts';

const ASK_MS_MAX = 2_000;

/** Of a node, by its own account. */
export interface NodeFigures {
  readonly isLeader: boolean;
  /** Mean time of a flush, ms; undefined when it does not say. */
  readonly flushMs: number | undefined;
}

/** Asks `mntr`; what does not answer is left out. */
export async function nodeFigures(server: Server): Promise<NodeFigures | undefined> {
  try {
    const text = await askWord(server, 'mntr', ASK_MS_MAX);
    const flush = /^zk_avg_fsynctime\s+([\d.]+)/m.exec(text)?.[1];
    return {
      isLeader: /^zk_server_state\s+leader/m.test(text),
      flushMs: flush === undefined ? undefined : Number(flush),
    };
  } catch {
    return undefined;
  }
}

/**
 * What of the machine can be told from outside, from probes while all was well:
 * - a write through a follower takes two messages between nodes more than one through the leader;
 * - a read takes the way to the node and back alone;
 * - a write through the leader takes that, two hops into the consensus thread and back, two messages and a
 *   flush.
 */
export function calibrated(
  measurement: Measurement,
  figures: readonly (NodeFigures | undefined)[],
): Scenario {
  const { scenario } = assumedScenario();
  const calm = calmProbes(measurement);
  const leader = figures.findIndex((each) => each?.isLeader);
  const isLeader = ({ node }: Probe): boolean => node === leader;
  const readMs = samplesOf(latenciesMs(calm, 'read'))?.medianMs ?? 0;
  const atLeaderMs = samplesOf(latenciesMs(calm, 'write', isLeader))?.medianMs ?? readMs;
  const elsewhere = latenciesMs(calm, 'write', (probe) => !isLeader(probe));
  const elsewhereMs = samplesOf(elsewhere)?.medianMs ?? atLeaderMs;
  const flushes = figures.flatMap((each) => each?.flushMs ?? []);
  const flushMs = flushes.reduce((sum, ms) => sum + ms, 0) / Math.max(1, flushes.length);
  const tripMs = Math.max(0.01, (elsewhereMs - atLeaderMs) / 2);
  const hopMs = Math.min(tripMs, Math.max(0, (atLeaderMs - readMs - 2 * tripMs - flushMs) / 2));
  const closed = measurement.kills.map(({ closedAfterMs }) => closedAfterMs);
  const voters = figures.length;
  return {
    ...scenario,
    members: { ...scenario.members, voters, electable: voters },
    machine: {
      ...scenario.machine,
      flushMs,
      hopMs,
      rttMs: 2 * (tripMs - hopMs),
      closeMs: samplesOf(closed)?.meanMs ?? scenario.machine.closeMs,
    },
  };
}

/** Before the first kill: the leader was the one that said so, and nothing else went on. */
function calmProbes({ probes, kills }: Measurement): readonly Probe[] {
  const untilMs = kills[0]?.atMs ?? Infinity;
  return probes.filter(({ endedMs }) => endedMs < untilMs);
}
