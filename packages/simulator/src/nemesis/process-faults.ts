import { NEXT_EDITION, THIS_EDITION } from '../network/edition.ts';
import type { SimulatedNode } from '../node/simulated-node.ts';
import type { Fault, Victim } from './cluster.ts';
import { pickRunning, runningNodes } from './cluster.ts';

const DOWN_MS_MAX = 900;
const PAUSE_MS_MAX = 700;
/** Chance that a node's service is slow to come back. */
const SLOW_START = 0.25;
/** Chance that a node comes back at once, before its peers have noticed. */
const QUICK_RESTART = 0.3;

/** The node comes back after a while, perhaps with a service that is slow to begin. */
export function crash(victim: Victim, node: SimulatedNode, how: 'kill' | 'power'): void {
  const { world, random } = victim;
  node.crash(how);
  const downMs = random.chance(QUICK_RESTART) ? random.range(0, 20) : random.range(0, DOWN_MS_MAX);
  world.after(downMs, () => {
    if (node.process !== undefined) return;
    node.start();
    if (random.chance(SLOW_START)) pauseService(victim, node);
  });
}

/** A service that takes its time to restore a large state, while the node may already lead. */
function pauseService({ world, random }: Victim, node: SimulatedNode): void {
  const service = node.process?.service;
  world.note(`${node.id} starts slowly`);
  service?.pause();
  world.after(random.range(5, PAUSE_MS_MAX), () => service?.resume());
}

const crashOne = (how: 'kill' | 'power'): Fault => ({
  name: how,
  weight: 3,
  strike: (victim) => {
    const node = pickRunning(victim);
    if (node !== undefined) crash(victim, node, how);
    return node !== undefined;
  },
});

/** All at once, as when a rack loses its power. */
const crashAll: Fault = {
  name: 'powerAll',
  weight: 0.5,
  strike: (victim) => {
    const running = runningNodes(victim);
    for (const node of running) crash(victim, node, 'power');
    return running.length > 0;
  },
};

/** A stopped process, or one thread that is busy with something else. */
const pause: Fault = {
  name: 'pause',
  weight: 3,
  strike: (victim) => {
    const process = pickRunning(victim)?.process;
    if (process === undefined) return false;
    const both = [process.consensus, process.service];
    const threads = victim.random.pick([both, both, [process.consensus], [process.service]]);
    victim.world.note(`${process.id.nodeId} pauses ${threads.length} threads`);
    for (const thread of threads) thread.pause();
    victim.world.after(victim.random.range(5, PAUSE_MS_MAX), () => {
      victim.world.note(`${process.id.nodeId} resumes`);
      for (const thread of threads) thread.resume();
    });
    return true;
  },
};

const transfer: Fault = {
  name: 'transfer',
  weight: 2,
  strike: (victim) => {
    const leader = runningNodes(victim).find((node) => node.process?.driver.core.role === 'leader');
    const process = leader?.process;
    if (process === undefined) return false;
    const target = victim.random.pick(victim.network.nodeIds);
    victim.world.note(`${process.id.nodeId} transfers leadership to ${target}`);
    process.service.run(() => process.host.transferLeadership(target));
    return true;
  },
};

const snapshot: Fault = {
  name: 'snapshot',
  weight: 2,
  strike: (victim) => {
    const process = pickRunning(victim)?.process;
    process?.consensus.run(() => process.driver.snapshots.begin());
    return process !== undefined;
  },
};

/** One after the other; `prepare` may change something of the node before it is started again. */
const restartInTurn = (
  name: string,
  prepareOf: (victim: Victim) => (node: SimulatedNode) => void,
): Fault => ({
  name,
  weight: 0.7,
  strike: (victim) => {
    const { world, random, nodes } = victim;
    const pauseMs = random.range(20, 300);
    const prepare = prepareOf(victim);
    world.note(`${name}: ${pauseMs.toFixed(0)} ms apart`);
    random.shuffled(nodes).forEach((node, at) => {
      world.after(at * pauseMs, () => {
        prepare(node);
        if (node.process === undefined) return;
        node.crash('kill');
        node.start();
      });
    });
    return true;
  },
});

const rollingRestart = restartInTurn('rollingRestart', () => () => undefined);

/** As an operator updates a cluster, or goes back, perhaps not with all nodes. */
const update = restartInTurn('update', ({ random }) => {
  const edition = random.pick([NEXT_EDITION, NEXT_EDITION, THIS_EDITION]);
  const share = random.pick([0.5, 1]);
  return (node) => {
    if (random.chance(share)) node.edition = edition;
  };
});

export const PROCESS_FAULTS: readonly Fault[] = [
  crashOne('kill'),
  crashOne('power'),
  crashAll,
  rollingRestart,
  update,
  transfer,
  snapshot,
];

export const PAUSE_FAULTS: readonly Fault[] = [pause];
