import type { PeerMessage, TransportHandler } from '@bellwether/cluster';
import { describe, expect, it } from 'vitest';
import { RandomSource, World } from '../src/index.ts';
import { THIS_EDITION } from '../src/network/edition.ts';
import { Network } from '../src/network/network.ts';
import { SimulatedTransport } from '../src/network/simulated-transport.ts';
import { SimulatedThread } from '../src/thread.ts';

interface TestNode {
  readonly transport: SimulatedTransport;
  readonly thread: SimulatedThread;
  readonly seen: string[];
}

const textOf = (message: PeerMessage): string =>
  message.type === 'ServiceMessage' ? Buffer.from(message.bytes).toString() : message.type;

function start(network: Network, nodeId: number): TestNode {
  const seen: string[] = [];
  const thread = new SimulatedThread(network.world, () => undefined);
  const handler: TransportHandler = {
    onMessage: (message) => seen.push(textOf(message)),
    onConnected: (peer) => seen.push(`connected ${peer}`),
    onDisconnected: (peer) => seen.push(`lost ${peer}`),
    mayBeMember: () => false,
    onSnapshot: () => undefined,
  };
  const random = new RandomSource(nodeId);
  const transport = new SimulatedTransport(
    network,
    { nodeId, thread, random, edition: THIS_EDITION },
    handler,
  );
  transport.listen();
  return { transport, thread, seen };
}

function send(node: TestNode, to: number, text: string): void {
  const from = node.transport.nodeId;
  node.transport.send({ type: 'ServiceMessage', from, to, bytes: Buffer.from(text) });
  node.transport.flush();
}

function twoNodes(): { world: World; network: Network; one: TestNode; two: TestNode } {
  const world = new World(new RandomSource(1));
  const network = new Network(world, [1, 2]);
  const one = start(network, 1);
  const two = start(network, 2);
  world.run(5);
  return { world, network, one, two };
}

describe('a simulated connection', () => {
  it('is dialled by the higher id and known to both', () => {
    const { one, two } = twoNodes();
    expect(one.seen).toEqual(['connected 2']);
    expect(two.seen).toEqual(['connected 1']);
    expect(one.transport.isConnected(2)).toBe(true);
  });

  it('keeps messages in order', () => {
    const { world, one, two } = twoNodes();
    for (let i = 0; i < 20; i++) send(one, 2, `m${i}`);
    world.run(20);
    expect(two.seen.slice(1)).toEqual(Array.from({ length: 20 }, (_, i) => `m${i}`));
  });

  it('delivers late what was sent into a cut, in order', () => {
    const { world, network, one, two } = twoNodes();
    network.link(1, 2).cut();
    send(one, 2, 'a');
    send(one, 2, 'b');
    send(two, 1, 'other way');
    world.run(500);
    expect(two.seen).toEqual(['connected 1']);
    expect(one.seen).toEqual(['connected 2', 'other way']);
    network.link(1, 2).heal();
    world.run(1000);
    expect(two.seen.slice(1)).toEqual(['a', 'b']);
  });

  it('is lost for both when it is reset, loses what was on its way, and comes back', () => {
    const { world, network, one, two } = twoNodes();
    network.link(1, 2).cut();
    send(one, 2, 'lost');
    network.reset(1, 2);
    world.run(100);
    network.link(1, 2).heal();
    world.run(3000);
    expect(one.seen.slice(0, 3)).toEqual(['connected 2', 'lost 2', 'connected 2']);
    expect(two.seen.slice(0, 3)).toEqual(['connected 1', 'lost 1', 'connected 1']);
    expect(two.seen).not.toContain('lost');
  });

  it('carries nothing that was said before it was there', () => {
    const world = new World(new RandomSource(1));
    const network = new Network(world, [1, 2]);
    const one = start(network, 1);
    const two = start(network, 2);
    two.transport.send({ type: 'ServiceMessage', from: 2, to: 1, bytes: Buffer.from('early') });
    world.run(5);
    send(two, 1, 'in time');
    two.transport.send({ type: 'ServiceMessage', from: 2, to: 1, bytes: Buffer.from('unsent') });
    network.reset(1, 2);
    world.run(1000);
    send(two, 1, 'over another one');
    world.run(1100);
    const said = one.seen.filter((text) => !/^(connected|lost) 2$/.test(text));
    expect(said).toEqual(['in time', 'over another one']);
  });

  it('ends at once for the peer of a process that is killed', () => {
    const { world, network, one, two } = twoNodes();
    two.thread.kill();
    network.onProcessEnded(2, 'kill');
    world.run(10);
    expect(one.seen).toEqual(['connected 2', 'lost 2']);
  });

  it('hangs when the power is gone, until the machine answers again', () => {
    const { world, network, one, two } = twoNodes();
    two.thread.kill();
    network.onProcessEnded(2, 'power');
    world.run(1000);
    expect(one.seen).toEqual(['connected 2']);
    start(network, 2);
    world.run(1100);
    expect(one.seen[1]).toBe('lost 2');
    expect(one.seen.at(-1)).toBe('connected 2');
  });

  it('shares no memory', () => {
    const { world, one, two } = twoNodes();
    const bytes = Buffer.from('before');
    one.transport.send({ type: 'ServiceMessage', from: 1, to: 2, bytes });
    one.transport.flush();
    bytes.write('after!');
    world.run(10);
    expect(two.seen.at(-1)).toBe('before');
  });
});

describe('a lossy link', () => {
  const heartbeat = { type: 'Heartbeat', from: 1, to: 2, term: 1, commit: 0, round: 1 } as const;
  const bad = { latencyMsMin: 0, latencyMsMax: 1, damage: 0, lateMsMax: 50 };

  it('lets nothing overtake the handshake of a connection', () => {
    const world = new World(new RandomSource(1));
    const network = new Network(world, [1, 2]);
    const one = start(network, 1);
    const two = start(network, 2);
    const latencies = { latencyMsMin: 0, latencyMsMax: 50 };
    network.link(1, 2).quality = { ...bad, ...latencies, loss: 0, duplication: 0.5, reordering: 1 };
    world.run(100, () => one.seen.length > 0);
    for (let i = 0; i < 100; i++) one.transport.send({ ...heartbeat, round: i });
    one.transport.flush();
    world.run(1000);
    expect(two.seen[0]).toBe('connected 1');
    expect(two.seen).toContain('Heartbeat');
  });

  it('loses, doubles and reorders what the core repeats, and nothing else', () => {
    const { world, network, one, two } = twoNodes();
    network.link(1, 2).quality = { ...bad, loss: 0.3, duplication: 0.3, reordering: 0.3 };
    for (let i = 0; i < 100; i++) {
      one.transport.send({ ...heartbeat, round: i });
      send(one, 2, `m${i}`);
    }
    world.run(1000);
    const { lost, doubled, reordered } = network.counts;
    expect(Math.min(lost, doubled, reordered)).toBeGreaterThan(10);
    const messages = two.seen.filter((text) => text.startsWith('m'));
    expect(messages).toEqual(Array.from({ length: 100 }, (_, i) => `m${i}`));
    const heartbeats = two.seen.filter((text) => text === 'Heartbeat');
    expect(heartbeats.length).toBe(100 - lost + doubled);
  });
});
