import { GOOD_LINK, type Link } from '../network/link.ts';
import { GOOD_DISK } from '../node/disk.ts';
import type { SimulatedNode } from '../node/simulated-node.ts';
import { leaderOf, type Fault, type Victim } from './cluster.ts';
import { changeMembers, changeMembersAtRandom } from './membership-faults.ts';
import { crash } from './process-faults.ts';
import {
  againstLeader,
  healAll,
  later,
  linksOf,
  PATIENCE_MS,
  pressOn,
  transferTo,
  whenever,
} from './steps.ts';

/**
 * A leader is cut off while much is asked of it, and is back with its long log when another leads, or when
 * that one was lost too.
 */
const usurped = againstLeader('usurped', (victim, leader) => {
  const { world, random } = victim;
  const links = linksOf(victim, leader.id);
  if (random.chance(0.5)) victim.press(leader, random.between(1, 10));
  later(victim, random.range(0, 10), () => {
    for (const link of links) link.cut();
    if (random.chance(0.3)) slowDown(victim, leader, random.range(100, 600));
    pressOn(victim, leader, random.between(1, 4), random.range(1, 40));
  });
  const successor = (): SimulatedNode | undefined => {
    const newest = leaderOf(victim);
    return newest === leader ? undefined : newest;
  };
  const comeBack = (): void => {
    const node = successor();
    const how = random.pick(['kill', 'power', 'pressed'] as const);
    if (node !== undefined && how !== 'pressed') crash(victim, node, how);
    if (node !== undefined && how === 'pressed') pressOn(victim, node, 4, random.range(5, 40));
    later(victim, how === 'pressed' ? random.range(0, 100) : 0, () => {
      healAll(links);
      if (random.chance(0.5)) makeLossy(victim, links);
    });
  };
  const isReplaced = (): boolean => successor() !== undefined;
  whenever(victim, isReplaced, () => later(victim, random.range(0, 60), comeBack));
  world.after(2 * PATIENCE_MS, () => healAll(links));
});

/** What it is asked for now is still on its way to its disk when it learns that another leads. */
function slowDown({ world }: Victim, { disk }: SimulatedNode, flushMsMax: number): void {
  disk.speed = { flushMsMin: flushMsMax / 2, flushMsMax };
  world.after(flushMsMax, () => {
    disk.speed = GOOD_DISK;
  });
}

/** For a short while much of what goes over the links is lost. */
function makeLossy({ world, random }: Victim, links: readonly Link[]): void {
  const quality = { ...GOOD_LINK, loss: random.range(0.2, 0.6) };
  for (const link of links) link.quality = quality;
  world.after(random.range(50, 300), () => {
    for (const link of links) if (link.quality === quality) link.quality = GOOD_LINK;
  });
}

/** What is on its way to a leader arrives when another has led in between and the first leads again. */
const thereAndBack = againstLeader('thereAndBack', (victim, leader, follower) => {
  const { world, random, network } = victim;
  const others = network.nodeIds.filter((id) => id !== leader.id && id !== follower.id);
  const deputyId = others.length === 0 ? follower.id : random.pick(others);
  const link = network.link(follower.id, leader.id);
  const leads = (nodeId: number) => (): boolean => leaderOf(victim)?.id === nodeId;
  const bringBack = (): void => {
    transferTo(victim, leader.id);
    whenever(victim, leads(leader.id), () => {
      world.after(random.range(0, 40), () => link.heal());
    });
  };
  link.cut();
  victim.press(follower, random.between(1, 12));
  later(victim, random.range(1, 20), () => {
    transferTo(victim, deputyId);
    whenever(victim, leads(deputyId), () => later(victim, random.range(1, 60), bringBack));
  });
  world.after(2 * PATIENCE_MS, () => link.heal());
});

/** The members are changed, the leader is lost in the midst of it, and the next is asked for others again. */
export const changedUnderFire = againstLeader('changedUnderFire', (victim, leader, follower) => {
  const { world, random } = victim;
  const links = linksOf(victim, random.chance(0.6) ? leader.id : follower.id);
  if (random.chance(0.5)) changeMembers(victim, leader, [leader.id]);
  else changeMembersAtRandom(victim, leader);
  victim.press(random.pick([leader, follower]), random.between(0, 10));
  later(victim, random.range(0, random.pick([1, 4, 25])), () => {
    const isLost = leader.process !== undefined && random.chance(0.4);
    if (isLost) crash(victim, leader, random.pick(['kill', 'power']));
    else for (const link of links) link.cut();
  });
  for (let again = random.between(0, 3); again > 0; again--) changeAgain(victim, leader);
  world.after(random.range(30, PATIENCE_MS), () => healAll(links));
});

function changeAgain(victim: Victim, leader: SimulatedNode): void {
  const { random } = victim;
  later(victim, random.range(0, random.pick([20, 700])), () => {
    const asked = random.chance(0.7) ? leaderOf(victim) : leader;
    if (asked?.process !== undefined) changeMembersAtRandom(victim, asked);
  });
}

export const LEADER_SCHEMES: readonly Fault[] = [usurped, thereAndBack, changedUnderFire];
