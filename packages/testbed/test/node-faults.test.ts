import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
// As it was built: what it has processes load is JavaScript.
import { NodeFaults, WallClocks, whyNoWallClocks } from '@bellwether/testbed';

/** A program with the two threads of a node: it tells again and again what time it is, and of its disk. */
const PROGRAM = `
  import { isMainThread, parentPort, Worker } from 'node:worker_threads';
  import { openSync, write } from 'node:fs';
  if (isMainThread) {
    const worker = new Worker(new URL(process.argv[1]), { argv: [process.argv[1], process.argv[2]] });
    worker.on('message', (text) => console.log(text));
    setInterval(() => console.log('main ' + Date.now()), 20);
  } else {
    const file = openSync(process.argv[2], 'w');
    const next = () => write(file, Buffer.from('x'), 0, 1, 0, (error) => {
      parentPort.postMessage('disk ' + (error?.code ?? 'ok'));
      parentPort.postMessage('worker ' + Date.now());
      setTimeout(next, 20);
    });
    next();
  }`;

interface Program {
  /** Resolves with the next line that begins so and that `is` accepts. */
  next(what: 'main' | 'disk' | 'worker', is?: (text: string) => boolean): Promise<string>;
  /** Lines that begin so, and come in `ms`. */
  count(what: 'main' | 'disk' | 'worker', ms: number): Promise<number>;
}

function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'bellwether-faults-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function start(directory: string, environment: Readonly<Record<string, string>>): Program {
  const url = `data:text/javascript,${encodeURIComponent(PROGRAM)}`;
  const args = ['--input-type=module', '-e', `await import(process.argv[1])`, url];
  const child = spawn(process.execPath, [...args, join(directory, 'file')], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout });
  return {
    next: async (what, is = () => true) => {
      for (;;) {
        const [line] = (await once(lines, 'line')) as [string];
        const text = line.slice(what.length + 1);
        if (line.startsWith(`${what} `) && is(text)) return text;
      }
    },
    count: async (what, ms) => {
      let count = 0;
      const onLine = (line: string): void => void (count += line.startsWith(`${what} `) ? 1 : 0);
      lines.on('line', onLine);
      await new Promise((resolve) => setTimeout(resolve, ms));
      lines.off('line', onLine);
      return count;
    },
  };
}

describe('faults inside a node', () => {
  it('are none until they are asked for, and end', async () => {
    const directory = scratch();
    const faults = new NodeFaults(directory);
    const program = start(directory, faults.environmentOf(1));
    expect(await program.next('disk')).toBe('ok');
    faults.begin(1, 'diskFails');
    await program.next('disk', (text) => text === 'EIO');
    faults.end(1, 'diskFails');
    await program.next('disk', (text) => text === 'ok');
  });

  it('keep writes to disk from returning, and nothing else', async () => {
    const directory = scratch();
    const faults = new NodeFaults(directory);
    const program = start(directory, faults.environmentOf(1));
    await program.next('disk');
    faults.begin(1, 'diskStuck');
    await program.count('disk', 100);
    expect(await program.count('disk', 300)).toBe(0);
    await program.next('main');
    faults.endAll(1);
    await program.next('disk');
  });

  it('make writes slow', async () => {
    const directory = scratch();
    const faults = new NodeFaults(directory);
    const program = start(directory, faults.environmentOf(1));
    await program.next('disk');
    faults.begin(1, 'diskSlow', 200);
    await program.next('disk');
    const startedMs = performance.now();
    await program.next('disk');
    expect(performance.now() - startedMs).toBeGreaterThan(150);
  });

  it('keep the main thread busy, and not the other one', async () => {
    const directory = scratch();
    const faults = new NodeFaults(directory);
    const program = start(directory, faults.environmentOf(2));
    await program.next('main');
    faults.begin(2, 'serviceBusy');
    await program.count('main', 100);
    expect(await program.count('main', 300)).toBe(0);
    faults.end(2, 'serviceBusy');
    await program.next('main');
  });
});

const reason = whyNoWallClocks();
const title = `a wall clock${reason === undefined ? '' : ` (skipped: ${reason})`}`;

describe.skipIf(reason !== undefined)(title, () => {
  it('is set wrong for both threads of a process', async () => {
    const directory = scratch();
    const clocks = new WallClocks(directory);
    const program = start(directory, clocks.environmentOf(1));
    const isAhead = (text: string): boolean => Number(text) > Date.now() + 1_000_000;
    expect(isAhead(await program.next('main'))).toBe(false);
    clocks.set(1, 3600);
    await program.next('main', isAhead);
    await program.next('worker', isAhead);
    clocks.set(1, -3600);
    await program.next('worker', (text) => Number(text) < Date.now() - 1_000_000);
  });
});
