import { ErrorCode, OpCode, WatchEventType, writeStat } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { Barrier, DoubleBarrier } from '../../src/recipes/index.ts';
import { STAT, type BodyWriter } from '../support/fake-server.ts';
import { client, server, tree, useTree, world } from '../support/one-tree.ts';

useTree();

describe('a barrier', () => {
  it('that was lifted and raised again while nobody could tell lets pass who waited', async () => {
    tree.put('/barrier');
    let hasPassed = false;
    const passing = new Barrier(client, '/barrier').wait().then(() => (hasPassed = true));
    await world.advance(10);
    server.disconnect();
    tree.remove('/barrier');
    tree.put('/barrier');
    await world.advance(1_000);
    expect(hasPassed).toBe(false);
    // All that a server tells who sets a watch on it again.
    server.sendEvent(WatchEventType.nodeDataChanged, '/barrier');
    await world.advance(100);
    expect(hasPassed).toBe(true);
    await passing;
  });

  it('is raised although a server that is behind shows one that has been lifted', async () => {
    let isBehind = true;
    const { react } = server;
    const answer: BodyWriter = (writer) => writeStat(writer, STAT);
    server.react = (received) => {
      if (received.opCode === OpCode.sync) isBehind = false;
      const isStale = isBehind && received.opCode === OpCode.exists;
      return isStale ? { error: ErrorCode.ok, body: answer } : react(received);
    };
    await new Barrier(client, '/barrier').raise();
    expect(tree.has('/barrier')).toBe(true);
  });
});

describe('a double barrier', () => {
  it.each(['!', 'zzz'])(
    'is ready until all have left: %s, who was cut off when it became so, has yet to enter',
    async (cutOff) => {
      tree.put('/double');
      tree.put(`/double/${cutOff}`, 0x99);
      const barrier = new DoubleBarrier(client, '/double', 2);
      await barrier.enter();
      const leaving = barrier.leave();
      await world.advance(100);
      expect(tree.has('/double/ready')).toBe(true);
      tree.remove(`/double/${cutOff}`);
      await world.advance(100);
      await leaving;
      expect(tree.childrenOf('/double')).toEqual([]);
    },
  );

  it('is not ready any more when the last one gives up leaving', async () => {
    tree.put('/double');
    tree.put('/double/zzz', 0x99);
    const barrier = new DoubleBarrier(client, '/double', 2);
    await barrier.enter();
    const leaving = barrier.leave({ timeoutMs: 50 });
    leaving.catch(() => undefined);
    await world.advance(200);
    await expect(leaving).rejects.toMatchObject({ code: 'operationTimeout' });
    expect(tree.childrenOf('/double')).toEqual(['zzz']);
  });

  it('whose member gave up in the moment it could enter tells nobody else that it cannot go', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    tree.afterExecution = ({ opCode }) => {
      if (opCode === OpCode.create2 && tree.has('/double/ready')) controller.abort();
      return opCode === OpCode.delete ? { error: ErrorCode.noAuth } : 'answer';
    };
    const entering = new DoubleBarrier(client, '/double', 1).enter({ signal });
    entering.catch(() => undefined);
    await world.advance(100);
    await expect(entering).rejects.toMatchObject({ code: 'aborted' });
  });
});
