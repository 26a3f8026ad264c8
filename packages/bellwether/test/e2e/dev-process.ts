import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** The built program, as people run it. */
export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const PORTS_NEEDED = 6;

/** A `bellwether dev` whose output can be waited for. */
export class DevProcess {
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

export function startDev(directory: string, port: number, ...args: string[]): DevProcess {
  const dev = new DevProcess(directory, port, args);
  onTestFinished(async () => {
    await dev.end('SIGTERM');
  });
  return dev;
}

/** A first port from which on enough are free, away from those that the system hands out. */
export async function freePort(): Promise<number> {
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

export const READY = /^cluster ready: leader (\d+), clients (\S+)$/m;
