import { JuteReader, OpCode, WatchEventType } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import type { OneShotEvent } from '../../src/watches/events.ts';
import { settle } from '../support/fake-world.ts';
import {
  connect,
  failure,
  make,
  one,
  statesOf,
  two,
  useTwoServers,
  world,
} from '../support/two-servers.ts';

useTwoServers();

describe('a connection', () => {
  it('begins with a handshake and is closed with the session', async () => {
    const client = make('one');
    const states = statesOf(client);
    expect(client.state).toBe('connecting');
    await settle();
    expect(one.handshakes).toMatchObject([{ sessionId: 0, timeoutMs: 10_000, readOnly: false }]);
    expect(client.sessionId).toBe('0x42');
    const closed = client.close();
    await world.advance(0);
    await closed;
    expect(one.opCodes).toEqual([OpCode.closeSession]);
    expect(states).toEqual(['connected', 'closed']);
    expect(one.connections.size).toBe(0);
  });

  it('sends what is asked in one turn with one write, in order, and answers in that order', async () => {
    const client = await connect();
    const done: string[] = [];
    const all = ['/a', '/b', '/c'].map((path) => client.getData(path).then(() => done.push(path)));
    void client.setData('/d', 'x').then(() => done.push('/d'));
    await Promise.all(all);
    await settle();
    expect(done).toEqual(['/a', '/b', '/c', '/d']);
    expect(one.received.map(({ xid }) => xid)).toEqual([1, 2, 3, 4]);
  });

  it('takes the next server when one refuses, and pauses after a round without success', async () => {
    one.mode = 'refusing';
    two.mode = 'refusing';
    const client = make('one,two');
    const problems: Error[] = [];
    client.on('problem', (error) => problems.push(error));
    await settle();
    expect(world.dialled.toSorted()).toEqual(['one:2181', 'two:2181']);
    expect(problems.map(({ message }) => message.replace(/^\w+/, ''))).toEqual([
      ':2181: ECONNREFUSED',
      ':2181: ECONNREFUSED',
    ]);
    await world.advance(100_000);
    // 20 ms at first, 2 s at last, each with jitter: neither a busy loop nor an end.
    expect(world.dialled.length).toBeGreaterThan(80);
    expect(world.dialled.length).toBeLessThan(260);
    two.mode = 'up';
    await world.advance(4_000);
    expect(client.state).toBe('connected');
  });

  it('gives up a server that takes the connection and says nothing', async () => {
    one.handshake = 'ignore';
    two.mode = 'hanging';
    const client = make('one,two');
    await world.advance(4_900);
    expect(client.state).toBe('connecting');
    one.handshake = 'accept';
    await world.advance(10_200);
    expect(client.state).toBe('connected');
  });

  it('does not race in circles when servers accept and close again', async () => {
    const client = make('one,two');
    one.react = () => 'close';
    two.react = () => 'close';
    await settle();
    const reads = client.getData('/a', { timeoutMs: 20_000 });
    reads.catch(() => undefined);
    await world.advance(20_000);
    expect(world.dialled.length).toBeLessThan(60);
    expect((await failure(reads)).code).toBe('operationTimeout');
  });

  it('refuses a server that is read-only unless that was asked for', async () => {
    one.handshake = 'readOnly';
    const plain = make('one');
    const patient = make('one', { readOnly: true });
    const states = statesOf(patient);
    await settle();
    expect(plain.state).toBe('connecting');
    expect(patient.state).toBe('readOnly');
    expect(states).toEqual(['readOnly']);
  });
});

describe('a read-only client', () => {
  it('goes to a server with a quorum when there is one again, with the session it had', async () => {
    const client = make('one', { readOnly: true });
    const states = statesOf(client);
    await world.advance(1_500);
    expect(client.sessionId).toBe('0x42');
    one.handshake = 'readOnly';
    one.sessionId = 0x99;
    one.disconnect();
    await world.advance(1_500);
    expect(client.state).toBe('readOnly');
    expect((await client.getData('/a')).data.toString()).toBe('data');
    const dialled = world.dialled.length;
    await world.advance(60_000);
    // Rarer and rarer, since it may last.
    expect(world.dialled.length - dialled).toBeLessThan(20);
    one.handshake = 'accept';
    one.sessionId = 0x42;
    await world.advance(61_000);
    expect(client.state).toBe('connected');
    expect(one.handshakes.at(-1)).toMatchObject({ sessionId: 0x42, readOnly: true });
    expect(states).toEqual(['connected', 'suspended', 'readOnly', 'suspended', 'reconnected']);
  });
});

describe('a chroot', () => {
  it('is put before each path and taken from each answer', async () => {
    const client = await connect('one:2181/app/x');
    const events: OneShotEvent[] = [];
    await client.getData('/a', { onWatch: (event) => events.push(event) });
    expect((await client.create('/a/b')).path).toBe('/a/b');
    await client.getData('/');
    const paths = one.received.map(({ body }) => new JuteReader(body).readString());
    expect(paths).toEqual(['/app/x/a', '/app/x/a/b', '/app/x']);
    one.sendEvent(WatchEventType.nodeDataChanged, '/app/x/a');
    expect(events).toEqual([{ type: 'dataChanged', path: '/a' }]);
    expect(await failure(client.delete('relative'))).toMatchObject({ path: 'relative' });
  });
});
