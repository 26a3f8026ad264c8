import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Client } from '../../src/client.ts';
import { isClientError } from '../../src/errors.ts';
import {
  Barrier,
  ChildrenCache,
  Counter,
  DoubleBarrier,
  GroupMembership,
  LeaderElection,
  Lock,
  NodeCache,
  PersistentEphemeral,
  PriorityQueue,
  Queue,
  ReadWriteLock,
  roundRobin,
  Semaphore,
  ServiceRegistry,
  SharedValue,
  sticky,
  TreeCache,
  type Layout,
  type Leader,
} from '../../src/recipes/index.ts';
import { Ensemble } from './ensemble.ts';
import { SYSTEMS, titleOf } from './systems.ts';

const START_MS_MAX = 60_000;
const LAYOUTS: readonly Layout[] = ['kazoo', 'curator'];

async function eventually(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(5);
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing',
    (error: unknown) => (isClientError(error) ? error.code : String(error)),
  );

describe.each(SYSTEMS.map((system) => ({ system, title: titleOf(system) })))(
  '$title',
  ({ system }) => {
    if (system.missing !== undefined) {
      it.skip('is not here');
      return;
    }
    let ensemble: Ensemble;
    let clients: Client[] = [];
    let a: Client;
    let b: Client;
    let round = 0;

    beforeAll(async () => {
      ensemble = await Ensemble.start(system, 1);
    }, START_MS_MAX);
    afterAll(() => ensemble.stop());
    beforeEach(async () => {
      round++;
      clients = [];
      [a, b] = await Promise.all([connect(), connect()]);
    });
    afterEach(async () => {
      await Promise.all(clients.map((client) => client.close()));
      for (const client of clients) {
        expect(client.listenerCount('state') + client.listenerCount('closed')).toBe(0);
      }
    });

    async function connect(): Promise<Client> {
      const client = await Client.connect(`${ensemble.connectString}/round${round}`);
      clients.push(client);
      await client.ensurePath('/');
      return client;
    }

    it.each(LAYOUTS)('Lock: one at a time, in order, with rising tokens (%s)', async (layout) => {
      const all = [a, b, await connect()];
      const locks = all.map((client, i) => new Lock(client, '/lock', { id: `${i}`, layout }));
      let holders = 0;
      const tokens: number[] = [];
      const work = async (lock: Lock): Promise<void> => {
        for (let i = 0; i < 5; i++) {
          await lock.use(async (hold) => {
            expect(++holders).toBe(1);
            expect(hold.isHeld).toBe(true);
            tokens.push(hold.fencingToken);
            await sleep(1);
            holders--;
          });
        }
      };
      await Promise.all(locks.map(work));
      expect(tokens).toHaveLength(15);
      expect(tokens).toEqual(tokens.toSorted((x, y) => x - y));
      expect(new Set(tokens).size).toBe(15);
      expect((await a.getChildren('/lock')).children).toEqual([]);
    });

    it('Lock: tries, times out, is aborted, and leaves nothing behind', async () => {
      const lock = new Lock(a, '/lock', { id: 'a' });
      const other = new Lock(b, '/lock', { id: 'b' });
      const hold = await lock.acquire();
      expect(await other.tryAcquire()).toBeUndefined();
      expect(await codeOf(other.acquire({ timeoutMs: 50 }))).toBe('operationTimeout');
      await eventually(async () => (await lock.contenders()).length === 1);
      const controller = new AbortController();
      const waiting = codeOf(other.acquire({ signal: controller.signal }));
      await eventually(async () => (await lock.contenders()).length === 2);
      expect(await lock.contenders()).toEqual(['a', 'b']);
      controller.abort();
      expect(await waiting).toBe('aborted');
      await eventually(async () => (await lock.contenders()).length === 1);
      await hold.release();
      expect(hold.isHeld).toBe(false);
      expect(hold.signal.aborted).toBe(true);
      const again = await other.tryAcquire();
      expect(again?.isHeld).toBe(true);
      await again?.release();
      expect((await a.getChildren('/lock')).children).toEqual([]);
    });

    it('Lock: is lost when its znode is deleted', async () => {
      const hold = await new Lock(a, '/lock').acquire();
      await b.delete(hold.path);
      await eventually(() => hold.signal.aborted);
      expect(hold.isHeld).toBe(false);
    });

    it.each(LAYOUTS)('ReadWriteLock: readers together, writers alone (%s)', async (layout) => {
      const one = new ReadWriteLock(a, '/rw', { layout });
      const two = new ReadWriteLock(b, '/rw', { layout });
      const reads = await Promise.all([one.acquireRead(), two.acquireRead()]);
      const writing = one.acquireWrite();
      await eventually(async () => (await one.contenders()).length === 3);
      const late = two.acquireRead();
      await eventually(async () => (await one.contenders()).length === 4);
      await reads[0].release();
      expect(await Promise.race([writing, sleep(30, 'waits')])).toBe('waits');
      await reads[1].release();
      const write = await writing;
      expect(await Promise.race([late, sleep(30, 'waits')])).toBe('waits');
      await write.release();
      const read = await late;
      expect(read.fencingToken).toBeGreaterThan(write.fencingToken);
      await read.release();
    });

    it.each(LAYOUTS)('LeaderElection: campaign, observe, resign (%s)', async (layout) => {
      const one = new LeaderElection(a, '/leader', { id: 'one', layout });
      const two = new LeaderElection(b, '/leader', { id: 'two', layout });
      const seen: (string | null)[] = [];
      const observing = (async () => {
        for await (const leader of two.observe()) {
          seen.push(leader?.id ?? null);
          if (seen.length === 4) break;
        }
      })();
      await eventually(() => seen.length === 1);
      const first = await one.campaign();
      await eventually(() => seen.length === 2);
      const campaigning = two.campaign();
      await eventually(async () => (await one.candidates()).length === 2);
      expect(await two.leader()).toEqual({
        id: 'one',
        path: first.path,
        fencingToken: first.fencingToken,
      } satisfies Leader);
      await a.close();
      const second = await campaigning;
      expect(first.signal.aborted).toBe(true);
      expect(second.fencingToken).toBeGreaterThan(first.fencingToken);
      await eventually(() => seen.length === 3);
      await second.release();
      await observing;
      expect(seen).toEqual([null, 'one', 'two', null]);
    });

    it('LeaderElection: run works as leader again and again', async () => {
      const controller = new AbortController();
      let terms = 0;
      await new LeaderElection(a, '/leader').run(async (leadership) => {
        terms++;
        if (terms === 2) await b.delete(leadership.path);
        if (terms === 3) controller.abort();
        else if (terms === 2) await eventually(() => leadership.signal.aborted);
      }, controller.signal);
      expect(terms).toBe(3);
    });

    it('Semaphore: never more than its leases', async () => {
      const semaphores = [a, b].map((client) => new Semaphore(client, '/semaphore', 2));
      let held = 0;
      let most = 0;
      const work = async (i: number): Promise<void> => {
        const lease = await semaphores[i % 2]!.acquire();
        most = Math.max(most, ++held);
        await sleep(5);
        held--;
        await lease.release();
      };
      await Promise.all(Array.from({ length: 10 }, (_, i) => work(i)));
      expect(most).toBeLessThanOrEqual(2);
      const [first, second] = await Promise.all(semaphores.map((each) => each.acquire()));
      const third = semaphores[0]!.acquire();
      expect(await Promise.race([third, sleep(30, 'waits')])).toBe('waits');
      expect(first!.isHeld && second!.isHeld).toBe(true);
      await first!.release();
      await (await third).release();
      await second!.release();
      expect((await a.getChildren('/semaphore/leases')).children).toEqual([]);
    });

    it('Barrier: holds up until it is lifted', async () => {
      const barrier = new Barrier(a, '/barrier');
      await new Barrier(b, '/barrier').wait();
      await barrier.raise();
      const waiting = new Barrier(b, '/barrier').wait();
      expect(await Promise.race([waiting, sleep(30, 'waits')])).toBe('waits');
      await barrier.lift();
      await waiting;
    });

    it('DoubleBarrier: begin together, end together', async () => {
      const members = [a, b, await connect()].map(
        (client) => new DoubleBarrier(client, '/double', 3),
      );
      const entered: number[] = [];
      const left: number[] = [];
      const enter = (i: number): Promise<unknown> =>
        members[i]!.enter().then(() => entered.push(i));
      const leave = (i: number): Promise<unknown> => members[i]!.leave().then(() => left.push(i));
      const entering = [enter(0), enter(1)];
      await sleep(30);
      expect(entered).toEqual([]);
      await Promise.all([...entering, enter(2)]);
      const leaving = [leave(0), leave(1)];
      await sleep(30);
      expect(left).toEqual([]);
      await Promise.all([...leaving, leave(2)]);
      expect((await a.getChildren('/double')).children).toEqual([]);
      expect(await codeOf(new DoubleBarrier(a, '/double', 2).enter({ timeoutMs: 30 }))).toBe(
        'operationTimeout',
      );
    });

    it('Queue: each item to one taker, again when it was not done', async () => {
      const queue = new Queue(a, '/queue');
      const other = new Queue(b, '/queue');
      for (const text of ['one', 'two', 'three']) await queue.put(text);
      const first = await queue.take();
      const second = await other.take();
      expect([first.data.toString(), second.data.toString()]).toEqual(['one', 'two']);
      await second.complete();
      await first.release();
      const again = await other.take();
      expect(again.data.toString()).toBe('one');
      await again.complete();
      expect(await codeOf(first.complete())).toBe('lost');
      await (await other.take()).complete();
      expect(await queue.size()).toBe(0);
      expect(await queue.tryTake()).toBeUndefined();
      const waiting = [queue.take(), other.take()];
      await sleep(30);
      await other.put('four');
      await other.put('five');
      const items = await Promise.all(waiting);
      expect(items.map(({ data }) => data.toString()).toSorted()).toEqual(['five', 'four']);
      await Promise.all(items.map((item) => item.complete()));
    });

    it('PriorityQueue: the lowest number first; what a lost taker had comes back', async () => {
      const queue = new PriorityQueue(a, '/queue');
      await queue.put('low', 500);
      await queue.put('high', 1);
      const taken = await new PriorityQueue(b, '/queue').take();
      expect(taken.data.toString()).toBe('high');
      await b.close();
      expect(taken.signal.aborted).toBe(true);
      expect((await queue.take()).data.toString()).toBe('high');
      expect((await queue.take()).data.toString()).toBe('low');
      expect(await codeOf(queue.put('x', 1_000))).toBe('badArguments');
    });

    it.each(LAYOUTS)('Counter: counts each addition once (%s)', async (layout) => {
      const counters = [a, b].map((client) => new Counter(client, '/deep/counter', { layout }));
      expect(await counters[0]!.value()).toBe(0);
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) => counters[i % 2]!.add()),
      );
      expect(results.toSorted((x, y) => x - y)).toEqual(results.map((_, i) => i + 1));
      await a.sync();
      expect(await counters[0]!.add(-7)).toBe(13);
      await counters[1]!.set(-5);
      await a.sync();
      expect(await counters[0]!.value()).toBe(-5);
    });

    it('SharedValue: compare and set, and its changes', async () => {
      const value = new SharedValue(a, '/value');
      expect(await value.get()).toBeNull();
      const seen: (string | undefined)[] = [];
      const reading = (async () => {
        for await (const change of new SharedValue(b, '/value').changes()) {
          seen.push(change?.data.toString());
          if (seen.length === 3) break;
        }
      })();
      await eventually(() => seen.length === 1);
      const { version } = await value.set('one');
      await eventually(() => seen.length === 2);
      expect(await value.compareAndSet(version + 7, 'never')).toBeUndefined();
      expect(await value.compareAndSet(version, 'two')).toMatchObject({ version: version + 1 });
      await reading;
      expect(seen).toEqual([undefined, 'one', 'two']);
      const after = await value.update((before) => `${before?.toString()}!`);
      expect((await value.get())?.stat.version).toBe(after.version);
    });

    it.each(LAYOUTS)('GroupMembership: who is there (%s)', async (layout) => {
      const group = new GroupMembership(a, '/group', { layout });
      const joined = await group.join('ann', 'data');
      await new GroupMembership(b, '/group', { layout }).join('bob');
      expect([...(await group.members()).keys()].toSorted()).toEqual(['ann', 'bob']);
      const sizes: number[] = [];
      const watching = (async () => {
        for await (const members of group.changes()) {
          // A member that goes fires two watches, which may be seen as one change or as two.
          if (sizes.at(-1) !== members.size) sizes.push(members.size);
          if (members.size === 0) break;
        }
      })();
      await eventually(() => sizes.length === 1);
      await b.close();
      await eventually(() => sizes.at(-1) === 1);
      await joined.close();
      await watching;
      expect(sizes).toEqual([2, 1, 0]);
    });

    it('PersistentEphemeral: comes back, and takes new data', async () => {
      const node = new PersistentEphemeral(a, '/deep/er/node', 'one');
      await node.ready;
      await b.delete('/deep/er/node');
      await eventually(async () => (await b.exists('/deep/er/node')) !== null);
      await node.setData('two');
      await b.sync();
      expect((await b.getData('/deep/er/node')).data.toString()).toBe('two');
      const waiting = new PersistentEphemeral(b, '/deep/er/node', 'three');
      expect(await Promise.race([waiting.ready, sleep(30, 'waits')])).toBe('waits');
      await node.close();
      await waiting.ready;
      expect((await b.getData('/deep/er/node')).data.toString()).toBe('three');
      await waiting.close();
      expect(await b.exists('/deep/er/node')).toBeNull();
    });

    it('ServiceRegistry: register, discover, pick, and pass over what fails', async () => {
      const registry = new ServiceRegistry(a, '/services');
      const directory = await new ServiceRegistry(b, '/services').discover('web');
      expect(directory.pick()).toBeUndefined();
      const waiting = directory.waitForInstance();
      const one = await registry.register('web', { id: 'one', address: 'h1', port: 80 });
      expect((await waiting).address).toBe('h1');
      const two = await registry.register('web', { id: 'two', address: 'h2', payload: { x: 1 } });
      await eventually(() => directory.instances.length === 2);
      const turns = roundRobin();
      const picked = [1, 2, 3, 4].map(() => directory.pick(turns)?.id);
      expect(picked).toEqual(['one', 'two', 'one', 'two']);
      expect(directory.pick(sticky('k'))).toEqual(directory.pick(sticky('k')));
      await one.setHealth('unhealthy');
      await eventually(() => directory.instances.some(({ enabled }) => !enabled));
      expect([1, 2, 3].map(() => directory.pick()?.id)).toEqual(['two', 'two', 'two']);
      await one.setHealth('healthy');
      await eventually(() => directory.instances.every(({ enabled }) => enabled));
      const failing = directory.call((instance) => Promise.reject(new Error(instance.id)), {
        pick: (all) => all.find(({ id }) => id === 'two')!,
      });
      expect(await codeOf(failing)).toBe('Error: two');
      expect([1, 2, 3].map(() => directory.pick()?.id)).toEqual(['one', 'one', 'one']);
      await Promise.all([one.close(), two.close()]);
      await eventually(() => directory.instances.length === 0);
      expect(await registry.services()).toEqual(['web']);
      directory.close();
    });

    it('NodeCache and ChildrenCache follow', async () => {
      const node = new NodeCache(a, '/node');
      await node.ready;
      expect(node.current).toBeNull();
      const children = new ChildrenCache(a, '/node');
      await children.ready;
      await b.create('/node', '1');
      await eventually(() => node.current?.data.toString() === '1');
      await b.create('/node/x', '2');
      await eventually(() => children.current?.get('x')?.data.toString() === '2');
      await b.setData('/node/x', '3');
      await eventually(() => children.current?.get('x')?.data.toString() === '3');
      await b.delete('/node/x');
      await eventually(() => children.current?.size === 0);
      await b.delete('/node');
      await eventually(() => node.current === null);
      node.close();
      children.close();
    });

    it.skipIf(system.version < 3.6)('TreeCache follows a whole tree', async () => {
      await b.ensurePath('/tree/a/b');
      const changes: string[] = [];
      const tree = new TreeCache(a, '/tree', {
        onChange: ({ type, path }) => changes.push(`${type} ${path}`),
      });
      await tree.ready;
      expect([...tree.nodes.keys()].toSorted()).toEqual(['/tree', '/tree/a', '/tree/a/b']);
      await b.setData('/tree/a/b', 'x');
      await b.ensurePath('/tree/c/d');
      await b.delete('/tree/a/b');
      await eventually(
        () => tree.get('/tree/c/d') !== undefined && tree.get('/tree/a/b') === undefined,
      );
      expect(changes).toContain('deleted /tree/a/b');
      tree.close();
    });
  },
);
