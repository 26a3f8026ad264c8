import { fork, type ChildProcess } from 'node:child_process';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { freePorts, Signal, temporaryDirectory } from '../support.ts';

interface Told {
  readonly kind: 'started' | 'leads' | 'answer';
  readonly term?: number;
  readonly number?: number;
  readonly value?: unknown;
  readonly code?: string;
}

type Answer = Pick<Told, 'value' | 'code'>;

/** A node in a process of its own, which can be frozen. */
class NodeProcess {
  readonly child: ChildProcess;
  isStarted = false;
  ledTerm = 0;
  readonly #answers = new Map<number, (answer: Answer) => void>();
  #asked = 0;

  constructor(options: object, onChange: () => void) {
    const program = fileURLToPath(new URL('./frozen-node.mjs', import.meta.url));
    this.child = fork(program, [JSON.stringify(options)]);
    onTestFinished(() => void this.child.kill('SIGKILL'));
    this.child.on('message', (told: Told) => {
      if (told.kind === 'started') this.isStarted = true;
      if (told.kind === 'leads') this.ledTerm = told.term ?? 0;
      if (told.kind === 'answer') this.#answers.get(told.number ?? 0)?.(told);
      onChange();
    });
  }

  /** Whether it is frozen or not: then the question waits in the pipe. */
  ask(question: string, argument?: unknown): Promise<Answer> {
    this.#asked += 1;
    const number = this.#asked;
    this.child.send({ question, number, argument });
    return new Promise((resolve) => this.#answers.set(number, resolve));
  }
}

/** Passes bytes on, until it is cut; then they wait. */
async function cuttableProxy(port: number) {
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.push(from);
      from.on('data', (bytes) => to.write(bytes));
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => sockets.forEach((socket) => socket.pause()),
    heal: () => sockets.forEach((socket) => socket.resume()),
  };
}

/** Nodes 1 and 2 and a leader, node 3, all of whose connections pass through what can be cut. */
async function fixture() {
  const directory = temporaryDirectory();
  const ports = await freePorts(3);
  // Node 1 never leads, so node 3 does as long as it is alone with it.
  const peers = ports.map((port, i) => ({ id: i + 1, host: '127.0.0.1', port, priority: i }));
  const proxies = await Promise.all(ports.slice(0, 2).map(cuttableProxy));
  const { until, changed } = new Signal();
  const start = (id: number): NodeProcess => {
    // The node with the highest id dials the others.
    const seen = peers.map((peer, i) => ({ ...peer, port: proxies[i]?.port ?? peer.port }));
    const options = { id, peers: id === 3 ? seen : peers, dataDir: join(directory, `${id}`) };
    return new NodeProcess(options, changed);
  };
  start(1);
  const leader = start(3);
  await until(() => leader.ledTerm > 0);
  const other = start(2);
  await until(() => other.isStarted);
  return {
    ...{ leader, other },
    cut: () => proxies.forEach((proxy) => proxy.cut()),
    heal: () => proxies.forEach((proxy) => proxy.heal()),
  };
}

it('a leader that was frozen answers no read by a lease that has run out, and writes nothing', async () => {
  const { leader, other, cut, heal } = await fixture();
  expect(await leader.ask('writeInTerm', 1)).toMatchObject({ value: 1 });
  expect(await other.ask('leaseRead')).toMatchObject({ value: 1 });
  expect(await leader.ask('leaseRead')).toMatchObject({ value: 1 });

  // It hears of nothing that happens meanwhile, and its clock is all that it can go by.
  cut();
  leader.child.kill('SIGSTOP');
  const reads = Array.from({ length: 50 }, () => leader.ask('leaseRead'));
  const held = leader.ask('isHeld');
  const write = leader.ask('writeInTerm', 99);
  expect(await other.ask('write', 2)).toMatchObject({ value: 2 });
  leader.child.kill('SIGCONT');
  expect(await held).toMatchObject({ value: false });
  heal();
  for (const answer of await Promise.all(reads)) expect(answer).toMatchObject({ value: 2 });
  expect(await write).toMatchObject({ code: 'LEADERSHIP_LOST' });
  expect(await other.ask('leaseRead')).toMatchObject({ value: 2 });
});
