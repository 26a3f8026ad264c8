import { OpCode } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { connect, one, statesOf, useTwoServers, world } from '../support/two-servers.ts';

useTwoServers();

describe('keeping alive', () => {
  it('pings after a third of the timeout without a request', async () => {
    await connect();
    await world.advance(3_300);
    expect(one.received.filter(({ opCode }) => opCode === OpCode.ping)).toHaveLength(0);
    await world.advance(100);
    expect(one.received.filter(({ opCode }) => opCode === OpCode.ping)).toHaveLength(1);
    await world.advance(60_000);
    const pings = one.received.filter(({ opCode }) => opCode === OpCode.ping).length;
    expect(pings).toBeGreaterThanOrEqual(17);
    expect(pings).toBeLessThanOrEqual(20);
  });

  it('leaves a server that is silent for two thirds of the timeout', async () => {
    const client = await connect('one');
    const states = statesOf(client);
    one.answersPings = false;
    one.handshake = 'ignore';
    await world.advance(6_600);
    expect(states).toEqual([]);
    await world.advance(200);
    expect(states).toEqual(['suspended']);
  });

  it('does not blame the server when this process stood still', async () => {
    const client = await connect('one');
    const states = statesOf(client);
    world.stall(7_500);
    await world.advance(0);
    expect(states).toEqual([]);
    // The answer that had been waiting is read; then all is as before.
    const data = client.getData('/a');
    await world.advance(100);
    await data;
    await world.advance(20_000);
    expect(states).toEqual([]);
  });
});
