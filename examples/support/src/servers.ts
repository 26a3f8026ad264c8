import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** A cluster of Bellwether servers, for clients of ZooKeeper's protocol. */
export interface Servers {
  /** As clients take it. */
  readonly connectString: string;
  /** Ends the process of a node at once, as `kill -9` does. */
  kill(nodeId: number): void;
  stop(): Promise<void>;
}

const NODES = 3;
const PORT_MIN = 20_000;
const PORT_MAX = 32_000;

/** Starts three servers as `bellwether dev` does; resolves when they serve. */
export async function startServers(): Promise<Servers> {
  const cli = fileURLToPath(new URL('cli.js', import.meta.resolve('bellwether')));
  const directory = mkdtempSync(join(tmpdir(), 'bellwether-servers-'));
  const port = await freeRange(2 * NODES);
  const args = [cli, 'dev', '--data', directory, '--port', String(port), '--nodes', String(NODES)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit').then(() => {
    throw new Error('the servers ended before they served');
  });
  await Promise.race([saying(child.stdout, 'cluster ready'), ended]);
  ended.catch(() => undefined);
  const ports = Array.from({ length: NODES }, (_, i) => port + i);
  return {
    connectString: ports.map((each) => `127.0.0.1:${each}`).join(','),
    kill: (nodeId) => process.kill(pidOf(directory, nodeId), 'SIGKILL'),
    stop: async () => {
      child.kill('SIGINT');
      await once(child, 'exit');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function saying(stream: Readable, words: string): Promise<void> {
  let heard = '';
  return new Promise((resolve) => {
    stream.setEncoding('utf8').on('data', (text: string) => {
      heard += text;
      if (heard.includes(words)) resolve();
    });
  });
}

function pidOf(directory: string, nodeId: number): number {
  const lines = readFileSync(join(directory, 'pids'), 'utf8').trim().split('\n');
  const line = lines.findLast((each) => each.startsWith(`${nodeId} `));
  return Number(line?.split(' ')[1]);
}

/** The first of so many ports in a row, all of which were free a moment ago. */
async function freeRange(count: number): Promise<number> {
  for (;;) {
    const first = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN));
    const range = Array.from({ length: count }, (_, i) => first + i);
    const free = await Promise.all(range.map(isFree));
    if (free.every(Boolean)) return first;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const isThere = await Promise.race([
    once(server, 'listening').then(() => true),
    once(server, 'error').then(() => false),
  ]).catch(() => false);
  server.close();
  return isThere;
}
