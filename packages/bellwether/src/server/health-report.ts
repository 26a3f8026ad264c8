import type { NodeStatus, Vitals } from '@bellwether/cluster';
import { textTable } from '../dev/table.ts';

/** A node as it said of itself. Times in ms. */
interface NodeHealth extends Vitals {
  readonly node: number;
  /** How long ago it said so; 0 for the node that is asked. */
  readonly vitalsAgeMs: number;
}

/** What the word `hlth` and the admin command `health` tell. */
export interface HealthJson {
  readonly node: number;
  readonly leader: number;
  /** Of a follower: how long its leader has been silent, and how long it may be. */
  readonly leaderSilenceMs: number | null;
  readonly leaderSilenceBoundMs: number | null;
  /** Every node that has said something, in order of their numbers. */
  readonly nodes: readonly NodeHealth[];
}

export function healthJson(status: NodeStatus): HealthJson {
  const { raft, leadership, peers, vitals, leaderSilence } = status;
  const own: NodeHealth = { node: raft.id, vitalsAgeMs: 0, ...vitals };
  const others = peers.flatMap((peer): NodeHealth[] => {
    if (peer.vitals === undefined) return [];
    const { ageMs } = peer.vitals;
    return [{ node: peer.nodeId, vitalsAgeMs: Math.round(ageMs), ...peer.vitals.vitals }];
  });
  return {
    node: raft.id,
    leader: leadership.leaderId,
    leaderSilenceMs: rounded(leaderSilence?.silenceMs),
    leaderSilenceBoundMs: rounded(leaderSilence?.boundMs),
    nodes: [own, ...others].sort((a, b) => a.node - b.node),
  };
}

const HEADINGS = ['node', 'role', 'term', 'commit', 'load B', 'loop ms', 'flush ms', 'service ms'];

/** The same as a table; in `flush` and `service`, what is still owed stands behind a plus. */
export function healthLines(status: NodeStatus): readonly string[] {
  const { leaderSilenceMs, leaderSilenceBoundMs, nodes } = healthJson(status);
  const silence = `leader silent for ${leaderSilenceMs} ms, suspected after ${leaderSilenceBoundMs} ms`;
  return [
    ...(leaderSilenceMs === null ? [] : [silence]),
    ...textTable([[...HEADINGS, 'said ms ago'], ...nodes.map(cellsOf)]),
  ];
}

function cellsOf(health: NodeHealth): readonly string[] {
  const { node, role, term, commit, loadBytes, loopDelayMs, vitalsAgeMs } = health;
  return [
    ...[node, role, term, commit, loadBytes, loopDelayMs].map(String),
    owed(health.flushAgeMs, health.flushPendingMs),
    owed(health.serviceAgeMs, health.servicePendingMs),
    String(vitalsAgeMs),
  ];
}

const owed = (ageMs: number, pendingMs: number): string =>
  pendingMs === 0 ? String(ageMs) : `${ageMs} +${pendingMs}`;

const rounded = (ms: number | undefined): number | null =>
  ms === undefined ? null : Math.round(ms);
