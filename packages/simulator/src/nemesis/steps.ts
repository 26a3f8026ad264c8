/*
 * What schemes are made of: faults that aim at a weak moment, with several strokes one after the other, each of
 * them one of those that also strike at random. What they lead to by chance takes thousands of seeds.
 */
import type { NodeId } from '@bellwether/raft';
import type { Link } from '../network/link.ts';
import type { SimulatedNode } from '../node/simulated-node.ts';
import type { Fault, Victim } from './cluster.ts';
import { follows, leaderOf, runningNodes } from './cluster.ts';

/** How often it is looked whether what is waited for has come about. */
const LOOK_MS = 4;
/** Within which it should. */
export const PATIENCE_MS = 1_500;

/** Does what comes next unless everything is being mended by then. */
export function later({ world, isOver }: Victim, delayMs: number, action: () => void): void {
  world.after(delayMs, () => {
    if (!isOver()) action();
  });
}

/** Does what comes next as soon as `isSo`, or when that takes too long. */
export function whenever(victim: Victim, isSo: () => boolean, action: () => void): void {
  const untilMs = victim.world.nowMs + PATIENCE_MS;
  const look = (): void => {
    if (isSo() || victim.world.nowMs >= untilMs) action();
    else later(victim, LOOK_MS, look);
  };
  look();
}

/** All that go to the node or come from it. */
export const linksOf = ({ network }: Victim, nodeId: NodeId): Link[] =>
  [...network.links()].filter(({ from, to }) => from === nodeId || to === nodeId);

export function healAll(links: readonly Link[]): void {
  for (const link of links) link.heal();
}

/** Clients ask for a lot through `node`, several times. */
export function pressOn(
  victim: Victim,
  node: SimulatedNode,
  times: number,
  intervalMs: number,
): void {
  for (let i = 0; i < times; i++) {
    const count = victim.random.between(2, 30);
    later(victim, i * intervalMs, () => victim.press(node, count));
  }
}

export function snapshotOf({ process }: SimulatedNode): void {
  process?.consensus.run(() => process.driver.snapshots.begin());
}

/** Whoever leads is asked to hand over. */
export function transferTo(victim: Victim, target: NodeId): void {
  const process = leaderOf(victim)?.process;
  process?.service.run(() => process.host.transferLeadership(target));
}

/** `strike` gets the leader of now, and one that follows it. */
export const againstLeader = (
  name: string,
  strike: (victim: Victim, leader: SimulatedNode, follower: SimulatedNode) => void,
): Fault => ({
  name,
  weight: 1.5,
  strike: (victim) => {
    const leader = leaderOf(victim);
    const follower = leader && followerOf(victim, leader);
    if (leader === undefined || follower === undefined) return false;
    victim.world.note(`${name}: leader ${leader.id}, follower ${follower.id}`);
    strike(victim, leader, follower);
    return true;
  },
});

function followerOf(victim: Victim, leader: SimulatedNode): SimulatedNode | undefined {
  const others = runningNodes(victim).filter((node) => node !== leader && follows(node, leader));
  return others.length === 0 ? undefined : victim.random.pick(others);
}
