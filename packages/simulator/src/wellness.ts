import type { NodeId } from '@bellwether/raft';
import type { Wellness } from './invariants/stable-leader.ts';
import type { Network } from './network/network.ts';
import type { SimulatedNode } from './node/simulated-node.ts';
import type { World } from './world.ts';

/** Since when nodes and links of a world have not been disturbed; `nodes` may be made later. */
export function wellnessOf(
  world: World,
  network: Network,
  nodes: () => readonly SimulatedNode[],
): Wellness {
  const nodeOf = (nodeId: NodeId): SimulatedNode | undefined =>
    nodes().find(({ id }) => id === nodeId);
  return {
    get nowMs() {
      return world.nowMs;
    },
    nodeDisturbedMs: (nodeId) => nodeOf(nodeId)?.disturbedMs ?? Infinity,
    linkDisturbedMs: (one, other) =>
      Math.max(network.link(one, other).disturbedMs, network.link(other, one).disturbedMs),
  };
}
