import type { Clients } from './application.ts';
import type { SimulatedNode } from './node/simulated-node.ts';
import { Violation } from './invariants/violation.ts';
import type { World } from './world.ts';

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

/** What each node says of itself, for whoever has to find out why. */
export function describeNodes(nodes: readonly SimulatedNode[]): string[] {
  return nodes.map(({ id, process, refusal }) => {
    if (process === undefined) return `node ${id}: down ${refusal?.message ?? ''}`;
    const { role, term, leaderId, commitIndex, appliedIndex } = process.driver.core;
    const { log, host } = process;
    const raft = `${role} t${term} leader ${leaderId} commit ${commitIndex} applied ${appliedIndex}`;
    const range = `log ${log.firstIndex()}..${log.lastIndex()} snapshot ${log.snapshot().index}`;
    const { isServing } = host.leadership ?? { isServing: false };
    return `node ${id}: ${raft} ${range}, service ${host.appliedIndex} serving ${isServing}`;
  });
}

/**
 * The liveness phase: everything is healed, so within `boundMs` somebody leads, everybody serves, what
 * was proposed is applied, and all states are equal. Checked every few ms.
 */
export function awaitConvergence(
  world: World,
  nodes: readonly SimulatedNode[],
  clients: Clients,
  boundMs: number,
): void {
  // Who refuses its disk is out; it may only find out when it is started now.
  const able = (): SimulatedNode[] => nodes.filter(({ refusal }) => refusal === undefined);
  const untilMs = world.nowMs + boundMs;
  for (;;) {
    const stuck = whatIsStuck(able(), clients);
    if (stuck.length === 0) break;
    if (world.nowMs >= untilMs) {
      const what = [...stuck, ...describeNodes(nodes)].join('\n  ');
      throw new Violation('convergence', `${boundMs} ms after everything healed:\n  ${what}`);
    }
    world.run(world.nowMs + 10);
  }
  const digests = new Set(able().map((node) => node.process?.host.service.digest()));
  if (digests.size === 1) return;
  throw new Violation('convergence', `states differ: ${[...digests].join(', ')}`);
}
