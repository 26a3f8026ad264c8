/* Faults of disks, threads and clocks. */
import { CLOCK_OFFSET_S_MAX, SLOW_DISK_MS_MAX, SLOW_DISK_MS_MIN } from '../limits.ts';
import type { Begin } from './scene.ts';

/** A node that can't write ends itself; what it needs to start again is a disk that is well. */
export const diskFull: Begin = ({ node }) => {
  node.disk.fill();
  node.noteDiskTrouble();
  return Promise.resolve(() => {
    node.disk.empty();
    node.noteDiskTrouble();
    return Promise.resolve(node.start());
  });
};

export const diskFails: Begin = async ({ cluster, strike, node }) => {
  cluster.faults.begin(node.id, 'diskFails');
  node.noteDiskTrouble();
  await node.waitForEnd(strike.durationMs);
  return () => {
    cluster.faults.end(node.id, 'diskFails');
    node.noteDiskTrouble();
    return Promise.resolve(node.start());
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
