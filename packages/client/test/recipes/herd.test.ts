import { OpCode } from '@bellwether/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  LeaderElection,
  Lock,
  Queue,
  ReadWriteLock,
  Semaphore,
  type Hold,
} from '../../src/recipes/index.ts';
import { settle } from '../support/fake-world.ts';
import { client, server, tree, useTree, world } from '../support/one-tree.ts';

/*
 * One of a hundred who wait leaves, or gets its turn: how much does that cost the server? What is
 * counted are requests and events of all of them together.
 */

const WAITING = 100;

useTree();

let events = 0;

beforeEach(() => {
  events = 0;
  const send = server.sendEvent.bind(server);
  server.sendEvent = (type, path) => {
    events++;
    send(type, path);
  };
});

interface Waiting {
  readonly controllers: readonly AbortController[];
  readonly holds: Promise<Hold>[];
}

async function standInLine(acquire: (signal: AbortSignal) => Promise<Hold>): Promise<Waiting> {
  const controllers = Array.from({ length: WAITING }, () => new AbortController());
  const holds = controllers.map(({ signal }) => acquire(signal));
  for (const hold of holds) hold.catch(() => undefined);
  await world.advance(1_000);
  events = 0;
  server.received.length = 0;
  return { controllers, holds };
}

async function leaveAll({ controllers, holds }: Waiting): Promise<void> {
  for (const controller of controllers.toReversed()) controller.abort();
  await settle();
  const outcomes = await Promise.allSettled(holds);
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') await outcome.value.release();
  }
  await world.advance(1_000);
}

const lines = {
  Lock: (signal) => new Lock(client, '/line').acquire({ signal }),
  LeaderElection: (signal) => new LeaderElection(client, '/line').campaign({ signal }),
  'ReadWriteLock, writers': (signal) => new ReadWriteLock(client, '/line').acquireWrite({ signal }),
} satisfies Record<string, (signal: AbortSignal) => Promise<Hold>>;

describe.each(Object.entries(lines))('%s', (_name, acquire) => {
  it('wakes one when the holder leaves', async () => {
    const waiting = await standInLine(acquire);
    await (await waiting.holds[0]!).release();
    await world.advance(100);
    // Its own guard and the one behind it; delete, then a look of one at the line.
    expect(events).toBeLessThanOrEqual(2);
    expect(server.received.length).toBeLessThanOrEqual(4);
    expect((await waiting.holds[1]!).isHeld).toBe(true);
    await leaveAll(waiting);
  });

  it('wakes one when somebody in the middle leaves', async () => {
    const waiting = await standInLine(acquire);
    waiting.controllers[50]!.abort();
    await world.advance(100);
    expect(events).toBe(1);
    // Watches back, delete, and the one behind looks and watches the one before.
    expect(server.received.length).toBeLessThanOrEqual(6);
    await leaveAll(waiting);
    expect(tree.childrenOf('/line')).toEqual([]);
  });
});

it('readers who wait for a writer wake together, and each looks once', async () => {
  const lock = new ReadWriteLock(client, '/line');
  const writer = await lock.acquireWrite();
  const waiting = await standInLine((signal) => lock.acquireRead({ signal }));
  await writer.release();
  await world.advance(100);
  // One event for one path: the client hands it to all who wait here.
  expect(events).toBe(1);
  expect(server.received.length).toBeLessThanOrEqual(1 + 2 * WAITING);
  await leaveAll(waiting);
});

it('of those who wait for a lease only the first looks when one is given back', async () => {
  const semaphore = new Semaphore(client, '/line', 2);
  const waiting = await standInLine((signal) => semaphore.acquire({ signal }));
  await (await waiting.holds[0]!).release();
  await world.advance(100);
  expect((await waiting.holds[2]!).isHeld).toBe(true);
  // The third gets the lease and gives its turn to the fourth, who makes its own and looks.
  expect(server.received.length).toBeLessThanOrEqual(20);
  await leaveAll(waiting);
});

it('of those who wait for an item only the first looks when one is put', async () => {
  const queue = new Queue(client, '/queue');
  const controllers = Array.from({ length: WAITING }, () => new AbortController());
  const taking = controllers.map(({ signal }) => queue.take({ signal }));
  for (const take of taking) take.catch(() => undefined);
  await world.advance(1_000);
  server.received.length = 0;
  await queue.put('item');
  await world.advance(100);
  expect(server.received.length).toBeLessThanOrEqual(16);
  const lists = server.received.filter(({ opCode }) => opCode === OpCode.getChildren2);
  expect(lists.length).toBeLessThanOrEqual(6);
  for (const controller of controllers.toReversed()) controller.abort();
  const items = await Promise.allSettled(taking);
  const taken = items.filter((item) => item.status === 'fulfilled');
  expect(taken).toHaveLength(1);
  await taken[0]!.value.release();
  await world.advance(1_000);
});
