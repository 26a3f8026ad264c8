import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../../src/client.ts';
import {
  Barrier,
  Counter,
  DoubleBarrier,
  GroupMembership,
  LeaderElection,
  Lock,
  PriorityQueue,
  ReadWriteLock,
  Semaphore,
} from '../../src/recipes/index.ts';
import { Ensemble } from './ensemble.ts';
import { Partner, waits } from './partner.ts';
import { SYSTEMS } from './systems.ts';

const PROGRAM = fileURLToPath(new URL('./kazoo_partner.py', import.meta.url));
/** A distribution's python3 has its kazoo, which another one in the PATH may hide. */
const python = [process.env['PYTHON'] ?? 'python3', '/usr/bin/python3'].find(
  (program) => spawnSync(program, ['-c', 'import kazoo']).status === 0,
);
const title = python === undefined ? 'kazoo (skipped: no python3 can import it)' : 'kazoo';

describe.skipIf(python === undefined || SYSTEMS[0]!.missing !== undefined)(title, () => {
  let ensemble: Ensemble;
  let client: Client;
  let kazoo: Partner;

  beforeAll(async () => {
    ensemble = await Ensemble.start(SYSTEMS[0]!, 1);
    client = await Client.connect(ensemble.connectString);
    kazoo = new Partner(python!, [PROGRAM, ensemble.connectString]);
    expect(await kazoo.read()).toBe('READY');
  }, 60_000);
  afterAll(async () => {
    await kazoo.end();
    await client.close();
    await ensemble.stop();
  });

  it("a lock of kazoo's and ours exclude each other, both ways", async () => {
    expect(await kazoo.ask('lock /lock')).toBe('ACQUIRED');
    const lock = new Lock(client, '/lock', { id: 'ours' });
    expect(await lock.tryAcquire()).toBeUndefined();
    const acquiring = lock.acquire();
    expect(await waits(acquiring)).toBe('waits');
    expect(await lock.contenders()).toEqual(['kazoo', 'ours']);
    expect(await kazoo.ask('release /lock')).toBe('RELEASED');
    const hold = await acquiring;
    expect(await kazoo.ask('try /lock')).toBe('TRIED False');
    const locking = kazoo.ask('lock /lock');
    expect(await waits(locking)).toBe('waits');
    await hold.release();
    expect(await locking).toBe('ACQUIRED');
    expect(await kazoo.ask('release /lock')).toBe('RELEASED');
  });

  it('readers share, writers wait, both ways', async () => {
    const lock = new ReadWriteLock(client, '/rw');
    expect(await kazoo.ask('read /rw')).toBe('ACQUIRED');
    const read = await lock.acquireRead();
    await read.release();
    const writing = lock.acquireWrite();
    expect(await waits(writing)).toBe('waits');
    expect(await kazoo.ask('release /rw')).toBe('RELEASED');
    const write = await writing;
    const reading = kazoo.ask('read /rw');
    expect(await waits(reading)).toBe('waits');
    await write.release();
    expect(await reading).toBe('ACQUIRED');
    expect(await kazoo.ask('release /rw')).toBe('RELEASED');
    const ours = await lock.acquireRead();
    const theirs = kazoo.ask('write /rw');
    expect(await waits(theirs)).toBe('waits');
    await ours.release();
    expect(await theirs).toBe('ACQUIRED');
    expect(await lock.tryAcquireRead()).toBeUndefined();
    expect(await kazoo.ask('release /rw')).toBe('RELEASED');
  });

  it('shares the leases of a semaphore, both ways', async () => {
    const semaphore = new Semaphore(client, '/semaphore', 2, { layout: 'kazoo', id: 'ours' });
    expect(await kazoo.ask('lease /semaphore 2')).toBe('ACQUIRED');
    const lease = await semaphore.acquire();
    expect(await kazoo.ask('trylease /semaphore 2')).toBe('TRIED False');
    expect(await semaphore.tryAcquire()).toBeUndefined();
    const waiting = semaphore.acquire();
    expect(await waits(waiting)).toBe('waits');
    expect(await kazoo.ask('release /semaphore')).toBe('RELEASED');
    const second = await waiting;
    const theirs = kazoo.ask('lease /semaphore 2');
    expect(await waits(theirs)).toBe('waits');
    await lease.release();
    expect(await theirs).toBe('ACQUIRED');
    expect(await kazoo.ask('release /semaphore')).toBe('RELEASED');
    await second.release();
  });

  it('elections have one leader, whoever campaigns', async () => {
    const election = new LeaderElection(client, '/election', { id: 'one' });
    const leadership = await election.campaign();
    const second = new LeaderElection(client, '/election', { id: 'two' }).campaign();
    await expect.poll(() => kazoo.ask('contenders /election')).toBe('CONTENDERS one,two');
    await leadership.release();
    const next = await second;
    const leading = kazoo.ask('lead /election');
    expect(await waits(leading)).toBe('waits');
    await next.release();
    expect(await leading).toBe('LED [True]');
    await election.campaign();
    expect((await election.leader())?.id).toBe('one');
    await election.resign();
  });

  it('counts with us, and takes and puts items of the same queue', async () => {
    const counter = new Counter(client, '/counter');
    await counter.add(40);
    expect(await kazoo.ask('count /counter 2')).toBe('COUNTED 42');
    await client.sync();
    expect(await counter.value()).toBe(42);
    const queue = new PriorityQueue(client, '/queue');
    await queue.put('later', 200);
    await queue.put('first', 5);
    expect(await kazoo.ask('take /queue')).toBe('TOOK first True');
    expect(await kazoo.ask('put /queue theirs 7')).toBe('PUT');
    await client.sync();
    const item = await queue.take();
    expect(item.data.toString()).toBe('theirs');
    await item.complete();
    expect((await queue.take()).data.toString()).toBe('later');
  });

  it('waits at our barriers, and we at its; a double one is entered together', async () => {
    const barrier = new Barrier(client, '/barrier');
    await barrier.raise();
    const theirs = kazoo.ask('wait /barrier');
    expect(await waits(theirs)).toBe('waits');
    await barrier.lift();
    expect(await theirs).toBe('WAITED True');
    expect(await kazoo.ask('create /barrier')).toBe('RAISED');
    const ours = barrier.wait();
    expect(await waits(ours)).toBe('waits');
    expect(await kazoo.ask('remove /barrier')).toBe('LIFTED');
    await ours;
    const meeting = kazoo.ask('meet /double');
    expect(await waits(meeting)).toBe('waits');
    const both = new DoubleBarrier(client, '/double', 2);
    await both.enter();
    await both.leave();
    expect(await meeting).toBe('MET');
  });

  it('is in the same party', async () => {
    const group = new GroupMembership(client, '/party', { layout: 'kazoo' });
    const ann = await group.join('ann');
    expect(await kazoo.ask('join /party bob')).toBe('JOINED');
    expect(await kazoo.ask('members /party')).toBe('MEMBERS ann,bob');
    await client.sync();
    expect([...(await group.members()).keys()].toSorted()).toEqual(['ann', 'bob']);
    expect(await kazoo.ask('leave /party')).toBe('LEFT');
    await ann.close();
    expect(await kazoo.ask('members /party')).toBe('MEMBERS ');
  });
});
