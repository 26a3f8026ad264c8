import { JuteReader, OpCode, WatchEventType } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { Client } from '../../src/client.ts';
import type { ClientError } from '../../src/errors.ts';
import {
  DoubleBarrier,
  Lock,
  PersistentEphemeral,
  randomOfTwo,
  roundRobin,
  sticky,
  type ServiceInstance,
} from '../../src/recipes/index.ts';
import type { Received } from '../support/fake-server.ts';
import { settle } from '../support/fake-world.ts';
import {
  client,
  expireSession,
  loseAnswerOf,
  server,
  tree,
  useTree,
  world,
} from '../support/one-tree.ts';

useTree();

describe('a lock whose answer is lost', () => {
  it('is made when nothing of it is there, the line neither', async () => {
    loseAnswerOf(OpCode.create2);
    const acquiring = new Lock(client, '/lock').acquire();
    await world.advance(1_000);
    await (await acquiring).release();
    expect(tree.childrenOf('/lock')).toEqual([]);
  });

  it('is found again: one znode, not two', async () => {
    await client.ensurePath('/lock');
    loseAnswerOf(OpCode.create2);
    const acquiring = new Lock(client, '/lock').acquire();
    await world.advance(1_000);
    const hold = await acquiring;
    expect(tree.childrenOf('/lock')).toHaveLength(1);
    expect(hold.path).toBe(`/lock/${tree.childrenOf('/lock')[0]}`);
    await hold.release();
    expect(tree.childrenOf('/lock')).toEqual([]);
  });

  it('leaves nothing behind when the waiting ends meanwhile', async () => {
    await client.ensurePath('/lock');
    loseAnswerOf(OpCode.create2);
    const controller = new AbortController();
    const acquiring = new Lock(client, '/lock').acquire({ signal: controller.signal });
    const outcome = acquiring.then(
      () => 'acquired',
      (error: Error) => error.name,
    );
    client.once('suspended', () => controller.abort());
    await world.advance(5_000);
    expect(await outcome).toBe('AbortError');
    expect(tree.childrenOf('/lock')).toEqual([]);
  });

  it('is released although the answer to that is lost', async () => {
    const hold = await new Lock(client, '/lock', { whenSuspended: 'holdOn' }).acquire();
    loseAnswerOf(OpCode.delete);
    const releasing = hold.release();
    await world.advance(1_000);
    await releasing;
    expect(tree.childrenOf('/lock')).toEqual([]);
  });
});

describe('a holder', () => {
  it('stops at once when the connection breaks, and gives the znode back', async () => {
    const hold = await new Lock(client, '/lock').acquire();
    expect(hold.isHeld).toBe(true);
    server.disconnect();
    expect(hold.signal.aborted).toBe(true);
    expect(hold.isHeld).toBe(false);
    await world.advance(1_000);
    expect(client.state).toBe('connected');
    expect(tree.childrenOf('/lock')).toEqual([]);
  });

  it('holds on as long as no server can have expired the session, if it was told so', async () => {
    const lock = new Lock(client, '/lock', { whenSuspended: 'holdOn' });
    const hold = await lock.acquire();
    server.disconnect();
    await world.advance(1_000);
    expect(client.state).toBe('connected');
    expect(hold.isHeld).toBe(true);
    server.disconnect();
    server.mode = 'refusing';
    await world.advance(8_900);
    expect(hold.isHeld).toBe(true);
    await world.advance(200);
    expect(hold.signal.aborted).toBe(true);
  });

  it('that stood still longer than its session knows it before anything was read', async () => {
    const hold = await new Lock(client, '/lock').acquire();
    world.stall(10_001);
    expect(hold.signal.aborted).toBe(false);
    expect(hold.isHeld).toBe(false);
  });

  it('loses it with the session', async () => {
    const lock = new Lock(client, '/lock', { whenSuspended: 'holdOn' });
    const hold = await lock.acquire();
    expireSession();
    await world.advance(100);
    expect(hold.signal.aborted).toBe(true);
    const next = await lock.acquire();
    expect(next.fencingToken).toBeGreaterThan(hold.fencingToken);
    await next.release();
  });
});

describe('one who waits', () => {
  it('watches the one before only, and gets a new place with a new session', async () => {
    const other = new Client('one', { runtime: world });
    await settle();
    const holding = await new Lock(client, '/lock').acquire();
    const second = new Lock(client, '/lock').acquire();
    await settle();
    server.received.length = 0;
    const third = new Lock(client, '/lock').acquire();
    await settle();
    const watched = server.received
      .filter(({ opCode }) => opCode === OpCode.getData)
      .map(({ body }) => new JuteReader(body).readString());
    expect(watched).toEqual([`/lock/${tree.childrenOf('/lock').at(-2)}`]);
    await holding.release();
    await (await second).release();
    await (await third).release();
    await other.close();
  });
});

describe('picking', () => {
  const instances = ['a', 'b', 'c'].map((id) => ({ id }) as ServiceInstance);
  const idle = (): number => 0;

  it('takes one after the other', () => {
    const turns = roundRobin();
    expect([1, 2, 3, 4].map(() => turns.pick(instances, idle).id)).toEqual(['a', 'b', 'c', 'a']);
  });

  it('takes the less loaded of two different ones', () => {
    const random = randomOfTwo(() => world.random());
    const load = (id: string): number => (id === 'a' ? 5 : 0);
    for (let i = 0; i < 100; i++) expect(random.pick(instances, load).id).not.toBe('a');
    expect(random.pick(instances.slice(0, 1), load).id).toBe('a');
  });

  it('keeps what is not concerned when one goes', () => {
    const keys = Array.from({ length: 300 }, (_, i) => `key ${i}`);
    const pick = (key: string, all: readonly ServiceInstance[]): string =>
      sticky(key).pick(all, idle).id;
    const before = keys.map((key) => pick(key, instances));
    const after = keys.map((key) => pick(key, instances.slice(0, 2)));
    expect(after.filter((id, i) => before[i] !== 'c' && before[i] !== id)).toEqual([]);
    for (const id of ['a', 'b', 'c']) {
      expect(before.filter((each) => each === id).length).toBeGreaterThan(60);
    }
  });
});

it('a znode event of a lock leaves no watch behind', async () => {
  const hold = await new Lock(client, '/lock').acquire();
  await hold.release();
  await world.advance(100);
  server.sendEvent(WatchEventType.nodeDeleted, hold.path);
  expect(client.watchCount).toBe(0);
});

it('an ephemeral that is deleted while it is looked at comes back', async () => {
  const node = new PersistentEphemeral(client, '/node', 'one');
  await world.advance(10);
  await node.ready;
  let isDue = true;
  tree.afterExecution = ({ opCode }: Received) => {
    if (opCode === OpCode.exists && isDue) {
      isDue = false;
      tree.remove('/node');
    }
    return 'answer';
  };
  const setting = node.setData('two');
  await world.advance(10);
  await setting;
  expect(isDue).toBe(false);
  expect((await client.getData('/node')).data.toString()).toBe('two');
  await node.close();
  expect(tree.childrenOf('/')).toEqual([]);
});

it('a member of a double barrier that lost its session on the way in leaves nothing behind', async () => {
  await client.ensurePath('/double');
  let isDue = true;
  tree.afterExecution = ({ opCode }: Received) => {
    if (opCode !== OpCode.create2 || !isDue) return 'answer';
    isDue = false;
    server.handshake = 'expire';
    return 'close';
  };
  client.once('lost', () => {
    server.handshake = 'accept';
    server.sessionId++;
    tree.expire();
  });
  const entering = new DoubleBarrier(client, '/double', 2).enter().then(
    () => 'entered',
    (error: ClientError) => error.code,
  );
  await world.advance(2_000);
  expect(await entering).toBe('lost');
  expect(isDue).toBe(false);
  expect(tree.childrenOf('/double')).toEqual([]);
});

it('a member of a double barrier that gave up in the moment it could enter leaves nothing behind', async () => {
  const controller = new AbortController();
  const { signal } = controller;
  tree.afterExecution = ({ opCode }: Received) => {
    if (opCode === OpCode.create2 && tree.has('/double/ready')) controller.abort();
    return 'answer';
  };
  await client.ensurePath('/double');
  const entering = new DoubleBarrier(client, '/double', 1).enter({ signal });
  entering.catch(() => undefined);
  await world.advance(100);
  await expect(entering).rejects.toMatchObject({ code: 'aborted' });
  expect(tree.childrenOf('/double')).toEqual(['ready']);
});
