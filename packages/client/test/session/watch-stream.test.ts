import { ErrorCode, OpCode, WatchEventType } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { settle } from '../support/fake-world.ts';
import { connect, failure, one, useTwoServers, world } from '../support/two-servers.ts';

useTwoServers();

describe('a watch stream', () => {
  it('is set up although a server was too slow at first', async () => {
    const client = await connect('one', { requestTimeoutMs: 1_000 });
    let slow = 2;
    one.react = ({ opCode }) => {
      if (opCode !== OpCode.addWatch || slow === 0) return 'answer';
      slow--;
      return slow === 1 ? { error: ErrorCode.operationTimeout } : 'ignore';
    };
    const stream = client.watch('/a');
    await world.advance(1_300);
    // An answer that never came holds up those behind it: the connection is made anew.
    one.disconnect();
    await world.advance(3_000);
    await stream.ready;
    one.sendEvent(WatchEventType.nodeDataChanged, '/a');
    stream.close();
    const types: string[] = [];
    for await (const { type } of stream) types.push(type);
    expect(types).toContain('dataChanged');
  });

  it('ends when the loop is left, and the server forgets the watch', async () => {
    const client = await connect('one');
    const stream = client.watch('/a');
    await stream.ready;
    one.sendEvent(WatchEventType.nodeChildrenChanged, '/a');
    for await (const event of stream) {
      expect(event).toEqual({ type: 'childrenChanged', path: '/a' });
      break;
    }
    await settle();
    expect(one.opCodes).toEqual([OpCode.addWatch, OpCode.removeWatches]);
    expect(client.watchCount).toBe(0);
  });

  it('leaves the server alone while somebody else here needs a watch on the path', async () => {
    const client = await connect('one');
    const stream = client.watch('/a');
    await stream.ready;
    const read = client.getData('/a', { onWatch: () => undefined });
    stream.close();
    await read;
    await settle();
    expect(one.opCodes).toEqual([OpCode.addWatch, OpCode.getData]);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('turns more events than it may keep into a gap', async () => {
    const client = await connect('one');
    const stream = client.watch('/a', { eventsMax: 3 });
    await stream.ready;
    for (let i = 0; i < 5; i++) one.sendEvent(WatchEventType.nodeDataChanged, '/a');
    stream.close();
    const events: string[] = [];
    for await (const { type } of stream) events.push(type);
    expect(events).toEqual(['gap', 'dataChanged']);
  });

  it('rejects when the watch is refused, and ends with its signal or its client', async () => {
    const client = await connect('one');
    one.react = ({ opCode }) =>
      opCode === OpCode.addWatch ? { error: ErrorCode.unimplemented } : 'answer';
    const refused = client.watch('/a');
    expect((await failure(refused.ready)).code).toBe('unimplemented');
    expect((await failure(refused.next())).code).toBe('unimplemented');
    expect(await refused.next()).toEqual({ done: true, value: undefined });
    one.react = () => 'answer';
    const controller = new AbortController();
    const aborted = client.watch('/a', { signal: controller.signal });
    const next = aborted.next();
    controller.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    const last = client.watch('/b').next();
    const closing = client.close();
    await world.advance(1);
    await closing;
    expect(await last).toEqual({ done: true, value: undefined });
  });
});
