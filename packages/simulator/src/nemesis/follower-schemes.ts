import { GOOD_LINK } from '../network/link.ts';
import { GOOD_DISK } from '../node/disk.ts';
import type { SimulatedNode } from '../node/simulated-node.ts';
import { leaderOf, type Fault, type Victim } from './cluster.ts';
import { crash } from './process-faults.ts';
import { againstLeader, later, pressOn, snapshotOf } from './steps.ts';

/**
 * The leader does not hear what a follower has on its disk, the follower not how much is committed, the
 * others are slow to commit it; the leader takes a snapshot meanwhile, and lets go of the entries.
 */
const answersLost = againstLeader('answersLost', (victim, leader, follower) => {
  const { world, random, network, nodes } = victim;
  const others = nodes.filter((node) => node !== leader && node !== follower);
  const flushMsMax = random.range(5, 80);
  const slow = { flushMsMin: flushMsMax / 2, flushMsMax };
  const there = network.link(leader.id, follower.id);
  const back = network.link(follower.id, leader.id);
  const quality = { ...GOOD_LINK, lost: 'AppendEntriesResponse' as const };
  const times = random.between(2, 8);
  const intervalMs = random.range(1, 30);
  const deafMs = random.range(0, times * intervalMs + 10);
  const snapshotMs = deafMs + random.range(0, 40);
  back.quality = quality;
  if (random.chance(0.5)) for (const { disk } of others) disk.speed = slow;
  pressOn(victim, leader, times, intervalMs);
  if (random.chance(0.5)) later(victim, deafMs, () => there.cut());
  later(victim, snapshotMs, () => snapshotOf(leader));
  later(victim, snapshotMs + random.range(0, 40), () => snapshotOf(leader));
  world.after(snapshotMs + random.range(0, 120), () => {
    there.heal();
    if (random.chance(0.7)) network.reset(follower.id, leader.id);
    pressOn(victim, leader, random.between(0, 2), intervalMs);
  });
  world.after(snapshotMs + random.range(0, 250), () => {
    if (back.quality === quality) back.quality = GOOD_LINK;
    for (const { disk } of others) if (disk.speed === slow) disk.speed = GOOD_DISK;
  });
});

/** A node is away until it needs a snapshot, and is disturbed again while it gets one. */
const fallenBehind = againstLeader('fallenBehind', (victim, leader, follower) => {
  const { world, random } = victim;
  const times = random.between(1, 5);
  const intervalMs = random.range(5, 40);
  const goneMs = times * intervalMs;
  follower.crash(random.pick(['kill', 'power']));
  pressOn(victim, leader, times, intervalMs);
  later(victim, goneMs + random.range(0, 40), () => {
    const newest = leaderOf(victim);
    if (newest !== undefined) snapshotOf(newest);
  });
  world.after(goneMs + random.range(20, 200), () => {
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

/**
 * A follower asks for a read, is restarted before it is answered, and asks again: the answer to the first
 * question is on its way, and there is news since.
 */
const askedTwice = againstLeader('askedTwice', (victim, leader, follower) => {
  const { world, random, network } = victim;
  const others = network.nodeIds.filter((id) => id !== leader.id);
  const links = others.map((id) => network.link(id, leader.id));
  const quality = { ...GOOD_LINK, lost: 'HeartbeatResponse' as const };
  restart(follower);
  later(victim, random.range(40, 200), () => {
    for (const link of links) link.quality = quality;
    victim.press(follower, random.between(1, 3));
  });
  later(victim, random.range(201, 210), () => {
    restart(follower);
    pressOn(victim, leader, random.between(1, 3), random.range(1, 10));
  });
  later(victim, random.range(220, 270), () => pressOn(victim, follower, 3, random.range(1, 10)));
  world.after(random.range(220, 500), () => {
    for (const link of links) if (link.quality === quality) link.quality = GOOD_LINK;
  });
});

function restart(node: SimulatedNode): void {
  if (node.process === undefined) return;
  node.crash('kill');
  node.start();
}

export const FOLLOWER_SCHEMES: readonly Fault[] = [answersLost, fallenBehind, movedOn, askedTwice];
