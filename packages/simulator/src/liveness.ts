import type { ProgressStatus } from '@bellwether/raft';
import type { Clients } from './application.ts';
import type { SimulatedNode } from './node/simulated-node.ts';
import { Violation } from './invariants/violation.ts';
import type { World } from './world.ts';

/** Times of the world in ms, from the moment in which everything was healed. */
export interface Bounds {
  /** Until somebody leads, and its service serves. */
  readonly leaderMs: number;
  /** Until everything has come to rest. */
  readonly calmMs: number;
}

/** What a cluster is allowed. A disk that was stuck may hold up an election for three seconds. */
const BOUNDS: Bounds = { leaderMs: 4_000, calmMs: 10_000 };

/** Between two looks. */
const LOOK_MS = 10;

const isServingLeader = ({ process }: SimulatedNode): boolean => {
  const leadership = process?.host.leadership;
  return leadership?.role === 'leader' && leadership.isServing;
};

/** Every part of a healed cluster that has not come to rest, in words; empty when all is well. */
function whatIsStuck(nodes: readonly SimulatedNode[], clients: Clients): string[] {
  const stuck: string[] = [...clients.whatIsStuck()];
  const leaders = new Set(nodes.map((node) => node.process?.host.leadership?.leaderId ?? 0));
  if (leaders.size > 1 || leaders.has(0)) {
    stuck.push(`no common leader: ${[...leaders].join(', ')} (0 is none)`);
  }
  const indexes = new Set(nodes.map((node) => node.process?.host.appliedIndex));
  if (indexes.size > 1) stuck.push(`applied up to ${[...indexes].join(', ')}`);
  for (const { id, process } of nodes) {
    if (process === undefined) {
      stuck.push(`node ${id} is down`);
      continue;
    }
    const { host } = process;
    if (host.leadership?.isServing !== true) stuck.push(`node ${id} does not serve`);
    const { pendingCommands, pendingReads } = host;
    if (pendingCommands > 0) stuck.push(`node ${id} waits for ${pendingCommands} commands`);
    if (pendingReads > 0) stuck.push(`node ${id} waits for ${pendingReads} reads`);
  }
  return stuck;
}

/** What each node says of itself and of the others, for whoever has to find out why. */
export function describeNodes(nodes: readonly SimulatedNode[]): string[] {
  return nodes.map(({ id, process, refusal, edition }) => {
    if (process === undefined) return `node ${id}: down ${refusal?.message ?? ''}`;
    const { role, term, leaderId, commitIndex, appliedIndex, membership } = process.driver.core;
    const { log, host } = process;
    const raft = `${role} t${term} leader ${leaderId} commit ${commitIndex} applied ${appliedIndex}`;
    const range = `log ${log.firstIndex()}..${log.lastIndex()} snapshot ${log.snapshot().index}`;
    const { isServing } = host.leadership ?? { isServing: false };
    const service = `service ${host.appliedIndex} serving ${isServing}`;
    const voters = [membership.voters, membership.votersOutgoing].map((ids) => ids.join(' '));
    const peers = process.driver.core.status().progress.map(describeProgress).join('; ');
    const others = connectionsOf(nodes, id);
    const lines = [
      `node ${id}: ${raft} ${range}, ${service}, ${edition.name}`,
      `  voters ${voters.join(' / ') || 'none'}; connected to ${others || 'nobody'}`,
    ];
    return [...lines, ...(peers === '' ? [] : [`  sees ${peers}`])].join('\n  ');
  });
}

function describeProgress({ nodeId, state, match, next, recentlyActive }: ProgressStatus): string {
  return `${nodeId} ${state} match ${match} next ${next}${recentlyActive ? '' : ' silent'}`;
}

function connectionsOf(nodes: readonly SimulatedNode[], id: number): string {
  const transport = nodes.find((node) => node.id === id)?.process?.driver.transport;
  const peers = nodes.filter((node) => transport?.isConnected(node.id) === true);
  return peers.map((node) => node.id).join(', ');
}

/**
 * The liveness phase: everything is healed, so within bounds somebody leads and serves, everybody serves,
 * what was proposed is applied, and all states are equal. Checked every few ms.
 *
 * @returns how long it took
 */
export function awaitConvergence(
  world: World,
  nodes: readonly SimulatedNode[],
  clients: Clients,
  bounds: Bounds = BOUNDS,
): Bounds {
  // Who refuses its disk is out; it may only find out when it is started now.
  const able = (): SimulatedNode[] => nodes.filter(({ refusal }) => refusal === undefined);
  const sinceMs = world.nowMs;
  let leaderMs: number | undefined;
  for (;;) {
    const elapsedMs = world.nowMs - sinceMs;
    if (able().some(isServingLeader)) leaderMs ??= elapsedMs;
    const stuck = whatIsStuck(able(), clients);
    if (stuck.length === 0 && leaderMs !== undefined) break;
    if (leaderMs === undefined && elapsedMs >= bounds.leaderMs) {
      stuck.unshift('nobody leads and serves');
      failOn(stuck, nodes, bounds.leaderMs);
    }
    if (elapsedMs >= bounds.calmMs) failOn(stuck, nodes, bounds.calmMs);
    world.run(world.nowMs + LOOK_MS);
  }
  const digests = new Set(able().map((node) => node.process?.host.service.digest()));
  if (digests.size === 1) return { leaderMs, calmMs: world.nowMs - sinceMs };
  throw new Violation('convergence', `states differ: ${[...digests].join(', ')}`);
}

function failOn(stuck: readonly string[], nodes: readonly SimulatedNode[], boundMs: number): never {
  const what = [...stuck, ...describeNodes(nodes)].join('\n  ');
  throw new Violation('convergence', `${boundMs} ms after everything healed:\n  ${what}`);
}
