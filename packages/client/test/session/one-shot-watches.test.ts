import { OpCode, WatchEventType } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import type { OneShotEvent } from '../../src/watches/events.ts';
import { settle } from '../support/fake-world.ts';
import { connect, failure, one, useTwoServers } from '../support/two-servers.ts';

useTwoServers();

describe('a one-shot watch', () => {
  it('is taken back by its signal, on the server too, but for what others watch', async () => {
    const client = await connect();
    const events: OneShotEvent[] = [];
    const onWatch = (event: OneShotEvent): void => void events.push(event);
    const [first, second] = [new AbortController(), new AbortController()];
    await client.getData('/a', { onWatch, watchSignal: first.signal });
    await client.getChildren('/a', { onWatch: () => undefined, watchSignal: second.signal });
    first.abort();
    await settle();
    expect(client.watchCount).toBe(1);
    expect(one.opCodes).not.toContain(OpCode.removeWatches);
    second.abort();
    await settle();
    expect(client.watchCount).toBe(0);
    expect(one.opCodes.at(-1)).toBe(OpCode.removeWatches);
    one.sendEvent(WatchEventType.nodeDataChanged, '/a');
    expect(events).toEqual([]);
  });

  it('is taken back before the answer that leaves it has come', async () => {
    const client = await connect();
    const controller = new AbortController();
    const options = { onWatch: () => undefined, watchSignal: controller.signal };
    const reading = client.getData('/a', options);
    controller.abort();
    await reading;
    await settle();
    expect(client.watchCount).toBe(0);
    expect(one.opCodes).toEqual([OpCode.getData, OpCode.removeWatches]);
  });

  it('is not left by a read that nobody waits for any more', async () => {
    const client = await connect();
    const events: OneShotEvent[] = [];
    const controller = new AbortController();
    const { signal } = controller;
    const reading = failure(client.getData('/a', { onWatch: (e) => events.push(e), signal }));
    await Promise.resolve();
    controller.abort();
    expect((await reading).code).toBe('aborted');
    await settle();
    one.sendEvent(WatchEventType.nodeDataChanged, '/a');
    expect(events).toEqual([]);
    expect(client.watchCount).toBe(0);
    expect(one.opCodes).toEqual([OpCode.getData, OpCode.removeWatches]);
  });

  it('that has fired is not taken back: its signal may live on', async () => {
    const client = await connect();
    const controller = new AbortController();
    for (let i = 0; i < 3; i++) {
      const options = { onWatch: () => undefined, watchSignal: controller.signal };
      await client.getData('/a', options);
      one.sendEvent(WatchEventType.nodeDataChanged, '/a');
    }
    controller.abort();
    await settle();
    expect(one.opCodes).not.toContain(OpCode.removeWatches);
  });
});
