import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../src/event-queue.ts';
import { RandomSource, World } from '../src/index.ts';
import { SimulatedThread, ThreadHop } from '../src/thread.ts';

const newWorld = (): World => new World(new RandomSource(1));

describe('the event queue', () => {
  it('hands events out by time, then in the order in which they were planned', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (times) => {
        const queue = new EventQueue();
        const run = (): void => undefined;
        times.forEach((atUs, order) => queue.push({ atUs, order, run }));
        const sorted = times
          .map((atUs, order) => ({ atUs, order }))
          .sort((a, b) => a.atUs - b.atUs || a.order - b.order);
        for (const { atUs, order } of sorted) expect(queue.pop()).toMatchObject({ atUs, order });
        expect(queue.pop()).toBeUndefined();
      }),
    );
  });
});

describe('the random source', () => {
  it('forks the same streams however much was drawn from it', () => {
    const one = new RandomSource(5);
    const two = new RandomSource(5);
    two.next();
    expect(two.fork('a').next()).toBe(one.fork('a').next());
    expect(one.fork('a').next()).not.toBe(one.fork('b').next());
  });

  it('is roughly uniform, and differs between neighbouring seeds', () => {
    const means = Array.from({ length: 20 }, (_, seed) => {
      const random = new RandomSource(seed);
      return Array.from({ length: 500 }, () => random.next()).reduce((a, b) => a + b) / 500;
    });
    for (const mean of means) expect(Math.abs(mean - 0.5)).toBeLessThan(0.08);
    expect(new Set(means).size).toBe(20);
  });

  it('shuffles without loss', () => {
    const items = [1, 2, 3, 4, 5, 6, 7, 8];
    const shuffled = new RandomSource(3).shuffled(items);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
  });
});

describe('the world', () => {
  it('runs what is planned up to a time, and no further', () => {
    const world = newWorld();
    const seen: number[] = [];
    for (const ms of [3, 1, 2, 1]) world.after(ms, () => seen.push(ms, world.nowMs));
    world.run(2);
    expect(seen).toEqual([1, 1, 1, 1, 2, 2]);
    expect(world.nowMs).toBe(2);
    world.run(10);
    expect(world.nowMs).toBe(10);
    expect(world.step()).toBe(false);
  });
});

describe('a thread', () => {
  it('does everything that waited during a pause at once, in order', () => {
    const world = newWorld();
    let checks = 0;
    const thread = new SimulatedThread(world, () => (checks += 1));
    const seen: string[] = [];
    thread.pause();
    for (const ms of [3, 1, 2]) thread.post(ms, () => seen.push(`${ms}@${world.nowMs}`));
    world.run(5);
    expect(seen).toEqual([]);
    thread.resume();
    thread.run(() => seen.push('behind'));
    world.run(6);
    expect(seen).toEqual(['1@5', '2@5', '3@5', 'behind']);
    expect(checks).toBe(4);
  });

  it('does nothing once it is dead', () => {
    const world = newWorld();
    const thread = new SimulatedThread(world, () => undefined);
    const seen: string[] = [];
    thread.post(1, () => seen.push('late'));
    thread.kill();
    thread.run(() => seen.push('now'));
    world.run(5);
    expect(seen).toEqual([]);
  });

  it('gets messages of another one in order, whatever their delays', () => {
    const world = newWorld();
    const delays = [5, 1, 3];
    const thread = new SimulatedThread(world, () => undefined);
    const hop = new ThreadHop(world, thread, () => delays.shift() ?? 0);
    const seen: number[] = [];
    for (const number of [1, 2, 3]) hop.post(() => seen.push(number));
    world.run(10);
    expect(seen).toEqual([1, 2, 3]);
  });
});
