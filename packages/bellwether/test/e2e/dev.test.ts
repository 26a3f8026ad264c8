import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { isAlive } from '@bellwether/testbed';
import { describe, expect, onTestFinished, test } from 'vitest';
import { scratchDirectory } from '../support/scratch.ts';
import { freePort, READY, startDev } from './dev-process.ts';

const READY_MS_MAX = 20_000;

/** Resolves once no process has this id any more. */
async function untilGone(pid: number): Promise<void> {
  await expect.poll(() => isAlive(pid), { timeout: 10_000, interval: 20 }).toBe(false);
}

describe('bellwether dev', { timeout: 60_000 }, () => {
  test('becomes ready, survives its leader, and stops cleanly', async () => {
    const dev = startDev(scratchDirectory(), await freePort());
    const startedMs = performance.now();
    const [, leader, clients] = await dev.until(READY);
    expect(performance.now() - startedMs).toBeLessThan(READY_MS_MAX);
    expect(clients).toBe(dev.clients());

    const pids = dev.pids();
    expect([...pids.keys()]).toEqual([1, 2, 3]);
    const killed = pids.get(Number(leader)) ?? 0;
    process.kill(killed, 'SIGKILL');
    await dev.until(new RegExp(`^node ${leader} \\(pid ${killed}\\) was killed by SIGKILL$`, 'm'));
    const [, next] = await dev.until(
      /was killed by SIGKILL\n[\s\S]*^node (\d+) leads \(term \d+\)$/m,
    );
    expect(next).not.toBe(leader);

    expect(await dev.end('SIGINT')).toBe(0);
    for (const pid of pids.values()) expect(isAlive(pid)).toBe(false);
    expect(existsSync(join(dev.directory, 'pids'))).toBe(false);
  });

  test('starts a killed node again with --restart', async () => {
    const dev = startDev(scratchDirectory(), await freePort(), '--restart');
    const [, leader] = await dev.until(READY);
    const killed = dev.pids().get(Number(leader)) ?? 0;
    process.kill(killed, 'SIGKILL');
    await dev.until(new RegExp(`^node ${leader} \\(pid \\d+\\) was restarted$`, 'm'));
    await dev.until(
      new RegExp(`was restarted\\n[\\s\\S]*^node ${leader} \\(pid \\d+\\) is up`, 'm'),
    );
    expect(dev.pids().get(Number(leader))).not.toBe(killed);
  });

  test('leaves no orphan when it is killed itself', async () => {
    const dev = startDev(scratchDirectory(), await freePort());
    await dev.until(READY);
    const pids = [...dev.pids().values()];
    await dev.end('SIGKILL');
    for (const pid of pids) await untilGone(pid);
  });

  test('starts again on its data, with as many nodes, and with no other number', async () => {
    const directory = scratchDirectory();
    const port = await freePort();
    const first = startDev(directory, port);
    await first.until(READY);
    await first.end('SIGTERM');
    const other = startDev(directory, port, '--nodes', '5');
    await other.until(/holds the data of 3 nodes: start it with --nodes 3/);
    await startDev(directory, port).until(READY);
  });

  test('names a port that is taken, and the way out, before anything starts', async () => {
    const port = await freePort();
    const server = createServer();
    onTestFinished(() => void server.close());
    server.listen(port + 1, '127.0.0.1');
    await once(server, 'listening');
    const directory = join(scratchDirectory(), 'data');
    const dev = startDev(directory, port);
    await once(dev.child, 'close');
    expect(dev.child.exitCode).toBe(1);
    expect(dev.output).toContain(
      `port ${port + 1} (clients of node 2) is already in use: choose others with --port`,
    );
    expect(existsSync(directory)).toBe(false);
  });
});
