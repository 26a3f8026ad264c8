import { launch, type LaunchedNode } from 'example-support';
import { expect, it, onTestFinished } from 'vitest';

const program = new URL('../dist/main.js', import.meta.url).href;

const urlOf = ({ place }: LaunchedNode): string => `http://127.0.0.1:${place.port}`;

async function put(node: LaunchedNode, key: string, body: string, version?: number) {
  const headers = version === undefined ? {} : { 'if-match': String(version) };
  const response = await fetch(`${urlOf(node)}/kv/${key}`, { method: 'PUT', body, headers });
  return { status: response.status, version: response.headers.get('etag') };
}

async function get(node: LaunchedNode, key: string): Promise<string> {
  const response = await fetch(`${urlOf(node)}/kv/${key}`);
  return response.text();
}

async function leaderOf(nodes: readonly LaunchedNode[]): Promise<LaunchedNode> {
  const response = await fetch(`${urlOf(nodes[0]!)}/status`);
  const { leaderId } = (await response.json()) as { leaderId: number };
  return nodes.find(({ id }) => id === leaderId)!;
}

it(
  'keeps what was written, through any node, when its leader is killed',
  { timeout: 60_000 },
  async () => {
    const { nodes, stop } = await launch(program);
    onTestFinished(stop);
    for (const [i, node] of nodes.entries()) {
      expect(await put(node, 'a', `value ${i}`)).toEqual({ status: 200, version: String(i + 1) });
      for (const reader of nodes) expect(await get(reader, 'a')).toBe(`value ${i}`);
    }
    expect(await put(nodes[0]!, 'a', 'late', 1)).toEqual({ status: 412, version: '3' });
    expect(await put(nodes[0]!, 'new', 'first', 0)).toEqual({ status: 200, version: '1' });

    const leader = await leaderOf(nodes);
    const follower = nodes.find((node) => node !== leader)!;
    const direct = await fetch(`${urlOf(follower)}/kv/a`, { method: 'DELETE', redirect: 'manual' });
    expect(direct.status).toBe(307);
    expect(direct.headers.get('location')).toBe(`${urlOf(leader)}/kv/a`);

    await leader.kill();
    const survivors = nodes.filter((node) => node !== leader);
    for (const node of survivors) expect(await get(node, 'a')).toBe('value 2');
    expect(await put(survivors[0]!, 'a', 'after')).toMatchObject({ status: 200, version: '4' });
    await leader.start();
    for (const node of nodes) expect(await get(node, 'a')).toBe('after');
    expect((await fetch(`${urlOf(leader)}/kv/a`, { method: 'DELETE' })).status).toBe(204);
    expect(await get(follower, 'a')).toBe('no such key');
  },
);
