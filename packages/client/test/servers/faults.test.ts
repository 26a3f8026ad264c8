import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Client } from '../../src/client.ts';
import { isClientError } from '../../src/errors.ts';
import {
  Counter,
  DoubleBarrier,
  LeaderElection,
  Lock,
  NodeCache,
  PersistentEphemeral,
  PriorityQueue,
  ReadWriteLock,
  Semaphore,
  TreeCache,
  type Hold,
} from '../../src/recipes/index.ts';
import { CutRuntime } from './cut-runtime.ts';
import { Ensemble } from './ensemble.ts';
import { SYSTEMS, titleOf } from './systems.ts';

/** How long servers are killed and frozen; longer runs, and ZooKeeper's, are asked for. */
const ASKED_FOR = process.env['CLIENT_FAULTS_MS'];
const FAULTS_MS = Number(ASKED_FOR ?? 6_000);
const RECOVERY_MS_MAX = 30_000;
const SESSION_TIMEOUT_MS = 2_000;

/** Judges who holds what, by what the holders know themselves and by their tokens. */
class Referee {
  readonly violations: string[] = [];
  readonly #name: string;
  readonly #most: number;
  readonly #holds = new Set<Hold>();
  #highest = 0;

  constructor(name: string, most: number) {
    this.#name = name;
    this.#most = most;
  }

  /** Somebody has got it and writes to what it protects. */
  enter(hold: Hold): void {
    if (!hold.isHeld) return;
    const others = [...this.#holds].filter((other) => other.isHeld);
    if (others.length >= this.#most) {
      this.violations.push(
        `${this.#name}: ${hold.path} beside ${others.map((o) => o.path).join()}`,
      );
    }
    if (this.#most === 1 && hold.fencingToken <= this.#highest) {
      this.violations.push(`${this.#name}: token ${hold.fencingToken} after ${this.#highest}`);
    }
    this.#highest = Math.max(this.#highest, hold.fencingToken);
    this.#holds.add(hold);
  }

  leave(hold: Hold): void {
    this.#holds.delete(hold);
  }
}

/** Recipes at work, each with clients of its own. */
class World {
  readonly problems: string[] = [];
  readonly progress = new Map<string, number>();
  readonly clients: Client[] = [];
  readonly runtimes: CutRuntime[] = [];
  readonly #stop = new AbortController();
  readonly #work: Promise<void>[] = [];
  readonly #servers: string;

  constructor(servers: string) {
    this.#servers = servers;
  }

  async client(): Promise<Client> {
    const runtime = new CutRuntime();
    this.runtimes.push(runtime);
    const options = { sessionTimeoutMs: SESSION_TIMEOUT_MS, requestTimeoutMs: 5_000, runtime };
    const client = await Client.connect(this.#servers, options);
    this.clients.push(client);
    return client;
  }

  get isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Does it again and again. An outcome that is unknown is no mistake; any other error is. */
  repeat(name: string, work: () => Promise<void>): void {
    this.progress.set(name, 0);
    const loop = async (): Promise<void> => {
      while (!this.isStopped) {
        try {
          await work();
          this.progress.set(name, this.progress.get(name)! + 1);
        } catch (error) {
          const isKnown = isClientError(error, 'lost', 'sessionExpired') || isPassing(error);
          if (!isKnown && !this.isStopped) this.problems.push(`${name}: ${String(error)}`);
        }
        await sleep(2);
      }
    };
    this.#work.push(loop());
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#work);
  }
}

function isPassing(error: unknown): boolean {
  return isClientError(error) && (error.retryable || error.indeterminate);
}

async function hold(referee: Referee, held: Hold): Promise<void> {
  referee.enter(held);
  // Now and then for so long that the session ends meanwhile, when it is cut off.
  const workMs = Math.random() < 0.1 ? SESSION_TIMEOUT_MS * 1.5 : 3;
  await Promise.race([sleep(workMs), once(held.signal, 'abort').catch(() => undefined)]);
  referee.leave(held);
  await held.release();
}

async function startLocks(world: World, referees: Referee[]): Promise<void> {
  const lock = new Referee('lock', 1);
  const election = new Referee('election', 1);
  const semaphore = new Referee('semaphore', 2);
  const writers = new Referee('read-write lock', 1);
  referees.push(lock, election, semaphore, writers);
  const { signal } = world;
  for (let i = 0; i < 4; i++) {
    const whenSuspended = i === 3 ? 'holdOn' : 'stop';
    const layout = i === 2 ? 'curator' : 'kazoo';
    const mine = new Lock(await world.client(), '/lock', { whenSuspended, layout });
    world.repeat(`lock ${i}`, async () => hold(lock, await mine.acquire({ signal })));
  }
  for (let i = 0; i < 3; i++) {
    const mine = new LeaderElection(await world.client(), '/election', { id: `${i}` });
    world.repeat(`election ${i}`, async () => hold(election, await mine.campaign({ signal })));
  }
  for (let i = 0; i < 3; i++) {
    const mine = new Semaphore(await world.client(), '/semaphore', 2);
    world.repeat(`semaphore ${i}`, async () => hold(semaphore, await mine.acquire({ signal })));
  }
  for (let i = 0; i < 2; i++) {
    const mine = new ReadWriteLock(await world.client(), '/rw');
    world.repeat(`writer ${i}`, async () => hold(writers, await mine.acquireWrite({ signal })));
    world.repeat(`reader ${i}`, async () => {
      const read = await mine.acquireRead({ signal });
      await sleep(2);
      await read.release();
    });
  }
}

class Ledger {
  acknowledged = 0;
  unknown = 0;
  readonly put = new Set<string>();
  /** Put or done, maybe. */
  readonly maybe = new Set<string>();
  readonly done = new Map<string, number>();
}

async function startOthers(world: World, ledger: Ledger): Promise<void> {
  for (let i = 0; i < 2; i++) {
    const counter = new Counter(await world.client(), '/counter');
    world.repeat(`counter ${i}`, async () => {
      try {
        await counter.add();
        ledger.acknowledged++;
      } catch (error) {
        if (isClientError(error) && error.indeterminate) ledger.unknown++;
        throw error;
      }
    });
  }
  const producer = new PriorityQueue(await world.client(), '/queue');
  let next = 0;
  world.repeat('producer', async () => {
    const item = `item ${next++}`;
    try {
      await producer.put(item, next % 3);
      ledger.put.add(item);
    } catch (error) {
      if (isClientError(error) && error.indeterminate) ledger.maybe.add(item);
      throw error;
    }
  });
  for (let i = 0; i < 2; i++) {
    const consumer = new PriorityQueue(await world.client(), '/queue');
    world.repeat(`consumer ${i}`, async () => {
      const item = await consumer.take({ signal: world.signal });
      const text = item.data.toString();
      try {
        await item.complete();
      } catch (error) {
        if (isClientError(error) && error.indeterminate) ledger.maybe.add(text);
        throw error;
      }
      ledger.done.set(text, (ledger.done.get(text) ?? 0) + 1);
    });
  }
  const partners = [await world.client(), await world.client()];
  for (const [i, client] of partners.entries()) {
    world.repeat(`barrier ${i}`, async () => {
      const barrier = new DoubleBarrier(client, '/barrier', 2);
      await barrier.enter({ timeoutMs: 3_000 });
      await barrier.leave({ timeoutMs: 3_000 });
    });
  }
}

/** Kills and freezes servers, one at a time, so that there is a quorum most of the time. */
async function attack(ensemble: Ensemble, untilMs: number): Promise<number> {
  let attacks = 0;
  while (performance.now() < untilMs) {
    const isLeader = attacks % 2 === 0;
    const chance = Math.floor(Math.random() * ensemble.servers.length);
    const server = isLeader ? await ensemble.leader() : ensemble.servers[chance]!;
    attacks++;
    if (attacks % 3 === 0) {
      server.signal('SIGSTOP');
      await sleep(500 + Math.random() * 2_500);
      server.signal('SIGCONT');
    } else {
      await server.kill();
      await sleep(Math.random() * 1_000);
      server.start();
      await server.waitUntilServing();
    }
    await sleep(500 + Math.random() * 500);
  }
  return attacks;
}

/** Cuts one client off after the other, often for longer than its session lives. */
async function cutClients(world: World, untilMs: number): Promise<void> {
  while (performance.now() < untilMs) {
    const runtime = world.runtimes[Math.floor(Math.random() * world.runtimes.length)]!;
    runtime.cut();
    await sleep(Math.random() * 2 * SESSION_TIMEOUT_MS);
    runtime.heal();
    await sleep(Math.random() * 200);
  }
}

const [ours] = SYSTEMS;
const TESTED = SYSTEMS.map((system) =>
  system === ours || ASKED_FOR !== undefined
    ? system
    : { ...system, missing: system.missing ?? 'CLIENT_FAULTS_MS does not ask for it' },
);

describe.each(TESTED.map((system) => ({ system, title: titleOf(system) })))(
  '$title',
  ({ system }) => {
    it.skipIf(system.missing !== undefined)(
      'recipes stay safe while servers die and freeze and clients are cut off, and go on afterwards',
      async () => {
        const ensemble = await Ensemble.start(system, 3);
        const world = new World(ensemble.connectString);
        try {
          await run(ensemble, world);
        } finally {
          await world.stop();
          await Promise.all(world.clients.map((client) => client.close()));
          await ensemble.stop();
        }
        const listeners = world.clients.map((client) => client.listenerCount('state'));
        expect(Math.max(...listeners)).toBe(0);
      },
      FAULTS_MS + RECOVERY_MS_MAX + 60_000,
    );
  },
);

async function run(ensemble: Ensemble, world: World): Promise<void> {
  const referees: Referee[] = [];
  const ledger = new Ledger();
  await startLocks(world, referees);
  await startOthers(world, ledger);
  const keeper = await world.client();
  const node = new PersistentEphemeral(keeper, '/node', 'x');
  const watcher = await world.client();
  const cache = new NodeCache(watcher, '/counter');
  const tree = new TreeCache(watcher, '/queue');
  const untilMs = performance.now() + FAULTS_MS;
  const [attacks] = await Promise.all([
    attack(ensemble, untilMs),
    cutClients(world, untilMs),
    cutClients(world, untilMs),
    cutClients(world, untilMs),
  ]);
  await recover(world);
  const progress = [...world.progress].map(([name, count]) => `${name}: ${count}`).join(', ');
  const losses = world.clients.reduce((sum, client) => sum + client.sessionNumber - 1, 0);
  console.log(`${attacks} attacks, ${losses} lost sessions; ${progress}`);
  await world.stop();
  expect(world.problems).toEqual([]);
  expect(referees.flatMap(({ violations }) => violations)).toEqual([]);

  await watcher.sync();
  const count = Number((await watcher.getData('/counter')).data.toString());
  expect(count).toBeGreaterThanOrEqual(ledger.acknowledged);
  expect(count).toBeLessThanOrEqual(ledger.acknowledged + ledger.unknown);

  const rest = new PriorityQueue(watcher, '/queue');
  for (let item = await rest.tryTake(); item !== undefined; item = await rest.tryTake()) {
    const text = item.data.toString();
    await item.complete();
    ledger.done.set(text, (ledger.done.get(text) ?? 0) + 1);
  }
  expect([...ledger.done.values()].filter((times) => times > 1)).toEqual([]);
  const isGone = (item: string): boolean => ledger.done.has(item) || ledger.maybe.has(item);
  expect([...ledger.put].filter((item) => !isGone(item))).toEqual([]);

  for (const path of ['/lock', '/election', '/rw', '/semaphore/leases', '/semaphore/locks']) {
    await expect.poll(async () => (await watcher.getChildren(path)).children).toEqual([]);
  }
  await expect.poll(async () => (await watcher.exists('/node')) !== null).toBe(true);
  await expect.poll(() => cache.current?.data.toString()).toBe(String(count));
  await expect
    .poll(() => [...tree.nodes.keys()].toSorted())
    .toEqual(['/queue', '/queue/entries', '/queue/taken', '/queue/waiting']);
  await node.close();
  cache.close();
  tree.close();
}

/** Nothing is stuck: each gets something done again. */
async function recover(world: World): Promise<void> {
  const before = new Map(world.progress);
  const untilMs = performance.now() + RECOVERY_MS_MAX;
  for (;;) {
    const stuck = [...world.progress].filter(([name, count]) => count < before.get(name)! + 2);
    if (stuck.length === 0) return;
    if (performance.now() > untilMs) throw new Error(await describeStuck(world, stuck));
    await sleep(50);
  }
}

async function describeStuck(world: World, stuck: [string, number][]): Promise<string> {
  const lines = stuck.map(([name, count]) => `stuck: ${name} after ${count}`);
  for (const client of world.clients) {
    const { state, sessionId, pendingRequests, watchCount } = client;
    lines.push(`${sessionId} ${state} ${client.server?.port} ${pendingRequests} ${watchCount}`);
  }
  const [observer] = world.clients;
  for (const path of ['/lock', '/election', '/semaphore/locks', '/semaphore/leases', '/rw']) {
    const { children } = await observer!.getChildren(path);
    for (const name of children) {
      const stat = await observer!.exists(`${path}/${name}`);
      lines.push(`${path}/${name} of 0x${stat?.ephemeralOwner.toString(16)}`);
    }
  }
  return lines.join('\n');
}
