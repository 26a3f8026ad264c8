import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { scratchDirectory } from '../support/scratch.ts';

/** The built program, as people run it. */
const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const READY_MS_MAX = 20_000;
const PORTS_NEEDED = 6;

/** A `bellwether dev` whose output can be waited for. */
class DevProcess {
  readonly child: ChildProcess;
  readonly directory: string;
  readonly port: number;
  output = '';
  #onOutput: () => void = () => undefined;

  constructor(directory: string, port: number, args: readonly string[]) {
    this.directory = directory;
    this.port = port;
    const all = [CLI, 'dev', '--data', directory, '--port', String(port), ...args];
    this.child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        this.#onOutput();
      });
    }
  }

  /** Resolves with the match; rejects when the program ends before. */
  until(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      this.#onOutput = () => {
        const match = pattern.exec(this.output);
        if (match) resolve(match);
      };
      this.#onOutput();
      this.child.once('close', () =>
        reject(new Error(`ended without ${pattern}:\n${this.output}`)),
      );
    });
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const closed = once(this.child, 'close');
    this.child.kill(signal);
    await closed;
    return this.child.exitCode;
  }

  pids(): ReadonlyMap<number, number> {
    const lines = readFileSync(join(this.directory, 'pids'), 'utf8').trim().split('\n');
    return new Map(lines.map((line) => line.split(' ').map(Number) as [number, number]));
  }

  clients(): string {
    return [0, 1, 2].map((offset) => `127.0.0.1:${this.port + offset}`).join(',');
  }
}

function startDev(directory: string, port: number, ...args: string[]): DevProcess {
  const dev = new DevProcess(directory, port, args);
  onTestFinished(async () => {
    await dev.end('SIGTERM');
  });
  return dev;
}

/** A first port from which on enough are free, away from those that the system hands out. */
async function freePort(): Promise<number> {
  for (;;) {
    const base = 10_000 + Math.floor(Math.random() * 20_000);
    const ports = Array.from({ length: PORTS_NEEDED }, (_, offset) => base + offset);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return base;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Resolves once no process has this id any more. */
async function untilGone(pid: number): Promise<void> {
  await expect.poll(() => isAlive(pid), { timeout: 10_000, interval: 20 }).toBe(false);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const READY = /^cluster ready: leader (\d+), clients (\S+)$/m;

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
