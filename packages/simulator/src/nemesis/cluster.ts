import type { Role } from '@bellwether/raft';
import type { Network } from '../network/network.ts';
import type { SimulatedNode } from '../node/simulated-node.ts';
import type { RandomSource } from '../random.ts';
import type { World } from '../world.ts';

/** What faults are done to. */
export interface Victim {
  /** Breaks something between clients and nodes; false where there is nothing to break. */
  readonly disturbClients: () => boolean;
  /** Those who use the node ask for so much at once. */
  readonly press: (node: SimulatedNode, count: number) => void;
  /** Clients lose their connections to the node. */
  readonly evict: (node: SimulatedNode) => void;
  /** Everything is being mended: nothing may be broken any more. */
  readonly isOver: () => boolean;
  readonly world: World;
  readonly network: Network;
  readonly nodes: readonly SimulatedNode[];
  readonly random: RandomSource;
}

/** A kind of fault. Everything that it breaks it also mends, after a while. */
export interface Fault {
  readonly name: string;
  /** How often it is chosen, compared with the others. */
  readonly weight: number;
  /** Returns false when there is nothing to break at the moment. */
  strike(victim: Victim): boolean;
}

export const runningNodes = ({ nodes }: Victim): SimulatedNode[] =>
  nodes.filter((node) => node.process !== undefined);

/** Who leads the newest term, as far as anybody does. */
export function leaderOf(victim: Victim): SimulatedNode | undefined {
  const termOf = (node: SimulatedNode): number => node.process?.driver.core.term ?? 0;
  const leaders = runningNodes(victim).filter((node) => roleOf(node) === 'leader');
  return leaders.toSorted((a, b) => termOf(b) - termOf(a))[0];
}

/** Whether the node takes `leader` for its leader. */
export const follows = (node: SimulatedNode, leader: SimulatedNode): boolean =>
  node.process?.driver.core.leaderId === leader.id;

const roleOf = (node: SimulatedNode): Role | undefined => node.process?.driver.core.role;

/** A node that runs, with a preference for the one that leads. */
export function pickRunning(victim: Victim): SimulatedNode | undefined {
  const running = runningNodes(victim);
  const leaders = running.filter((node) => roleOf(node) === 'leader');
  const choice = leaders.length > 0 && victim.random.chance(0.4) ? leaders : running;
  return choice.length === 0 ? undefined : victim.random.pick(choice);
}
