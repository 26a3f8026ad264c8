import { connect, type Socket } from 'node:net';
import type { InstallSnapshot, NodeId } from '@bellwether/raft';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { LIMITS } from '../src/limits.ts';
import { TcpTransport } from '../src/transport/tcp-transport.ts';
import type { SnapshotSink, TransportHandler } from '../src/transport/transport.ts';
import { ByteWriter } from '../src/wire/bytes.ts';
import { writeFrame } from '../src/wire/frame.ts';
import { PEER_PROTOCOL, writeHello } from '../src/wire/handshake.ts';
import { writeMessage } from '../src/wire/message-codec.ts';
import type { PeerMessage } from '../src/wire/peer-message.ts';
import { vitals } from './detection/vitals.ts';
import { freePorts, Signal } from './support.ts';

class Recorder implements TransportHandler {
  readonly messages: PeerMessage[] = [];
  readonly connections: string[] = [];
  sink: SnapshotSink | undefined;
  /** Who is let in without being a peer. */
  guests: readonly NodeId[] = [];
  readonly #signal: Signal;

  constructor(signal: Signal) {
    this.#signal = signal;
  }

  onMessage(message: PeerMessage): void {
    this.messages.push(message);
    this.#signal.changed();
  }

  onConnected(peer: NodeId): void {
    this.connections.push(`+${peer}`);
    this.#signal.changed();
  }

  onDisconnected(peer: NodeId): void {
    this.connections.push(`-${peer}`);
    this.#signal.changed();
  }

  mayBeMember(stranger: NodeId): boolean {
    return this.guests.includes(stranger);
  }

  onSnapshot(): SnapshotSink | undefined {
    return this.sink;
  }
}

async function fixture(clusterIds = ['c', 'c'], protocols = [PEER_PROTOCOL, PEER_PROTOCOL]) {
  const ports = await freePorts(2);
  const members = ports.map((port, i) => ({ id: i + 1, host: '127.0.0.1', port }));
  const signal = new Signal();
  const events: string[] = [];
  const start = async (id: NodeId) => {
    const recorder = new Recorder(signal);
    const onEvent = (text: string): void => {
      events.push(`${id}: ${text}`);
      signal.changed();
    };
    const listenOn = { host: '127.0.0.1', port: ports[id - 1] ?? 0 };
    const clusterId = clusterIds[id - 1] ?? '';
    const protocol = protocols[id - 1] ?? PEER_PROTOCOL;
    const transport = new TcpTransport({ id, clusterId, listenOn, protocol, onEvent }, recorder);
    transport.setPeers(members);
    onTestFinished(() => transport.close());
    await transport.listen();
    return { transport, recorder };
  };
  return { start, signal, events, ports, members };
}

async function connected() {
  const { start, signal, events, members } = await fixture();
  const one = await start(1);
  const two = await start(2);
  await signal.until(() => one.transport.isConnected(2) && two.transport.isConnected(1));
  return { one, two, signal, start, events, members };
}

const STRANGER = 'node 2 is not a member known here';

const command = (size: number, to: NodeId): PeerMessage => ({
  type: 'ForwardCommands',
  from: to === 1 ? 2 : 1,
  to,
  term: 3,
  seenIndex: 0,
  batch: new Uint8Array(size).fill(to),
});

describe('the transport between two nodes', () => {
  it('carries messages both ways, in order, whatever their size', async () => {
    const { one, two, signal } = await connected();
    const sizes = [0, 1, 100, LIMITS.commandBatchBytesMax, 70_000];
    for (const size of sizes) one.transport.send(command(size, 2));
    two.transport.send(command(5, 1));
    one.transport.flush();
    two.transport.flush();
    await signal.until(() => two.recorder.messages.length === sizes.length);
    await signal.until(() => one.recorder.messages.length === 1);
    const received = two.recorder.messages.map((message) =>
      message.type === 'ForwardCommands' ? message.batch.length : -1,
    );
    expect(received).toEqual(sizes);
  });

  it('sends nothing before it is told to', async () => {
    const { one, two, signal } = await connected();
    one.transport.send(command(1, 2));
    two.transport.send(command(1, 1));
    two.transport.flush();
    await signal.until(() => one.recorder.messages.length === 1);
    expect(two.recorder.messages).toEqual([]);
  });

  it('says when the other side is gone, and connects again when it is back', async () => {
    const { one, two, signal, start } = await connected();
    two.transport.close();
    await signal.until(() => one.recorder.connections.at(-1) === '-2');
    const again = await start(2);
    await signal.until(() => again.transport.isConnected(1) && one.transport.isConnected(2));
    expect(one.recorder.connections).toEqual(['+2', '-2', '+2']);
  });

  it('gives a connection up that fell silent, and makes it anew', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const { one, two, signal } = await connected();
    one.transport.send({ type: 'Vitals', from: 1, to: 2, vitals: vitals({}) });
    one.transport.flush();
    await signal.until(() => two.recorder.messages.length === 1);
    vi.advanceTimersByTime(LIMITS.linkCheckMs * LIMITS.linkChecksSilentMax);
    expect(two.recorder.connections).toEqual(['+1']);
    vi.advanceTimersByTime(LIMITS.linkCheckMs);
    await signal.until(() => two.recorder.connections.length === 3);
    expect(two.recorder.connections).toEqual(['+1', '-1', '+1']);
  });

  it('keeps one over which nothing is due', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const { one, two, signal } = await connected();
    vi.advanceTimersByTime(LIMITS.linkCheckMs * 100);
    one.transport.send(command(1, 2));
    one.transport.flush();
    await signal.until(() => two.recorder.messages.length === 1);
    expect(two.recorder.connections).toEqual(['+1']);
  });

  it('drops messages for a node that is not there', async () => {
    const { start } = await fixture();
    const { transport } = await start(1);
    transport.send(command(10, 2));
    transport.flush();
    expect(transport.isConnected(2)).toBe(false);
  });

  it('refuses a node of another cluster, and says why on both sides', async () => {
    const { start, signal, events } = await fixture(['c', 'other']);
    await start(1);
    await start(2);
    const why = `cluster 'other', but this node belongs to 'c'`;
    await signal.until(() => events.includes(`1: refused node 2: ${why}`));
    await signal.until(() => events.includes(`2: node 1: refused: ${why}`));
  });

  it('parts from a node that is no peer any more, and takes it back', async () => {
    const { one, two, signal, events, members } = await connected();
    two.transport.send(command(7, 1));
    one.transport.send(command(3, 2));
    one.transport.setPeers([]);
    await signal.until(() => two.recorder.connections.at(-1) === '-1');
    expect(one.recorder.connections).toEqual(['+2']);
    expect(one.transport.isConnected(2)).toBe(false);
    expect(two.recorder.messages).toHaveLength(1);
    await signal.until(() => events.includes(`2: node 1: refused: ${STRANGER}`));
    one.transport.setPeers(members);
    await signal.until(() => one.transport.isConnected(2) && two.transport.isConnected(1));
    expect(events.filter((event) => event.includes('2: node 1: refused'))).toHaveLength(1);
  });

  it('hears who is no peer where it may be a member, and parts from it when it may not', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const { one, two, signal, events, members } = await connected();
    one.transport.setPeers([]);
    await signal.until(() => events.includes(`2: node 1: refused: ${STRANGER}`));
    one.recorder.guests = [2];
    await signal.until(() => one.transport.isConnected(2) && two.transport.isConnected(1));
    two.transport.send(command(7, 1));
    two.transport.flush();
    await signal.until(() => one.recorder.messages.length === 1);
    one.transport.send(command(3, 2));
    one.transport.flush();
    await signal.until(() => two.recorder.messages.length === 1);
    one.transport.setPeers([]);
    vi.advanceTimersByTime(LIMITS.linkCheckMs);
    expect(one.transport.isConnected(2), 'as long as it may').toBe(true);
    one.transport.setPeers(members);
    one.recorder.guests = [];
    vi.advanceTimersByTime(LIMITS.linkCheckMs);
    expect(one.transport.isConnected(2), 'it is a peer now').toBe(true);
    one.transport.setPeers([]);
    await signal.until(() => two.recorder.connections.at(-1) === '-1');
    one.recorder.guests = [2];
    await signal.until(() => one.transport.isConnected(2) && two.transport.isConnected(1));
    one.recorder.guests = [];
    vi.advanceTimersByTime(LIMITS.linkCheckMs);
    await signal.until(() => two.recorder.connections.at(-1) === '-1');
  });

  it('dials who should dial and does not, because it may not know this node', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const { start, signal } = await fixture();
    const two = await start(2);
    two.transport.setPeers([]);
    two.recorder.guests = [1];
    const one = await start(1);
    vi.advanceTimersByTime(LIMITS.linkCheckMs * LIMITS.linkChecksUndialledMax);
    expect(one.transport.isConnected(2)).toBe(false);
    vi.advanceTimersByTime(LIMITS.linkCheckMs);
    await signal.until(() => one.transport.isConnected(2) && two.transport.isConnected(1));
    two.transport.close();
    await signal.until(() => one.recorder.connections.at(-1) === '-2');
    const again = await start(2);
    await signal.until(() => again.transport.isConnected(1) && one.transport.isConnected(2));
  });

  it('tries all addresses that a peer may have', async () => {
    const { start, signal, members } = await fixture();
    const one = await start(1);
    const two = await start(2);
    const [nobody = 0] = await freePorts(1);
    const address = { id: 1, host: '127.0.0.1' };
    two.transport.setPeers([]);
    two.transport.setPeers([{ ...address, port: nobody }, ...members.slice(0, 1)]);
    await signal.until(() => one.transport.isConnected(2) && two.transport.isConnected(1));
  });

  it('says which port is taken', async () => {
    const { start, ports } = await fixture();
    await start(1);
    await expect(start(1)).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: expect.stringContaining(`127.0.0.1:${ports[0]}`) as string,
    });
  });
});

describe('builds of different releases', () => {
  const { version, oldest } = PEER_PROTOCOL;
  const next = { version: version + 1, oldest };

  it.each([
    ['the newer one calls', [PEER_PROTOCOL, next]],
    ['the older one calls', [next, PEER_PROTOCOL]],
  ])('talk to each other: %s', async (_who, protocols) => {
    const { start, signal } = await fixture(undefined, protocols);
    const one = await start(1);
    const two = await start(2);
    await signal.until(() => one.transport.isConnected(2) && two.transport.isConnected(1));
    two.transport.send(command(10, 1));
    two.transport.flush();
    await signal.until(() => one.recorder.messages.length === 1);
  });

  it('that share no version say so in the words of both', async () => {
    const later = { version: version + 5, oldest: version + 4 };
    const { start, signal, events } = await fixture(undefined, [PEER_PROTOCOL, later]);
    await start(1);
    await start(2);
    const theirs = `version ${version + 4} to ${version + 5} of the peers' protocol`;
    const why = `${theirs}, but this node speaks ${oldest === version ? version : `${oldest} to ${version}`}`;
    await signal.until(() =>
      events.some((event) => event.startsWith(`1: refused node of another`)),
    );
    await signal.until(() => events.some((event) => event.startsWith('2: node 1: refused')));
    expect(events.filter((event) => event.includes(why))).toHaveLength(2);
  });

  it('are understood as far as they say what is known', async () => {
    const { start, ports, signal } = await fixture();
    const one = await start(1);
    const socket = connect({ host: '127.0.0.1', port: ports[0]! });
    onTestFinished(() => void socket.destroy());
    const writer = new ByteWriter();
    const hello = { protocol: next, clusterId: 'c', from: 2, to: 1, offer: undefined };
    writeFrame(writer, (body) => {
      writeHello(body, hello);
      body.text('more than is known here');
    });
    writeFrame(writer, (body) => body.raw(Uint8Array.of(200, 1, 2, 3)));
    writeFrame(writer, (body) => {
      writeMessage(body, command(10, 1));
      body.u8(7);
    });
    socket.write(writer.view());
    await signal.until(() => one.recorder.messages.length === 1);
    const [message] = one.recorder.messages;
    expect(message).toMatchObject({ type: 'ForwardCommands', from: 2, to: 1, term: 3 });
    expect(message).toHaveProperty('batch.length', 10);
    expect(one.recorder.connections).toEqual(['+2']);
  });
});

describe('a snapshot on the side', () => {
  const membership = { voters: [1, 2], votersOutgoing: [], learners: [] };
  const metadata = { index: 9, term: 3, membership };
  const offer: InstallSnapshot = {
    type: 'InstallSnapshot',
    from: 1,
    to: 2,
    term: 3,
    snapshot: metadata,
  };

  function sourceOf(chunks: Uint8Array[]) {
    const left = [...chunks];
    return { metadata, readChunk: () => left.shift(), close: () => undefined };
  }

  it('arrives chunk by chunk and is reported once it is durable', async () => {
    const { one, two } = await connected();
    const received: Uint8Array[] = [];
    let isDurable = false;
    two.recorder.sink = {
      write: (chunk) => received.push(chunk.slice()),
      commit: (onDone) => {
        isDurable = true;
        onDone(undefined);
      },
      abort: () => expect.unreachable(),
    };
    const chunks = Array.from({ length: 40 }, (_, i) => new Uint8Array(200_000).fill(i));
    const outcome = await new Promise((resolve) => {
      one.transport.streamSnapshot(offer, sourceOf(chunks), resolve);
    });
    expect(outcome).toBe('installed');
    expect(isDurable).toBe(true);
    expect(received.map((chunk) => [chunk.length, chunk[0]])).toEqual(
      chunks.map((chunk) => [chunk.length, chunk[0]]),
    );
  });

  it('that is not wanted, can not be kept, or has no receiver, fails', async () => {
    const { one, two } = await connected();
    const stream = (to: NodeId) =>
      new Promise((resolve) => {
        one.transport.streamSnapshot({ ...offer, to }, sourceOf([new Uint8Array(1)]), resolve);
      });
    expect(await stream(2)).toBe('failed');
    two.recorder.sink = {
      write: () => undefined,
      commit: (onDone) => onDone(new Error('disk full')),
      abort: () => undefined,
    };
    expect(await stream(2)).toBe('failed');
    two.transport.close();
    expect(await stream(2)).toBe('failed');
  });

  it('that breaks off is thrown away by the receiver', async () => {
    const { one, two } = await connected();
    const aborted = new Promise<void>((resolve) => {
      two.recorder.sink = {
        write: () => undefined,
        commit: () => expect.unreachable(),
        abort: resolve,
      };
    });
    const source = {
      metadata,
      readChunk: (): Uint8Array => {
        throw new Error('a bad sector');
      },
      close: () => undefined,
    };
    const outcome = await new Promise((resolve) => {
      one.transport.streamSnapshot(offer, source, resolve);
    });
    expect(outcome).toBe('failed');
    await aborted;
  });
});

describe('strangers at the port', () => {
  /** Connections that were opened, and how many of them are still there. */
  function crowd(port: number, count: number): { sockets: Socket[]; alive: () => number } {
    const sockets = Array.from({ length: count }, () => connect({ host: '127.0.0.1', port }));
    let alive = count;
    for (const socket of sockets) {
      socket.on('error', () => {});
      socket.on('close', () => alive--);
    }
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    return { sockets, alive: () => alive };
  }

  it('that say nothing are few, and go; those who are known are served beside them', async () => {
    const { start, signal, ports } = await fixture();
    const one = await start(1);
    const { alive } = crowd(ports[0]!, 1000);
    await vi.waitFor(() => expect(alive()).toBeLessThanOrEqual(LIMITS.strangersMax), 15_000);
    const two = await start(2);
    await signal.until(() => one.transport.isConnected(2) && two.transport.isConnected(1));
    await vi.waitFor(() => expect(alive()).toBe(0), 15_000);
    two.transport.send(command(10, 1));
    two.transport.flush();
    await signal.until(() => one.recorder.messages.length === 1);
  });

  it('that send a byte now and then are cut as well', async () => {
    const { start, ports } = await fixture();
    await start(1);
    const { sockets, alive } = crowd(ports[0]!, 3);
    const drip = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write('\0');
    }, 200);
    onTestFinished(() => clearInterval(drip));
    await vi.waitFor(() => expect(alive()).toBe(0), 15_000);
  });

  it('that announce a long frame, or another version, are cut at once', async () => {
    const { start, ports, events, signal } = await fixture();
    await start(1);
    const { sockets, alive } = crowd(ports[0]!, 2);
    const long = Buffer.alloc(8);
    long.writeUInt32BE(LIMITS.handshakeFrameBytesMax + 1);
    sockets[0]!.write(long);
    const writer = new ByteWriter();
    const protocol = { version: 77, oldest: 70 };
    const hello = { protocol, clusterId: 'c', from: 2, to: 1, offer: undefined };
    writeFrame(writer, (body) => writeHello(body, hello));
    sockets[1]!.write(writer.view());
    await signal.until(() => alive() === 0 || events.length === 2);
    expect(events.join('\n')).toContain('is too long');
    expect(events.join('\n')).toContain("version 70 to 77 of the peers' protocol");
  });
});
