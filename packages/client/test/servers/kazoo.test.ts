import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../../src/client.ts';
import {
  Counter,
  LeaderElection,
  Lock,
  PriorityQueue,
  ReadWriteLock,
} from '../../src/recipes/index.ts';
import { Ensemble } from './ensemble.ts';
import { SYSTEMS } from './systems.ts';

const PROGRAM = fileURLToPath(new URL('./kazoo_lock.py', import.meta.url));
/** A distribution's python3 has its kazoo, which another one in the PATH may hide. */
const python = [process.env['PYTHON'] ?? 'python3', '/usr/bin/python3'].find(
  (program) => spawnSync(program, ['-c', 'import kazoo']).status === 0,
);
const title = python === undefined ? 'kazoo (skipped: no python3 can import it)' : 'kazoo';

/** kazoo in a process of its own: a line goes in, a line comes out. */
class Kazoo {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(servers: string) {
    this.#child = spawn(python!, [PROGRAM, servers]);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async read(): Promise<string> {
    const { value, done } = await this.#lines.next();
    return done === true ? 'ended' : value;
  }

  ask(command: string): Promise<string> {
    this.#child.stdin.write(`${command}\n`);
    return this.read();
  }

  async end(): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#child.stdin.end();
    await exit;
  }
}

const waits = (promise: Promise<unknown>): Promise<unknown> =>
  Promise.race([promise, sleep(150, 'waits')]);

describe.skipIf(python === undefined || SYSTEMS[0]!.missing !== undefined)(title, () => {
  let ensemble: Ensemble;
  let client: Client;
  let kazoo: Kazoo;

  beforeAll(async () => {
    ensemble = await Ensemble.start(SYSTEMS[0]!, 1);
    client = await Client.connect(ensemble.connectString);
    kazoo = new Kazoo(ensemble.connectString);
    expect(await kazoo.read()).toBe('READY');
  }, 60_000);
  afterAll(async () => {
    await kazoo.end();
    await client.close();
    await ensemble.stop();
  });

  it("a lock of kazoo's and ours exclude each other, both ways", async () => {
    expect(await kazoo.ask('lock /lock')).toBe('LOCKED');
    const lock = new Lock(client, '/lock', { id: 'ours' });
    expect(await lock.tryAcquire()).toBeUndefined();
    const acquiring = lock.acquire();
    expect(await waits(acquiring)).toBe('waits');
    expect(await lock.contenders()).toEqual(['kazoo', 'ours']);
    expect(await kazoo.ask('release')).toBe('RELEASED');
    const hold = await acquiring;
    expect(await kazoo.ask('try /lock')).toBe('TRIED False');
    const locking = kazoo.ask('lock /lock');
    expect(await waits(locking)).toBe('waits');
    await hold.release();
    expect(await locking).toBe('LOCKED');
    expect(await kazoo.ask('release')).toBe('RELEASED');
  });

  it('readers share, writers wait', async () => {
    expect(await kazoo.ask('read /rw')).toBe('READING');
    const lock = new ReadWriteLock(client, '/rw');
    const read = await lock.acquireRead();
    await read.release();
    const writing = lock.acquireWrite();
    expect(await waits(writing)).toBe('waits');
    expect(await kazoo.ask('release')).toBe('RELEASED');
    const write = await writing;
    const reading = kazoo.ask('read /rw');
    expect(await waits(reading)).toBe('waits');
    await write.release();
    expect(await reading).toBe('READING');
    expect(await kazoo.ask('release')).toBe('RELEASED');
  });

  it('sees our leader and candidates in an election', async () => {
    const leadership = await new LeaderElection(client, '/election', { id: 'one' }).campaign();
    const second = new LeaderElection(client, '/election', { id: 'two' }).campaign();
    await expect.poll(async () => kazoo.ask('contenders /election')).toBe('CONTENDERS one,two');
    await leadership.release();
    await (await second).release();
  });

  it('counts with us, and takes what we put', async () => {
    const counter = new Counter(client, '/counter');
    await counter.add(40);
    expect(await kazoo.ask('count /counter')).toBe('COUNTED 42');
    await client.sync();
    expect(await counter.value()).toBe(42);
    const queue = new PriorityQueue(client, '/queue');
    await queue.put('later', 200);
    await queue.put('first', 5);
    expect(await kazoo.ask('take /queue')).toBe('TOOK first True');
    await client.sync();
    expect((await queue.take()).data.toString()).toBe('later');
  });
});
