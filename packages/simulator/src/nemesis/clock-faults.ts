import type { Fault } from './cluster.ts';

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

export const CLOCK_FAULTS: readonly Fault[] = [clockRate, wallClock];
