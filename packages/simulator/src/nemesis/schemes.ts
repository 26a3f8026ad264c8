/*
 * Faults that aim at a weak moment: several strokes one after the other, each by itself one of those that
 * also strike at random. What they lead to by chance takes thousands of seeds.
 */
import type { NodeId } from '@bellwether/raft';
import type { Link } from '../network/link.ts';
import { GOOD_LINK } from '../network/link.ts';
import type { SimulatedNode } from '../node/simulated-node.ts';
import type { Fault, Victim } from './cluster.ts';
import { follows, leaderOf, runningNodes } from './cluster.ts';
import { changeMembersAtRandom } from './membership-faults.ts';
import { crash } from './process-faults.ts';

/** How often it is looked whether what is waited for has come about. */
const LOOK_MS = 4;
const PATIENCE_MS = 1_500;

/** Does what comes next unless everything is being mended by then. */
function later({ world, isOver }: Victim, delayMs: number, action: () => void): void {
  world.after(delayMs, () => {
    if (!isOver()) action();
  });
}

/** Does what comes next as soon as `isSo`, or when that takes too long. */
function whenever(victim: Victim, isSo: () => boolean, action: () => void): void {
  const untilMs = victim.world.nowMs + PATIENCE_MS;
  const look = (): void => {
    if (isSo() || victim.world.nowMs >= untilMs) action();
    else later(victim, LOOK_MS, look);
  };
  look();
}

const linksOf = ({ network }: Victim, nodeId: NodeId): Link[] =>
  [...network.links()].filter(({ from, to }) => from === nodeId || to === nodeId);

/** Clients ask for a lot through `node`, several times. */
function pressOn(victim: Victim, node: SimulatedNode, times: number, intervalMs: number): void {
  for (let i = 0; i < times; i++) {
    const count = victim.random.between(2, 30);
    later(victim, i * intervalMs, () => victim.press(node, count));
  }
}

function followerOf(victim: Victim, leader: SimulatedNode): SimulatedNode | undefined {
  const others = runningNodes(victim).filter((node) => node !== leader && follows(node, leader));
  return others.length === 0 ? undefined : victim.random.pick(others);
}

/** The leader of now, and one that follows it; `strike` with both. */
const againstLeader = (
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

/**
 * A leader is cut off while much is asked of it; as soon as another leads, that one is lost, and the
 * first is back with its long log.
 */
const usurped = againstLeader('usurped', (victim, leader) => {
  const { random } = victim;
  const links = linksOf(victim, leader.id);
  if (random.chance(0.5)) victim.press(leader, random.between(1, 10));
  later(victim, random.range(0, 10), () => {
    for (const link of links) link.cut();
    pressOn(victim, leader, random.between(1, 4), random.range(1, 40));
  });
  const successor = (): SimulatedNode | undefined => {
    const newest = leaderOf(victim);
    return newest === leader ? undefined : newest;
  };
  whenever(
    victim,
    () => successor() !== undefined,
    () =>
      later(victim, random.range(0, 60), () => {
        const node = successor();
        if (node !== undefined) crash(victim, node, random.pick(['kill', 'power']));
        for (const link of links) link.heal();
      }),
  );
  victim.world.after(2 * PATIENCE_MS, () => {
    for (const link of links) link.heal();
  });
});

/** The leader does not hear what a follower has on its disk, and takes a snapshot meanwhile. */
const answersLost = againstLeader('answersLost', (victim, leader, follower) => {
  const { world, random, network } = victim;
  const link = network.link(follower.id, leader.id);
  const quality = { ...GOOD_LINK, lost: 'AppendEntriesResponse' as const };
  link.quality = quality;
  const times = random.between(1, 5);
  const intervalMs = random.range(2, 40);
  pressOn(victim, leader, times, intervalMs);
  const snapshotMs = random.range(0, times * intervalMs + 30);
  later(victim, snapshotMs, () => snapshotOf(leader));
  later(victim, snapshotMs + random.range(0, 80), () => {
    if (random.chance(0.7)) network.reset(follower.id, leader.id);
    pressOn(victim, leader, random.between(0, 2), intervalMs);
  });
  world.after(snapshotMs + random.range(0, 250), () => {
    if (link.quality === quality) link.quality = GOOD_LINK;
  });
});

function snapshotOf({ process }: SimulatedNode): void {
  process?.consensus.run(() => process.driver.onSnapshotWanted());
}

/** What is on its way to a leader arrives when another has led in between and the first leads again. */
const thereAndBack = againstLeader('thereAndBack', (victim, leader, follower) => {
  const { world, random, network } = victim;
  const others = network.nodeIds.filter((id) => id !== leader.id && id !== follower.id);
  const deputyId = others.length === 0 ? follower.id : random.pick(others);
  const link = network.link(follower.id, leader.id);
  const leads = (nodeId: NodeId) => (): boolean => leaderOf(victim)?.id === nodeId;
  link.cut();
  victim.press(follower, random.between(1, 12));
  later(victim, random.range(1, 20), () => {
    transferTo(victim, deputyId);
    whenever(victim, leads(deputyId), () =>
      later(victim, random.range(1, 60), () => {
        transferTo(victim, leader.id);
        whenever(victim, leads(leader.id), () => {
          world.after(random.range(0, 40), () => link.heal());
        });
      }),
    );
  });
  world.after(2 * PATIENCE_MS, () => link.heal());
});

function transferTo(victim: Victim, target: NodeId): void {
  const process = leaderOf(victim)?.process;
  process?.service.run(() => process.host.transferLeadership(target));
}

/** The members are changed, the leader is lost in the midst of it, and the next is asked for others again. */
export const changedUnderFire = againstLeader('changedUnderFire', (victim, leader, follower) => {
  const { world, random } = victim;
  const links = linksOf(victim, random.chance(0.6) ? leader.id : follower.id);
  changeMembersAtRandom(victim, leader);
  victim.press(random.pick([leader, follower]), random.between(0, 10));
  later(victim, random.range(0, 25), () => {
    const isLost = leader.process !== undefined && random.chance(0.4);
    if (isLost) crash(victim, leader, random.pick(['kill', 'power']));
    else for (const link of links) link.cut();
  });
  for (let again = random.between(0, 3); again > 0; again--) {
    later(victim, random.range(5, 700), () => {
      const asked = random.chance(0.7) ? leaderOf(victim) : leader;
      if (asked?.process !== undefined) changeMembersAtRandom(victim, asked);
    });
  }
  world.after(random.range(30, PATIENCE_MS), () => {
    for (const link of links) link.heal();
  });
});

/** A node is away until it needs a snapshot, and is disturbed again while it gets one. */
const fallenBehind = againstLeader('fallenBehind', (victim, leader, follower) => {
  const { random } = victim;
  follower.crash(random.pick(['kill', 'power']));
  const times = random.between(1, 5);
  const intervalMs = random.range(5, 40);
  pressOn(victim, leader, times, intervalMs);
  later(victim, times * intervalMs + random.range(0, 40), () => {
    const newest = leaderOf(victim);
    if (newest !== undefined) snapshotOf(newest);
  });
  victim.world.after(times * intervalMs + random.range(20, 200), () => {
    if (follower.process === undefined) follower.start();
    later(victim, random.range(0, 60), () => disturb(victim, follower));
  });
});

function disturb(victim: Victim, node: SimulatedNode): void {
  const { random, network } = victim;
  if (node.process === undefined) return;
  const how = random.pick(['kill', 'power', 'reset', 'nothing'] as const);
  if (how === 'reset') network.reset(node.id, random.pick(network.nodeIds));
  else if (how !== 'nothing') crash(victim, node, how);
}

/** Clients leave a node whose word does not get through to the leader, and what they asked for comes late. */
const movedOn = againstLeader('movedOn', (victim, leader, follower) => {
  const { world, random, network } = victim;
  const link = network.link(follower.id, leader.id);
  link.cut();
  victim.press(follower, random.between(2, 12));
  later(victim, random.range(0, 20), () => victim.evict(follower));
  world.after(random.range(20, 700), () => link.heal());
});

export const SCHEMES: readonly Fault[] = [
  usurped,
  answersLost,
  thereAndBack,
  changedUnderFire,
  fallenBehind,
  movedOn,
];
