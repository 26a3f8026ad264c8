import { describe, expect, it } from 'vitest';
import type { Fault, Victim } from '../src/nemesis/cluster.ts';
import type { Link } from '../src/network/link.ts';
import { registerApplication } from '../src/index.ts';
import { expectSeedsToPass, sumOf } from './support/run-seeds.ts';

const SEEDS = { first: 1, last: 12 };
const CUT_MS_MAX = 900;
/** For what was sent meanwhile to arrive, or for a connection to be made anew. */
const RECOVERY_MS = 1_000;

interface Ends {
  readonly leader: number;
  readonly follower: number;
  readonly other: number;
}

/** Cuts some links of a cluster that has a leader, for a while; the next ones when all is well again. */
function cutting(name: string, isCut: (link: Link, ends: Ends) => boolean): Fault {
  const wellFromMs = new WeakMap<Victim['world'], number>();
  const strike = (victim: Victim): boolean => {
    const leader = victim.nodes.find(({ process }) => process?.driver.core.role === 'leader')?.id;
    if (leader === undefined || victim.world.nowMs < (wellFromMs.get(victim.world) ?? 0))
      return false;
    const others = victim.nodes.map(({ id }) => id).filter((id) => id !== leader);
    const [follower = 0, other = 0] = victim.random.shuffled(others);
    const links = [...victim.network.links()].filter((link) =>
      isCut(link, { leader, follower, other }),
    );
    victim.world.note(`${name}: ${links.map(({ from, to }) => `${from}>${to}`).join(' ')}`);
    for (const link of links) link.cut();
    const cutMs = victim.random.range(10, CUT_MS_MAX);
    wellFromMs.set(victim.world, victim.world.nowMs + cutMs + RECOVERY_MS);
    victim.world.after(cutMs, () => {
      for (const link of links) link.heal();
    });
    return true;
  };
  return { name, weight: 1, strike };
}

const between = (link: Link, a: number, b: number): boolean =>
  (link.from === a && link.to === b) || (link.from === b && link.to === a);

describe('as long as the leader and a majority hear each other, it leads on', () => {
  it.each([
    cutting('the link between two followers is bad', (link, { follower, other }) =>
      between(link, follower, other),
    ),
    cutting('the link between the leader and a follower is bad', (link, { leader, follower }) =>
      between(link, leader, follower),
    ),
    cutting('a follower is heard and does not hear', (link, { follower }) => link.to === follower),
    cutting('a follower hears and is not heard', (link, { follower }) => link.from === follower),
  ])('$name', { timeout: 120_000 }, (fault) => {
    const options = { safetyMs: 6000, faults: [fault] };
    const results = expectSeedsToPass(SEEDS, options, registerApplication);
    const strikes = sumOf(results, ({ faults }) => faults.get(fault.name) ?? 0);
    expect(strikes).toBeGreaterThan(SEEDS.last);
    expect(results.map(({ elections }) => elections)).toEqual(results.map(() => 1));
  });
});
