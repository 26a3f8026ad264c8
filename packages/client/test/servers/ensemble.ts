import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { signalNode } from '@bellwether/testbed';
import type { System } from './systems.ts';

/** Below the range from which outgoing connections take theirs. */
const PORT_MIN = 20_000;
const PORT_MAX = 32_000;
const SERVING_MS_MAX = 120_000;
const POLL_MS = 50;

const living = new Set<ChildProcess>();
// A test run that ends early leaves no server behind.
process.on('exit', () => living.forEach((child) => child.kill('SIGKILL')));

/** One server process after the other, from the same configuration. */
export class TestServer {
  readonly port: number;
  readonly #command: readonly [string, ...string[]];
  #child: ChildProcess | undefined;
  #output = '';

  constructor(port: number, command: readonly [string, ...string[]]) {
    this.port = port;
    this.#command = command;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && living.has(this.#child);
  }

  start(): void {
    const [program, ...args] = this.#command;
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    living.add(child);
    child.once('exit', () => living.delete(child));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-20_000);
      });
    }
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    if (this.#child?.pid !== undefined) signalNode(this.#child.pid, signal);
  }

  /** kill -9 of all its processes; resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || !living.has(child)) return;
    const exit = once(child, 'exit');
    signalNode(child.pid ?? NaN, 'SIGKILL');
    await exit;
  }

  /** leader, follower or standalone; undefined while it does not serve. */
  async mode(): Promise<string | undefined> {
    return /^Mode: (\w+)/m.exec(await ask(this.port, 'srvr'))?.[1];
  }

  async waitUntilServing(): Promise<void> {
    const untilMs = performance.now() + SERVING_MS_MAX;
    while ((await this.mode()) === undefined) {
      if (!this.isRunning || performance.now() > untilMs) {
        throw new Error(`a server does not serve:\n${this.#output}`);
      }
      await sleep(POLL_MS);
    }
  }
}

/** Servers on loopback with data of their own; nothing of them is left behind. */
export class Ensemble {
  readonly servers: readonly TestServer[];
  readonly #directory: string;

  private constructor(servers: readonly TestServer[], directory: string) {
    this.servers = servers;
    this.#directory = directory;
  }

  static async start(system: System, count: number): Promise<Ensemble> {
    const directory = mkdtempSync(join(tmpdir(), 'bellwether-client-'));
    const ports = await findFreePorts(count * 3);
    const servers = Array.from({ length: count }, (_, i) => {
      const configFile = configure(system, directory, ports, i + 1, count);
      return new TestServer(ports[i]!, system.command(configFile));
    });
    const ensemble = new Ensemble(servers, directory);
    try {
      for (const server of servers) server.start();
      await Promise.all(servers.map((server) => server.waitUntilServing()));
      return ensemble;
    } catch (error) {
      await ensemble.stop();
      throw error;
    }
  }

  get connectString(): string {
    return this.servers.map(({ address }) => address).join(',');
  }

  async leader(): Promise<TestServer> {
    for (;;) {
      for (const server of this.servers) {
        if ((await server.mode()) === 'leader') return server;
      }
      await sleep(POLL_MS);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill()));
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

function configure(
  system: System,
  parent: string,
  ports: readonly number[],
  id: number,
  count: number,
): string {
  const directory = join(parent, String(id));
  mkdirSync(directory);
  writeFileSync(join(directory, 'myid'), `${id}\n`);
  const lines = [
    'tickTime=500',
    'initLimit=20',
    'syncLimit=10',
    'minSessionTimeout=1000',
    `dataDir=${directory}`,
    `clientPort=${ports[id - 1]}`,
    'clientPortAddress=127.0.0.1',
    'maxClientCnxns=0',
    '4lw.commands.whitelist=*',
    ...system.extraConfig,
  ];
  const peers = count === 1 ? 0 : count;
  for (let peer = 1; peer <= peers; peer++) {
    const [peerPort, electionPort] = [ports[count + peer - 1], ports[2 * count + peer - 1]];
    lines.push(`server.${peer}=127.0.0.1:${peerPort}:${electionPort}`);
  }
  const configFile = join(parent, `${id}.cfg`);
  writeFileSync(configFile, `${lines.join('\n')}\n`);
  return configFile;
}

export async function findFreePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN));
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}

/** The answer to a four-letter word; nothing when there is none within a second. */
function ask(port: number, word: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(word));
    let answer = '';
    const end = (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, end);
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    socket.on('error', end);
    socket.on('close', end);
  });
}
