import type { RaftNode } from '@bellwether/raft';
import { expect, it } from 'vitest';
import { LeadershipWatch } from '../src/driver/leadership-watch.ts';
import { LIMITS } from '../src/limits.ts';
import type { Leadership } from '../src/service.ts';

/** Node 1, which follows node 2 in term 1, and whose service knows that. */
function fixture(
  first: Omit<Leadership, 'isServing'> = { role: 'follower', term: 1, leaderId: 2 },
) {
  const core = { ...first };
  let isServing = true;
  const seen: Leadership[] = [];
  const told: Leadership[] = [];
  const watch = new LeadershipWatch(core as unknown as RaftNode, () => isServing, {
    onElected: () => undefined,
    onDeposed: () => undefined,
    onLeaderChanged: () => undefined,
    onSeen: (leadership) => seen.push(leadership),
    onTold: (leadership) => told.push(leadership),
  });
  /** The core and the service are as `now` says, and the driver has done its work. */
  const work = (now: Partial<Leadership> = {}): void => {
    const { isServing: serves = isServing, ...rest } = now;
    Object.assign(core, rest);
    isServing = serves;
    watch.look();
    watch.tell();
  };
  work();
  seen.length = 0;
  told.length = 0;
  return { watch, seen, told, work };
}

it('tells the service of another leader once, when that one serves', () => {
  const { watch, seen, told, work } = fixture();
  work({ term: 2, leaderId: 0, isServing: false });
  work({ leaderId: 3 });
  watch.tick();
  work();
  expect(told).toEqual([]);
  work({ isServing: true });
  expect(seen).toHaveLength(3);
  expect(told).toEqual([{ role: 'follower', term: 2, leaderId: 3, isServing: true }]);
  work();
  expect(told).toHaveLength(1);
});

it('tells at once that it leads', () => {
  const { told, work } = fixture();
  work({ role: 'candidate', term: 2, leaderId: 0, isServing: false });
  expect(told).toEqual([]);
  work({ role: 'leader', leaderId: 1 });
  expect(told).toEqual([{ role: 'leader', term: 2, leaderId: 1, isServing: false }]);
  work({ isServing: true });
  expect(told.slice(1)).toEqual([{ role: 'leader', term: 2, leaderId: 1, isServing: true }]);
});

it('tells at once that it leads no longer, and what follows when that is over', () => {
  const { told, work } = fixture({ role: 'leader', term: 1, leaderId: 1 });
  work({ role: 'follower', term: 2, leaderId: 0, isServing: false });
  expect(told).toEqual([{ role: 'follower', term: 2, leaderId: 0, isServing: false }]);
  work({ leaderId: 2 });
  expect(told).toHaveLength(1);
  work({ isServing: true });
  expect(told.slice(1)).toEqual([{ role: 'follower', term: 2, leaderId: 2, isServing: true }]);
});

it('tells at once that it was deposed and leads again', () => {
  const { told, work } = fixture({ role: 'leader', term: 1, leaderId: 1 });
  work({ term: 3, isServing: false });
  expect(told).toEqual([{ role: 'leader', term: 3, leaderId: 1, isServing: false }]);
});

it('tells of a change that takes long in the midst of it', () => {
  const { watch, told, work } = fixture();
  work({ leaderId: 0, isServing: false });
  for (let tick = 1; tick <= LIMITS.changeTicks; tick += 1) {
    expect(told).toEqual([]);
    watch.tick();
    work();
  }
  expect(told).toEqual([{ role: 'follower', term: 1, leaderId: 0, isServing: false }]);
  work({ term: 2, leaderId: 3 });
  expect(told).toHaveLength(1);
  work({ isServing: true });
  expect(told.slice(1)).toEqual([{ role: 'follower', term: 2, leaderId: 3, isServing: true }]);
});
