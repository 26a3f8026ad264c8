import { ErrorCode, OpCode, WatchEventType, writeStat } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { Barrier } from '../../src/recipes/index.ts';
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
