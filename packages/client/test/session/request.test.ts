import { ErrorCode, OpCode } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { settle } from '../support/fake-world.ts';
import { connect, failure, make, one, useTwoServers, world } from '../support/two-servers.ts';

useTwoServers();

describe('a request', () => {
  it('times out, with an unknown outcome when it is a write that left', async () => {
    const client = await connect('one');
    one.react = () => 'ignore';
    const write = failure(client.delete('/a', { timeoutMs: 500 }));
    const read = failure(client.getData('/a', { timeoutMs: 500 }));
    await world.advance(500);
    expect(await write).toMatchObject({ code: 'operationTimeout', indeterminate: true });
    expect(await read).toMatchObject({ code: 'operationTimeout', indeterminate: false });
  });

  it('is aborted by its signal, and the reply that still comes disturbs nobody', async () => {
    const client = await connect('one');
    const held: (() => void)[] = [];
    one.react = (received) => {
      held.push(() => {
        for (const connection of one.connections) connection.answer(received, 0);
      });
      return 'ignore';
    };
    const controller = new AbortController();
    const aborted = failure(client.setData('/a', 'x', { signal: controller.signal }));
    const other = client.getData('/b');
    await settle();
    controller.abort(new Error('enough'));
    expect(await aborted).toMatchObject({
      name: 'AbortError',
      code: 'aborted',
      indeterminate: true,
      cause: { message: 'enough' },
    });
    for (const answer of held) answer();
    expect((await other).data.toString()).toBe('data');
    const before = failure(client.getData('/c', { signal: controller.signal }));
    expect((await before).code).toBe('aborted');
    expect(one.received).toHaveLength(2);
  });

  it('waits for a connection no longer than its time, and is then not sent', async () => {
    one.mode = 'refusing';
    const client = make('one');
    const early = failure(client.setData('/a', 'x', { timeoutMs: 1_000 }));
    await world.advance(1_000);
    expect(await early).toMatchObject({ code: 'operationTimeout', indeterminate: false });
    one.mode = 'up';
    await world.advance(5_000);
    expect(client.state).toBe('connected');
    expect(one.opCodes).toEqual([]);
  });

  it('is refused beyond the limit', async () => {
    const client = await connect('one', { requestsMax: 3 });
    one.react = () => 'ignore';
    const three = [1, 2, 3].map(() => client.getData('/a', { timeoutMs: 10 }));
    for (const read of three) read.catch(() => undefined);
    expect(await failure(client.getData('/b'))).toMatchObject({ code: 'tooMany', retryable: true });
    await world.advance(10);
  });

  it('with a path that no server takes is rejected without being sent', async () => {
    const client = await connect('one');
    for (const path of ['', 'a', '/a/', '/a//b', '/a/../b', '/.', '/a\u0000', '/a\ud800']) {
      expect((await failure(client.getData(path))).code).toBe('badArguments');
    }
    for (const path of ['/', '/.a', '/a..', '/a.b/...']) await client.getData(path);
    expect(one.opCodes).toHaveLength(4);
  });

  it('fails with the name of what the server answered', async () => {
    const client = await connect('one');
    one.react = () => ({ error: ErrorCode.badVersion });
    expect(await failure(client.setData('/a', 'x', { version: 1 }))).toMatchObject({
      code: 'badVersion',
      number: -103,
      message: 'setData /a: badVersion',
      retryable: false,
      indeterminate: false,
    });
    one.react = () => ({ error: -9_999 });
    expect((await failure(client.getData('/a'))).message).toBe('getData /a: unknown(-9999)');
  });

  it('breaks the connection when a reply is not the next one', async () => {
    const client = await connect('one');
    const problems: Error[] = [];
    client.on('problem', (error) => problems.push(error));
    one.react = (received) => {
      if (received.opCode !== OpCode.getData) return 'answer';
      for (const connection of one.connections) {
        connection.answer({ ...received, xid: received.xid + 5 }, 0);
      }
      return 'ignore';
    };
    const read = client.getData('/a', { timeoutMs: 5_000 });
    await settle();
    expect(problems[0]?.message).toContain('reply 6 where 1 was to come');
    one.react = () => 'answer';
    await world.advance(1_000);
    expect((await read).data.toString()).toBe('data');
  });
});
