import { OpCode } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { Client } from '../../src/client.ts';
import type { OneShotEvent } from '../../src/watches/events.ts';
import { connect, failure, one, useTwoServers, world } from '../support/two-servers.ts';

useTwoServers();

describe('closing', () => {
  it('answers what was asked before, fails what is asked after', async () => {
    const client = await connect('one');
    const before = client.getData('/a');
    const closing = client.close();
    const after = failure(client.getData('/b'));
    expect((await before).data.toString()).toBe('data');
    await closing;
    expect((await after).code).toBe('closed');
    expect(one.opCodes).toEqual([OpCode.getData, OpCode.closeSession]);
  });

  it('without a server takes two seconds at most', async () => {
    const client = await connect('one');
    one.disconnect();
    one.mode = 'refusing';
    const read = failure(client.getData('/a'));
    const closing = client.close();
    await world.advance(2_000);
    await closing;
    expect((await read).code).toBe('closed');
    expect(world.timerCount).toBe(0);
  });

  it('ends watches and says so', async () => {
    const client = await connect('one');
    const events: OneShotEvent[] = [];
    await client.getData('/a', { onWatch: (event) => events.push(event) });
    await client.close();
    expect(events).toEqual([{ type: 'closed', path: '/a' }]);
  });
});

it('connect rejects when no server can be reached, and leaves nothing behind', async () => {
  one.mode = 'refusing';
  const connecting = failure(Client.connect('one', { runtime: world, connectTimeoutMs: 700 }));
  await world.advance(700);
  expect(await connecting).toMatchObject({
    code: 'cannotConnect',
    retryable: true,
    message: 'no session in time: one:2181: ECONNREFUSED',
  });
  expect(world.timerCount).toBe(0);
});

it('connect rejects when it is aborted, and leaves nothing behind', async () => {
  one.mode = 'hanging';
  const controller = new AbortController();
  const { signal } = controller;
  const connecting = failure(Client.connect('one', { runtime: world, signal }));
  await world.advance(100);
  controller.abort(new Error('enough'));
  expect(await connecting).toMatchObject({ code: 'aborted', cause: { message: 'enough' } });
  expect(world.timerCount).toBe(0);
});
