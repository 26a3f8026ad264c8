import type { NodeId } from '@bellwether/raft';
import type { Link, LinkQuality } from '../network/link.ts';
import { LOSSY_TYPES } from '../network/describe-message.ts';
import { GOOD_LINK } from '../network/link.ts';
import type { Fault, Victim } from './cluster.ts';
import { pickRunning } from './cluster.ts';

const CUT_MS_MAX = 1200;
const BAD_LINK_MS_MAX = 1500;

/** Cuts the links, and heals them after a while; connections may break as well, or hang. */
function cut(victim: Victim, links: readonly Link[], name: string): void {
  const { world, network, random } = victim;
  const names = links.map(({ from, to }) => `${from}>${to}`).join(' ');
  world.note(`${name}: ${names}`);
  for (const link of links) link.cut();
  if (random.chance(0.4)) for (const { from, to } of links) network.reset(from, to);
  world.after(random.range(10, CUT_MS_MAX), () => {
    world.note(`healed: ${names}`);
    for (const link of links) link.heal();
  });
}

function linksBetween({ network }: Victim, side: readonly NodeId[]): Link[] {
  const isHere = (id: NodeId): boolean => side.includes(id);
  return [...network.links()].filter(({ from, to }) => isHere(from) !== isHere(to));
}

/** Two sides that don't hear each other. */
const partition: Fault = {
  name: 'partition',
  weight: 3,
  strike: (victim) => {
    const { random, network } = victim;
    const size = random.between(1, network.nodeIds.length - 1);
    const side = random.shuffled(network.nodeIds).slice(0, size);
    cut(victim, linksBetween(victim, side), 'partition');
    return true;
  },
};

const isolate: Fault = {
  name: 'isolate',
  weight: 2,
  strike: (victim) => {
    const node = pickRunning(victim);
    if (node !== undefined) cut(victim, linksBetween(victim, [node.id]), 'isolate');
    return node !== undefined;
  },
};

/** Messages get there, answers don't come back. */
const oneWay: Fault = {
  name: 'oneWay',
  weight: 3,
  strike: (victim) => {
    const { random, network } = victim;
    const one = random.pick(network.nodeIds);
    const isInward = random.chance(0.5);
    const links = [...network.links()].filter(
      ({ from, to }) => (isInward ? to : from) === one && random.chance(0.8),
    );
    cut(victim, links, 'oneWay');
    return links.length > 0;
  },
};

/** Every node hears somebody, only one hears all. */
const bridge: Fault = {
  name: 'bridge',
  weight: 1,
  strike: (victim) => {
    const [middle, ...rest] = victim.random.shuffled(victim.network.nodeIds);
    const half = rest.slice(0, Math.ceil(rest.length / 2));
    const links = linksBetween(victim, half).filter(
      ({ from, to }) => from !== middle && to !== middle,
    );
    cut(victim, links, 'bridge');
    return links.length > 0;
  },
};

/** One direction between two nodes takes nothing for a while; then everything comes at once. */
const clog: Fault = {
  name: 'clog',
  weight: 2,
  strike: ({ world, random, network }) => {
    const link = random.pick([...network.links()]);
    world.note(`clogged: ${link.from}>${link.to}`);
    link.cut();
    world.after(random.range(20, CUT_MS_MAX), () => link.heal());
    return true;
  },
};

const reset: Fault = {
  name: 'reset',
  weight: 2,
  strike: ({ world, network, random }) => {
    const [a, b] = random.shuffled(network.nodeIds);
    if (a === undefined || b === undefined) return false;
    world.note(`reset ${a} ${b}`);
    network.reset(a, b);
    return true;
  },
};

const badLinks = (name: string, weight: number, draw: (victim: Victim) => LinkQuality): Fault => ({
  name,
  weight,
  strike: (victim) => {
    const { world, network, random } = victim;
    const share = random.pick([0.3, 1]);
    const links = [...network.links()].filter(() => random.chance(share));
    const quality = draw(victim);
    world.note(`${name}: ${links.length} links`);
    for (const link of links) link.quality = quality;
    world.after(random.range(50, BAD_LINK_MS_MAX), () => {
      for (const link of links) if (link.quality === quality) link.quality = GOOD_LINK;
    });
    return links.length > 0;
  },
});

const slowLinks = badLinks('slowLinks', 2, ({ random }) => {
  const latencyMsMax = random.range(2, 120);
  return { ...GOOD_LINK, latencyMsMin: latencyMsMax / 5, latencyMsMax };
});

const lossyLinks = badLinks('lossyLinks', 3, ({ random }) => ({
  latencyMsMin: 0.1,
  latencyMsMax: random.pick([1, 10, 40]),
  loss: random.pick([0, 0.05, 0.3]),
  duplication: random.pick([0, 0.1, 0.4]),
  reordering: random.pick([0, 0.1, 0.4]),
  damage: random.pick([0, 0, 0.02]),
  lateMsMax: random.pick([5, 60, 400]),
}));

/** Of one kind of message none gets through: those that would have to follow it do. */
const oneKindLost = badLinks('oneKindLost', 2, ({ random }) => ({
  ...GOOD_LINK,
  lost: random.pick(LOSSY_TYPES),
}));

/** What lies between clients and nodes breaks as well. */
const clients: Fault = {
  name: 'clients',
  weight: 2,
  strike: ({ disturbClients }) => disturbClients(),
};

export const NETWORK_FAULTS: readonly Fault[] = [
  partition,
  isolate,
  oneWay,
  bridge,
  clog,
  reset,
  slowLinks,
  lossyLinks,
  oneKindLost,
  clients,
];
