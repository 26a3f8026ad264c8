import { GOOD_DISK } from '../node/disk.ts';
import type { Fault } from './cluster.ts';

const SLOW_MS_MAX = 1500;

const slowDisk: Fault = {
  name: 'slowDisk',
  weight: 2,
  strike: ({ world, random, nodes }) => {
    const { disk, id } = random.pick(nodes);
    const flushMsMax = random.range(5, 150);
    world.note(`${id} disk is slow: up to ${flushMsMax.toFixed(0)} ms`);
    disk.speed = { flushMsMin: flushMsMax / 4, flushMsMax };
    world.after(random.range(50, SLOW_MS_MAX), () => {
      disk.speed = GOOD_DISK;
    });
    return true;
  },
};

/** What the disk holds after that is anybody's guess: the node has to end. */
const failingDisk: Fault = {
  name: 'failingDisk',
  weight: 1,
  strike: ({ world, random, nodes }) => {
    const { disk, id } = random.pick(nodes);
    world.note(`${id} disk fails`);
    disk.failNextWrite();
    return true;
  },
};

/** Ticks that come too fast or too slow. Nothing but timing may depend on them. */
const clockRate: Fault = {
  name: 'clockRate',
  weight: 1,
  strike: ({ world, random, nodes }) => {
    const { clock, id } = random.pick(nodes);
    clock.rate = random.range(0.7, 1.4);
    world.note(`${id} clock runs at ${clock.rate.toFixed(2)}`);
    return true;
  },
};

/** A wall clock that is set, forwards or backwards. */
const wallClock: Fault = {
  name: 'wallClock',
  weight: 1,
  strike: ({ world, random, nodes }) => {
    const { clock, id } = random.pick(nodes);
    clock.wallOffsetMs = Math.floor(random.range(-20_000, 20_000));
    world.note(`${id} wall clock is off by ${clock.wallOffsetMs} ms`);
    return true;
  },
};

export const MACHINE_FAULTS: readonly Fault[] = [slowDisk, failingDisk, clockRate, wallClock];
