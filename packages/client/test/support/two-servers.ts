import { afterEach, beforeEach, expect } from 'vitest';
import { Client } from '../../src/client.ts';
import type { ClientError } from '../../src/errors.ts';
import type { ClientOptions } from '../../src/options.ts';
import { FakeServer } from './fake-server.ts';
import { FakeWorld, settle } from './fake-world.ts';

/** Of each test anew: a world with two servers, `one` and `two`. */
export let world: FakeWorld;
export let one: FakeServer;
export let two: FakeServer;
let clients: Client[] = [];

/** Call it once in a test file. After each test nothing may be left of its clients. */
export function useTwoServers(): void {
  beforeEach(() => {
    world = new FakeWorld();
    one = world.add(new FakeServer('one:2181'));
    two = world.add(new FakeServer('two:2181'));
    clients = [];
  });

  afterEach(async () => {
    const closing = Promise.all(clients.map((client) => client.close()));
    await world.advance(5_000);
    await closing;
    expect(world.timerCount).toBe(0);
  });
}

/** A client that begins to connect; it is closed after the test. */
export function make(servers: string, options: ClientOptions = {}): Client {
  const client = new Client(servers, { runtime: world, ...options });
  clients.push(client);
  return client;
}

export async function connect(servers = 'one', options: ClientOptions = {}): Promise<Client> {
  const client = make(servers, options);
  await settle();
  expect(client.state).toBe('connected');
  return client;
}

/** With a connection that has been there for a while, so that the next one comes without a pause. */
export async function connectForLong(
  servers = 'one',
  options: ClientOptions = {},
): Promise<Client> {
  const client = await connect(servers, options);
  await world.advance(1_500);
  return client;
}

/** What the client tells of its connection, as it comes. */
export function statesOf(client: Client): string[] {
  const states: string[] = [];
  for (const name of ['connected', 'readOnly', 'suspended', 'reconnected', 'lost', 'closed']) {
    client.on(name as 'connected', () => states.push(name));
  }
  return states;
}

export function failure(promise: Promise<unknown>): Promise<ClientError> {
  return promise.then(
    () => Promise.reject(new Error('it succeeded')),
    (error: ClientError) => error,
  );
}
