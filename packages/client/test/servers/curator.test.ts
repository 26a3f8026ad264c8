import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../../src/client.ts';
import {
  Barrier,
  Counter,
  DoubleBarrier,
  GroupMembership,
  LeaderElection,
  Lock,
  ReadWriteLock,
  Semaphore,
  ServiceRegistry,
  SharedValue,
} from '../../src/recipes/index.ts';
import { Ensemble } from './ensemble.ts';
import { Partner, waits } from './partner.ts';
import { ROOT, SYSTEMS } from './systems.ts';

const CURATOR = join(ROOT, 'interop', 'curator');
const SOURCES = join(CURATOR, 'src', 'partner');
const JARS = join(CURATOR, 'target', 'dependency');
const layout = 'curator';

function findMissing(): string | undefined {
  if (SYSTEMS[0]!.missing !== undefined) return SYSTEMS[0]!.missing;
  if (spawnSync('javac', ['-version']).status !== 0) return 'no javac in the PATH';
  const hasJars = existsSync(JARS) && readdirSync(JARS).some((jar) => jar.includes('x-discovery'));
  return hasJars ? undefined : 'mvn -q -B -f interop/curator/pom.xml dependency:copy-dependencies';
}

const missing = findMissing();
const title = missing === undefined ? 'Curator' : `Curator (skipped: ${missing})`;

describe.skipIf(missing !== undefined)(title, () => {
  let classes: string;
  let ensemble: Ensemble;
  let client: Client;
  let curator: Partner;

  beforeAll(async () => {
    classes = mkdtempSync(join(tmpdir(), 'bellwether-client-curator-'));
    const sources = readdirSync(SOURCES).map((name) => join(SOURCES, name));
    const classpath = [classes, join(JARS, '*')].join(delimiter);
    const javac = spawnSync('javac', ['-cp', classpath, '-d', classes, ...sources], {
      encoding: 'utf8',
    });
    if (javac.status !== 0) throw new Error(javac.stderr);
    ensemble = await Ensemble.start(SYSTEMS[0]!, 1);
    client = await Client.connect(ensemble.connectString);
    const java = ['-Xmx128m', '-cp', classpath, 'partner.Partner', ensemble.connectString];
    curator = new Partner('java', java);
    expect(await curator.read()).toBe('READY');
  }, 120_000);
  afterAll(async () => {
    await curator.end();
    await client.close();
    await ensemble.stop();
    rmSync(classes, { recursive: true, force: true });
  });

  it("a mutex of Curator's and our lock exclude each other, both ways", async () => {
    const lock = new Lock(client, '/lock', { layout });
    expect(await curator.ask('lock /lock')).toBe('ACQUIRED');
    expect(await lock.tryAcquire()).toBeUndefined();
    const acquiring = lock.acquire();
    expect(await waits(acquiring)).toBe('waits');
    expect(await curator.ask('release /lock')).toBe('RELEASED');
    const hold = await acquiring;
    expect(await curator.ask('try /lock')).toBe('TRIED false');
    const locking = curator.ask('lock /lock');
    expect(await waits(locking)).toBe('waits');
    await hold.release();
    expect(await locking).toBe('ACQUIRED');
    expect(await curator.ask('release /lock')).toBe('RELEASED');
  });

  it('readers share, writers wait, both ways', async () => {
    const lock = new ReadWriteLock(client, '/rw', { layout });
    expect(await curator.ask('read /rw')).toBe('ACQUIRED');
    await (await lock.acquireRead()).release();
    const writing = lock.acquireWrite();
    expect(await waits(writing)).toBe('waits');
    expect(await curator.ask('release /rw')).toBe('RELEASED');
    const write = await writing;
    const reading = curator.ask('read /rw');
    expect(await waits(reading)).toBe('waits');
    await write.release();
    expect(await reading).toBe('ACQUIRED');
    expect(await curator.ask('release /rw')).toBe('RELEASED');
    const read = await lock.acquireRead();
    const theirs = curator.ask('write /rw');
    expect(await waits(theirs)).toBe('waits');
    await read.release();
    expect(await theirs).toBe('ACQUIRED');
    expect(await lock.tryAcquireRead()).toBeUndefined();
    expect(await curator.ask('release /rw')).toBe('RELEASED');
  });

  it('shares the leases of a semaphore, both ways', async () => {
    const semaphore = new Semaphore(client, '/semaphore', 2);
    expect(await curator.ask('lease /semaphore 2')).toBe('ACQUIRED');
    const lease = await semaphore.acquire();
    expect(await semaphore.tryAcquire()).toBeUndefined();
    const waiting = semaphore.acquire();
    expect(await waits(waiting)).toBe('waits');
    expect(await curator.ask('release /semaphore')).toBe('RELEASED');
    const second = await waiting;
    const theirs = curator.ask('lease /semaphore 2');
    expect(await waits(theirs)).toBe('waits');
    await lease.release();
    expect(await theirs).toBe('ACQUIRED');
    expect(await curator.ask('release /semaphore')).toBe('RELEASED');
    await second.release();
  });

  it('latches and elections have one leader, and know who it is', async () => {
    const election = new LeaderElection(client, '/latch', { layout, id: 'ours' });
    expect(await curator.ask('latch /latch theirs')).toBe('ACQUIRED');
    expect((await election.leader())?.id).toBe('theirs');
    const campaigning = election.campaign();
    expect(await waits(campaigning)).toBe('waits');
    expect(await curator.ask('release /latch')).toBe('RELEASED');
    const leadership = await campaigning;
    expect(await curator.ask('leader /latch')).toBe('LEADER ours');
    const latching = curator.ask('latch /latch again');
    expect(await waits(latching)).toBe('waits');
    await leadership.release();
    expect(await latching).toBe('ACQUIRED');
    expect(await curator.ask('release /latch')).toBe('RELEASED');
  });

  it('a selector of leaders waits for our lock', async () => {
    const hold = await new Lock(client, '/select', { layout }).acquire();
    const selecting = curator.ask('select /select');
    expect(await waits(selecting)).toBe('waits');
    await hold.release();
    expect(await selecting).toBe('SELECTED true');
  });

  it('counts with us, in four bytes and in eight, and shares values', async () => {
    const count = new Counter(client, '/count', { layout });
    expect(await count.add(40)).toBe(40);
    expect(await curator.ask('count /count 2')).toBe('COUNTED 42');
    await client.sync();
    expect(await count.value()).toBe(42);
    const long = new Counter(client, '/long', { layout: 'curatorAtomicLong' });
    expect(await long.add(2 ** 40)).toBe(2 ** 40);
    expect(await curator.ask('long /long 7')).toBe(`COUNTED ${2 ** 40 + 7}`);
    await client.sync();
    expect(await long.add(-8)).toBe(2 ** 40 - 1);
    const value = new SharedValue(client, '/value');
    await value.set('ours');
    expect(await curator.ask('value /value theirs')).toBe('WAS ours');
    await client.sync();
    expect((await value.get())?.data.toString()).toBe('theirs');
  });

  it('waits at our barriers, and we at its; a double one is entered together', async () => {
    const barrier = new Barrier(client, '/barrier');
    await barrier.raise();
    const theirs = curator.ask('wait /barrier');
    expect(await waits(theirs)).toBe('waits');
    await barrier.lift();
    expect(await theirs).toBe('WAITED true');
    expect(await curator.ask('raise /barrier')).toBe('RAISED');
    const ours = barrier.wait();
    expect(await waits(ours)).toBe('waits');
    expect(await curator.ask('lift /barrier')).toBe('LIFTED');
    await ours;
    const meeting = curator.ask('meet /double');
    expect(await waits(meeting)).toBe('waits');
    const both = new DoubleBarrier(client, '/double', 2);
    await both.enter();
    await both.leave();
    expect(await meeting).toBe('MET true true');
  });

  it('is in the same group', async () => {
    const group = new GroupMembership(client, '/group');
    const ann = await group.join('ann', 'a');
    expect(await curator.ask('join /group bob b')).toBe('JOINED');
    await expect.poll(() => curator.ask('members /group')).toBe('MEMBERS ann=a,bob=b');
    await client.sync();
    const members = await group.members();
    expect([...members].map(([id, data]) => `${id}=${data.toString()}`).toSorted()).toEqual([
      'ann=a',
      'bob=b',
    ]);
    expect(await curator.ask('release /group')).toBe('RELEASED');
    await ann.close();
    expect(await curator.ask('members /group')).toBe('MEMBERS ');
  });

  it('finds the services that we register, and we those that it does', async () => {
    const registry = new ServiceRegistry(client, '/services');
    // Curator's reader asks for the class.
    const payload = { '@class': 'partner.Payload', note: 'hello' };
    const ours = { id: 'one', address: 'ours', port: 80, payload };
    const registration = await registry.register('web', ours);
    expect(await curator.ask('discover /services web')).toBe('FOUND one@ours:80 true hello');
    await registration.setHealth('unhealthy');
    expect(await curator.ask('discover /services web')).toBe('FOUND one@ours:80 false hello');
    const directory = await registry.discover('web');
    expect(await curator.ask('register /services web two')).toBe('REGISTERED');
    const found = await directory.waitForInstance();
    expect(found).toMatchObject({ id: 'two', address: 'curators', port: 8080, enabled: true });
    expect(found.payload).toMatchObject({ note: 'of curator' });
    expect(await curator.ask('release /services')).toBe('RELEASED');
    await expect.poll(() => directory.instances.map(({ id }) => id)).toEqual(['one']);
    directory.close();
    await registration.close();
  });
});
