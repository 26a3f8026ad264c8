import type { Judge } from '@bellwether/client/testing';
import type { RandomSource } from '../../src/random.ts';
import type { SimulatedThread } from '../../src/thread.ts';
import type { World } from '../../src/world.ts';

const WAY_MS_MAX = 3;

/**
 * The judge as a client reaches it: what is said takes a while, and the answer waits while the client
 * stands still. Between looking and claiming anything may happen.
 */
export function distantJudge(
  judge: Judge,
  world: World,
  thread: SimulatedThread,
  random: RandomSource,
): Judge {
  const ask = <Answer>(question: () => Promise<Answer>): Promise<Answer> =>
    new Promise((resolve) => {
      world.after(random.range(0, WAY_MS_MAX), () => {
        const answer = question();
        world.after(random.range(0, WAY_MS_MAX), () => thread.run(() => resolve(answer)));
      });
    });
  return {
    look: () => ask(() => judge.look()),
    claim: (claim) => ask(() => judge.claim(claim)),
    leave: (resource, token) => ask(() => judge.leave(resource, token)),
    count: (counter, outcome) => ask(() => judge.count(counter, outcome)),
    put: (item, outcome) => ask(() => judge.put(item, outcome)),
    complete: (item, outcome) => ask(() => judge.complete(item, outcome)),
    barrier: (what) => ask(() => judge.barrier(what)),
    passed: (lookedAt) => ask(() => judge.passed(lookedAt)),
  };
}
