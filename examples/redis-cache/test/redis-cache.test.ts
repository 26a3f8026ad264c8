import { once } from 'node:events';
import { connect } from 'node:net';
import { Redis } from 'ioredis';
import { launch, type LaunchedNode } from 'example-support';
import { expect, it, onTestFinished } from 'vitest';

const program = new URL('../dist/main.js', import.meta.url).href;

/** Bytes to a node, and the bytes of its answer, until that is as long as expected. */
async function talk({ place }: LaunchedNode, request: string, answer: string): Promise<string> {
  const socket = connect(place.port, '127.0.0.1');
  socket.setEncoding('latin1').write(request, 'latin1');
  let heard = '';
  while (heard.length < answer.length) heard += String((await once(socket, 'data'))[0]);
  socket.destroy();
  return heard;
}

it(
  'speaks to clients of Redis, and goes on when its leader is killed',
  { timeout: 60_000 },
  async () => {
    const { nodes, stop } = await launch(program, { scheme: 'redis' });
    onTestFinished(stop);
    const sentinels = nodes.map(({ place }) => ({ host: '127.0.0.1', port: place.port }));
    const redis = new Redis({
      ...{ sentinels, name: 'cache', role: 'master' },
      sentinelRetryStrategy: () => 20,
      retryStrategy: () => 20,
      // What was under way when the connection broke is sent again: these commands may be done twice.
      maxRetriesPerRequest: null,
      autoResendUnfulfilledCommands: true,
    });
    redis.on('error', () => undefined);
    onTestFinished(() => redis.disconnect());

    expect(await redis.set('a', 'ä\r\n\0')).toBe('OK');
    expect(await redis.get('a')).toBe('ä\r\n\0');
    expect(await redis.set('a', 'other', 'NX')).toBeNull();
    expect(await redis.incrby('n', 41)).toBe(41);
    expect(await redis.incr('n')).toBe(42);
    await expect(redis.incr('a')).rejects.toThrow('ERR value is not an integer or out of range');
    expect(await redis.mget('n', 'nothing')).toEqual(['42', null]);
    expect(await redis.exists('a', 'n', 'nothing')).toBe(2);
    expect(await redis.set('short', 'x', 'PX', 1)).toBe('OK');
    while ((await redis.get('short')) !== null);
    expect(await redis.ttl('a')).toBe(-1);
    expect(await redis.expire('a', 100)).toBe(1);
    expect(await redis.ttl('a')).toBe(100);
    expect(await redis.persist('a')).toBe(1);
    expect(await redis.dbsize()).toBe(2);
    await expect(redis.call('HSET', 'h', 'f', 'v')).rejects.toThrow("ERR unknown command 'HSET'");

    // A read sees the write right before it, and not the one right behind it.
    const mixed = await Promise.all([
      redis.incr('n'),
      redis.get('n'),
      redis.decr('n'),
      redis.get('n'),
    ]);
    expect(mixed).toEqual([43, '43', 42, '42']);

    // Every node answers, several requests in one packet, and one that comes in pieces.
    for (const node of nodes) {
      const answers = '$2\r\n42\r\n$-1\r\n+PONG\r\n';
      const requests = '*2\r\n$3\r\nGET\r\n$1\r\nn\r\n*2\r\n$3\r\nget\r\n$4\r\nnone\r\nPING\r\n';
      expect(await talk(node, requests, answers)).toBe(answers);
    }
    const nonsense = "-ERR Protocol error: invalid length '*x'\r\n";
    expect(await talk(nodes[0]!, '*x\r\n', nonsense)).toBe(nonsense);

    const [, leaderId] = /bellwether_leader:(\d)/.exec(await redis.info()) ?? [];
    const leader = nodes.find(({ id }) => id === Number(leaderId))!;
    const writes = Array.from({ length: 200 }, (_, i) => redis.set(`key ${i}`, `${i}`));
    await leader.kill();
    expect(new Set(await Promise.all(writes))).toEqual(new Set(['OK']));
    expect(await redis.get('n')).toBe('42');
    expect(await redis.get('key 199')).toBe('199');
    expect(await redis.del('n', 'key 0', 'nothing')).toBe(2);
    expect(await redis.flushall()).toBe('OK');
    expect(await redis.dbsize()).toBe(0);
  },
);
