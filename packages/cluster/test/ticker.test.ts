import { expect, it } from 'vitest';
import { LIMITS } from '../src/limits.ts';
import { Ticker } from '../src/thread/ticker.ts';

function fixture() {
  let ticks = 0;
  const ticker = new Ticker(10, () => (ticks += 1), 0);
  return (...timesMs: readonly number[]): number => {
    for (const atMs of timesMs) ticker.onTimer(atMs);
    return ticks;
  };
}

it('ticks once for each tick that has passed', () => {
  expect(fixture()(10, 20, 30)).toBe(3);
});

it('makes up for a timer that is a little late each time', () => {
  const timesMs = Array.from({ length: 100 }, (_, i) => (i + 1) * 15);
  expect(fixture()(...timesMs)).toBe(150);
});

it('does not tick early when the timer does', () => {
  expect(fixture()(9.5, 19.7)).toBe(1);
});

it('makes up for all of it as long as that counts', () => {
  let ticks = 0;
  let leadsUntil = 500;
  const ticker = new Ticker(
    10,
    () => (ticks += 1),
    0,
    () => ticks < leadsUntil,
  );
  ticker.onTimer(4_000);
  expect(ticks).toBe(400);
  ticker.onTimer(60_000);
  expect(ticks).toBe(500 + LIMITS.ticksMadeUpMax);
  leadsUntil = 0;
});

it('makes up for no more than a few ticks when the thread was away', () => {
  const fire = fixture();
  expect(fire(10)).toBe(1);
  expect(fire(60_010)).toBe(1 + LIMITS.ticksMadeUpMax);
  expect(fire(60_020)).toBe(2 + LIMITS.ticksMadeUpMax);
});
