import { OpCode } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import {
  Barrier,
  ChildrenCache,
  DoubleBarrier,
  GroupMembership,
  LeaderElection,
  Lock,
  NodeCache,
  Queue,
  SharedValue,
} from '../../src/recipes/index.ts';
import { settle } from '../support/fake-world.ts';
import { client, tree, useTree, world } from '../support/one-tree.ts';

useTree();

/** What was left is gone here and on the server. */
async function expectNoWatches(): Promise<void> {
  await world.advance(100);
  expect(client.watchCount).toBe(0);
  expect(tree.watched).toEqual([]);
}

describe('no watch is left behind by', () => {
  it('those who waited for a lock in vain, again and again', async () => {
    const hold = await new Lock(client, '/lock').acquire();
    await settle();
    const before = client.watchCount;
    for (let i = 0; i < 5; i++) {
      const waiting = new Lock(client, '/lock').acquire({ timeoutMs: 20 });
      waiting.catch(() => undefined);
      await world.advance(100);
      await expect(waiting).rejects.toMatchObject({ code: 'operationTimeout' });
    }
    expect(client.watchCount).toBe(before);
    await hold.release();
    await expectNoWatches();
  });

  it('a lock that was held', async () => {
    await new Lock(client, '/lock').use(() => undefined);
    await expectNoWatches();
  });

  it('a look at the members of a group', async () => {
    const group = new GroupMembership(client, '/group');
    const ann = await group.join('ann');
    await settle();
    const before = client.watchCount;
    for (let i = 0; i < 3; i++) expect([...(await group.members()).keys()]).toEqual(['ann']);
    await settle();
    expect(client.watchCount).toBe(before);
    await ann.close();
    await expectNoWatches();
  });

  it('caches that are closed, whether there is something or not', async () => {
    await client.create('/node');
    const caches = [
      new NodeCache(client, '/node'),
      new NodeCache(client, '/missing'),
      new ChildrenCache(client, '/node'),
      new ChildrenCache(client, '/missing'),
    ];
    await Promise.all(caches.map(({ ready }) => ready));
    expect(client.watchCount).toBeGreaterThanOrEqual(3);
    for (const cache of caches) cache.close();
    await expectNoWatches();
  });

  it('whoever followed a value or an election for a while', async () => {
    for await (const _value of new SharedValue(client, '/value').changes()) break;
    for await (const _leader of new LeaderElection(client, '/leader').observe()) break;
    await expectNoWatches();
  });

  it('those who gave up at a barrier or a queue', async () => {
    await client.create('/barrier');
    const patience = { timeoutMs: 20 };
    const waiting = [
      new Barrier(client, '/barrier').wait(patience),
      new DoubleBarrier(client, '/double', 2).enter(patience),
      new Queue(client, '/queue').take(patience),
    ];
    for (const each of waiting) each.catch(() => undefined);
    await world.advance(200);
    for (const each of waiting) {
      await expect(each).rejects.toMatchObject({ code: 'operationTimeout' });
    }
    await expectNoWatches();
    expect(tree.childrenOf('/double')).toEqual([]);
  });
});

it('a copy that was out of date before it could be read is read again', async () => {
  await client.create('/group');
  await client.create('/group/a', '1');
  // The event comes with the answer, before whoever asked can have seen that.
  let isDue = true;
  tree.afterExecution = ({ opCode }) => {
    if (opCode === OpCode.getChildren2 && isDue) {
      isDue = false;
      queueMicrotask(() => tree.put('/group/b'));
    }
    return 'answer';
  };
  const cache = new ChildrenCache(client, '/group');
  await cache.ready;
  await world.advance(100);
  expect([...cache.current!.keys()].toSorted()).toEqual(['a', 'b']);
  cache.close();
});
