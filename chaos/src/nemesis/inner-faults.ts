/* Faults of disks, threads and clocks. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CLOCK_OFFSET_S_MAX,
  ENDING_MS_MAX,
  POLL_MS,
  SLOW_DISK_MS_MAX,
  SLOW_DISK_MS_MIN,
} from '../limits.ts';
import type { ChaosNode } from '../nodes/chaos-node.ts';
import type { Begin } from './scene.ts';

/** A node that can't write ends itself; what it needs to start again is a disk that is well. */
export const diskFull: Begin = ({ node }) => {
  const excuseOver = node.excuse();
  node.disk.fill();
  return Promise.resolve(async () => {
    node.disk.empty();
    await restartIfEnding(node);
    excuseOver();
  });
};

/** One whose write has failed may be on its way out only now. */
async function restartIfEnding(node: ChaosNode): Promise<void> {
  while (node.isPaused) await sleep(POLL_MS);
  await node.waitForEnd(ENDING_MS_MAX);
  node.start();
}

export const diskFails: Begin = async ({ cluster, strike, node }) => {
  const excuseOver = node.excuse();
  cluster.faults.begin(node.id, 'diskFails');
  await node.waitForEnd(strike.durationMs);
  cluster.faults.end(node.id, 'diskFails');
  return async () => {
    await restartIfEnding(node);
    excuseOver();
  };
};

export const diskSlow: Begin = ({ cluster, strike, node }) => {
  const range = SLOW_DISK_MS_MAX - SLOW_DISK_MS_MIN;
  cluster.faults.begin(node.id, 'diskSlow', Math.round(SLOW_DISK_MS_MIN + strike.amount * range));
  return Promise.resolve(() => Promise.resolve(cluster.faults.end(node.id, 'diskSlow')));
};

export const diskStuck: Begin = ({ cluster, node }) => {
  cluster.faults.begin(node.id, 'diskStuck');
  return Promise.resolve(() => Promise.resolve(cluster.faults.end(node.id, 'diskStuck')));
};

export const serviceBusy: Begin = ({ cluster, node }) => {
  cluster.faults.begin(node.id, 'serviceBusy');
  return Promise.resolve(() => Promise.resolve(cluster.faults.end(node.id, 'serviceBusy')));
};

/** Forwards or back, by seconds or by hours; the right time is the next jump. */
export const clock: Begin = ({ cluster, strike, node }) => {
  const span = CLOCK_OFFSET_S_MAX ** Math.abs(2 * strike.amount - 1);
  cluster.clocks?.set(node.id, Math.round(strike.amount < 0.5 ? -span : span));
  return Promise.resolve(() => Promise.resolve(cluster.clocks?.set(node.id, 0)));
};
