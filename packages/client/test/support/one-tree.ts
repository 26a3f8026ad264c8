import { afterEach, beforeEach, expect } from 'vitest';
import { Client } from '../../src/client.ts';
import { FakeServer, type Received } from './fake-server.ts';
import { FakeTree } from './fake-tree.ts';
import { FakeWorld } from './fake-world.ts';

/** Of each test anew: one server with znodes, and a client that has been connected for a while. */
export let world: FakeWorld;
export let server: FakeServer;
export let tree: FakeTree;
export let client: Client;

/** Call it once in a test file. After each test no timer, listener or watch may be left. */
export function useTree(): void {
  beforeEach(async () => {
    world = new FakeWorld();
    server = world.add(new FakeServer('one:2181'));
    tree = new FakeTree(server);
    client = new Client('one', { runtime: world });
    await world.advance(1_500);
  });

  afterEach(async () => {
    const closing = client.close();
    await world.advance(5_000);
    await closing;
    expect(world.timerCount).toBe(0);
    expect(client.listenerCount('state') + client.listenerCount('closed')).toBe(0);
    expect(client.watchCount).toBe(0);
  });
}

/** The connection breaks after the server has executed a request of this kind, once. */
export function loseAnswerOf(opCode: number, beforeItBreaks = (): void => undefined): void {
  let isDue = true;
  tree.afterExecution = (received: Received) => {
    if (received.opCode !== opCode || !isDue) return 'answer';
    isDue = false;
    beforeItBreaks();
    return 'close';
  };
}

/** The session is gone at the next reconnect, its ephemerals too; then there is a new one. */
export function expireSession(): void {
  server.handshake = 'expire';
  client.once('lost', () => {
    server.handshake = 'accept';
    server.sessionId++;
    tree.expire();
  });
  server.disconnect();
}
