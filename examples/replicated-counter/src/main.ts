/*
 * Three members of a replicated counter in one process, for show: in earnest each is a process on a
 * machine of its own. The leader is stopped half-way; the count goes on.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Counter } from './counter.ts';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const directory = mkdtempSync(join(tmpdir(), 'replicated-counter-'));
const ports = [await freePort(), await freePort(), await freePort()];
const peers = ports.map((port, i) => ({ id: i + 1, host: '127.0.0.1', port }));
const start = (id: number): Promise<Counter> =>
  Counter.start({ id, peers, dataDir: join(directory, `node-${id}`) });

const counters = await Promise.all(peers.map((peer) => start(peer.id)));
for (const counter of counters) console.log(`node ${counter.cluster.id}: ${await counter.add(1)}`);

const leader = counters.find(({ cluster }) => cluster.leadership.role === 'leader');
console.log(`stopping node ${leader?.cluster.id}, which leads`);
await leader?.cluster.stop();

const survivors = counters.filter((counter) => counter !== leader);
for (const counter of survivors) {
  console.log(`node ${counter.cluster.id}: ${await counter.add(10)}`);
}
for (const counter of survivors) {
  console.log(`node ${counter.cluster.id} reads ${await counter.read()}`);
}
for (const counter of survivors) await counter.cluster.stop();
rmSync(directory, { recursive: true });
