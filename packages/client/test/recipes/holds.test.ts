import { ErrorCode, OpCode, writeMultiResponse, type JuteWriter } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { Client } from '../../src/client.ts';
import {
  Counter,
  LeaderElection,
  Lock,
  PersistentEphemeral,
  Queue,
  ServiceRegistry,
} from '../../src/recipes/index.ts';
import type { Received } from '../support/fake-server.ts';
import { client, loseAnswerOf, server, tree, useTree, world } from '../support/one-tree.ts';

useTree();

describe('a holder', () => {
  it('stops when its session may have expired, although its server goes on answering', async () => {
    const hold = await new Lock(client, '/lock').acquire();
    // A server that is cut off from the others: it answers what it can by itself, and no write.
    const isWrite = ({ opCode }: Received): boolean => opCode === OpCode.multi;
    tree.afterExecution = (received) => (isWrite(received) ? 'ignore' : 'answer');
    await world.advance(8_000);
    expect(client.state).toBe('connected');
    expect(hold.isHeld).toBe(true);
    await world.advance(1_000);
    expect(client.state).toBe('connected');
    expect(hold.signal.aborted).toBe(true);
    expect(hold.isHeld).toBe(false);
  });

  it('stays one as long as a quorum answers, however little else is asked', async () => {
    const hold = await new Lock(client, '/lock').acquire();
    await world.advance(100_000);
    expect(hold.isHeld).toBe(true);
    await hold.release();
  });

  it('who waited for long knows that its session lives', async () => {
    const first = await new Lock(client, '/lock').acquire();
    const second = new Lock(client, '/lock').acquire();
    await world.advance(30_000);
    await first.release();
    expect((await second).isHeld).toBe(true);
    await (await second).release();
  });

  it('may be released by a listener of its own signal: once, and the next one is held on', async () => {
    const hold = await new Lock(client, '/lock').acquire();
    hold.signal.addEventListener('abort', () => void hold.release());
    await hold.release();
    expect(server.opCodes.filter((opCode) => opCode === OpCode.delete)).toHaveLength(1);
    const next = await new Lock(client, '/lock').acquire();
    await world.advance(30_000);
    expect(next.isHeld).toBe(true);
    await next.release();
  });

  it('that is told that its znode is gone leaves that of the next one alone, whoever listens', async () => {
    const hold = await new Lock(client, '/lock').acquire();
    hold.signal.addEventListener('abort', () => void hold.release());
    const { path } = hold;
    await world.advance(10);
    tree.remove(path);
    tree.put(path, 0x99);
    await world.advance(10);
    expect(hold.signal.aborted).toBe(true);
    expect(tree.has(path)).toBe(true);
  });

  it('of an item stops when its mark is deleted, and leaves that of the next one alone', async () => {
    const queue = new Queue(client, '/queue');
    await queue.put('x');
    const item = (await queue.tryTake())!;
    await world.advance(10);
    const mark = `/queue/taken/${tree.childrenOf('/queue/taken')[0]}`;
    tree.remove(mark);
    tree.put(mark, 0x99);
    await world.advance(10);
    expect(item.signal.aborted).toBe(true);
    await item.release();
    expect(tree.has(mark)).toBe(true);
    await expect(item.complete()).rejects.toMatchObject({ code: 'lost' });
  });

  it('of an item whose mark was deleted by hand does not complete it', async () => {
    const queue = new Queue(client, '/queue');
    await queue.put('x');
    const item = (await queue.tryTake())!;
    // As a server says it: the entry was there, the mark was not.
    const error = (code: number) => ({ opCode: OpCode.error, error: code }) as const;
    const results = [error(ErrorCode.ok), error(ErrorCode.noNode)];
    const body = (writer: JuteWriter): void => writeMultiResponse(writer, results);
    tree.afterExecution = ({ opCode }) =>
      opCode === OpCode.multi ? { error: ErrorCode.ok, body } : 'answer';
    await expect(item.complete()).rejects.toMatchObject({ code: 'lost', indeterminate: false });
    expect(item.isHeld).toBe(false);
  });

  it('of an item whose release lost its answer leaves the mark of the next one alone', async () => {
    const queue = new Queue(client, '/queue');
    await queue.put('x');
    const item = (await queue.tryTake())!;
    await world.advance(10);
    const mark = `/queue/taken/${tree.childrenOf('/queue/taken')[0]}`;
    loseAnswerOf(OpCode.delete, () => tree.put(mark, 0x99));
    const releasing = item.release();
    await world.advance(1_000);
    await releasing;
    expect(tree.has(mark)).toBe(true);
  });
});

describe('a leader', () => {
  it('resigns, and so do those of its campaigns that are under way', async () => {
    const election = new LeaderElection(client, '/leader', { id: 'one' });
    const leadership = await election.campaign();
    const second = election.campaign();
    second.catch(() => undefined);
    await world.advance(10);
    await election.resign();
    expect(leadership.signal.aborted).toBe(true);
    await expect(second).rejects.toMatchObject({ code: 'aborted' });
    await world.advance(100);
    expect(tree.childrenOf('/leader')).toEqual([]);
    await (await election.campaign()).release();
  });

  it('that runs and cannot resign when it is told to says why, once', async () => {
    const controller = new AbortController();
    const running = new LeaderElection(client, '/leader').run(async (leadership) => {
      tree.afterExecution = ({ opCode }) =>
        opCode === OpCode.delete ? { error: ErrorCode.noAuth } : 'answer';
      controller.abort();
      expect(leadership.signal.aborted).toBe(true);
      // Refused before the run looks at it.
      await client.sync();
    }, controller.signal);
    await expect(running).rejects.toMatchObject({ code: 'noAuth' });
  });
});

describe('the outcome', () => {
  it('of a count that times out is known to be unknown', async () => {
    const counter = new Counter(client, '/counter');
    expect(await counter.add(5)).toBe(5);
    tree.afterExecution = ({ opCode }) => (opCode === OpCode.setData ? 'ignore' : 'answer');
    const adding = counter.add(1, { timeoutMs: 100 });
    adding.catch(() => undefined);
    await world.advance(100);
    await expect(adding).rejects.toMatchObject({ code: 'operationTimeout', indeterminate: true });
  });

  it('of a count that never left is that it did not happen', async () => {
    const counter = new Counter(client, '/counter');
    server.mode = 'refusing';
    server.disconnect();
    const controller = new AbortController();
    const adding = counter.add(1, { signal: controller.signal });
    adding.catch(() => undefined);
    await world.advance(100);
    controller.abort();
    await expect(adding).rejects.toMatchObject({ code: 'aborted', indeterminate: false });
    server.mode = 'up';
  });

  it('of an item that could not be completed in time is unknown', async () => {
    const queue = new Queue(client, '/queue');
    await queue.put('x');
    const item = (await queue.tryTake())!;
    tree.afterExecution = ({ opCode }) => (opCode === OpCode.multi ? 'ignore' : 'answer');
    const completing = item.complete({ timeoutMs: 100 });
    completing.catch(() => undefined);
    await world.advance(100);
    await expect(completing).rejects.toMatchObject({
      code: 'operationTimeout',
      indeterminate: true,
    });
    const releasing = item.release();
    await world.advance(1_000);
    await releasing;
  });
});

describe('an ephemeral that is kept', () => {
  it('outlives a server that only answers reads', async () => {
    let isReadOnly = true;
    const react = server.react;
    server.react = (received) => {
      const isRefused = isReadOnly && received.opCode === OpCode.create2;
      return isRefused ? { error: ErrorCode.notReadOnly } : react(received);
    };
    await client.close();
    const patient = new Client('one', { runtime: world, readOnly: true });
    server.handshake = 'readOnly';
    server.disconnect();
    await world.advance(500);
    expect(patient.state).toBe('readOnly');
    patient.once('suspended', () => (isReadOnly = false));
    const node = new PersistentEphemeral(patient, '/node');
    await world.advance(200);
    expect(tree.has('/node')).toBe(false);
    server.handshake = 'accept';
    await world.advance(2_000);
    await node.ready;
    expect(tree.has('/node')).toBe(true);
    await node.close();
    const closing = patient.close();
    await world.advance(10);
    await closing;
  });

  it('that the servers refuse says so to whoever sets its data afterwards, too', async () => {
    tree.afterExecution = ({ opCode }) =>
      opCode === OpCode.create2 ? { error: ErrorCode.noAuth } : 'answer';
    const node = new PersistentEphemeral(client, '/node');
    await expect(node.ready).rejects.toMatchObject({ code: 'noAuth' });
    const setting = node.setData('x', { timeoutMs: 100 });
    setting.catch(() => undefined);
    await world.advance(100);
    await expect(setting).rejects.toMatchObject({ code: 'noAuth' });
    await node.close();
  });

  it('leaves nothing behind when it is closed before it knows that it was made', async () => {
    loseAnswerOf(OpCode.create2);
    const node = new PersistentEphemeral(client, '/node');
    node.ready.catch(() => undefined);
    await world.advance(0);
    const closing = node.close();
    await world.advance(1_000);
    await closing;
    expect(tree.has('/node')).toBe(false);
  });
});

it('an instance says by itself whether it wants calls', async () => {
  const registry = new ServiceRegistry(client, '/services');
  let isWell = true;
  const registering = registry.register('web', {
    address: 'here',
    health: { check: () => isWell, intervalMs: 1_000 },
  });
  await world.advance(10);
  const registration = await registering;
  const directory = await registry.discover('web');
  expect(directory.pick()?.address).toBe('here');
  isWell = false;
  await world.advance(1_100);
  expect(directory.instances[0]?.enabled).toBe(false);
  expect(directory.pick()).toBeUndefined();
  isWell = true;
  await world.advance(1_100);
  expect(directory.pick()?.address).toBe('here');
  await registration.close();
  directory.close();
});
