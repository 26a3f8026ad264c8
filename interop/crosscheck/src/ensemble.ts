import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  FOUR_LETTER_TIMEOUT_MS,
  POLL_INTERVAL_MS,
  READY_TIMEOUT_MS,
  STOP_TIMEOUT_MS,
} from './limits.ts';
import { findFreePorts } from './ports.ts';

/** Where one of the servers is and who the others are. */
export interface ServerPlan {
  /** From 1 on. */
  readonly id: number;
  readonly directory: string;
  readonly clientPorts: readonly number[];
  readonly peerPorts: readonly number[];
  readonly electionPorts: readonly number[];
}

/** A system whose servers can be started here. */
export interface System {
  readonly name: string;
  readonly version: string;
  readonly configName: string;
  /** What the configuration file of one server says. */
  readonly config: (plan: ServerPlan) => string;
  /** Program and arguments that run one server from this configuration file. */
  readonly command: (configFile: string) => readonly [string, ...string[]];
}

interface Server {
  readonly host: string;
  readonly logFile: string;
  readonly child: ChildProcess;
}

const LOG_TAIL_CHARACTERS = 3000;

/** Servers of one system on loopback, in a directory that goes with them. */
export class Ensemble {
  readonly #servers: Server[] = [];
  readonly #directory = mkdtempSync(join(tmpdir(), 'bellwether-crosscheck-'));
  readonly #onProcessExit = () => this.#destroy();

  private constructor() {
    process.on('exit', this.#onProcessExit);
  }

  /** Resolves once all of them serve. */
  static async start(system: System, nodes: number, firstPort: number): Promise<Ensemble> {
    const ensemble = new Ensemble();
    try {
      const ports = await findFreePorts(firstPort, nodes * 3);
      for (let id = 1; id <= nodes; id += 1) ensemble.#startServer(system, id, nodes, ports);
      await ensemble.#waitUntilReady(system.name);
      return ensemble;
    } catch (error) {
      ensemble.#destroy();
      throw error;
    }
  }

  get hosts(): readonly string[] {
    return this.#servers.map((server) => server.host);
  }

  /** Throws when a server has ended, with the end of what it wrote. */
  assertRunning(): void {
    const ended = this.#servers.find(({ child }) => hasEnded(child));
    if (ended === undefined) return;
    const how = ended.child.signalCode ?? `exit code ${ended.child.exitCode}`;
    throw new Error(`the server at ${ended.host} ended (${how}):\n${logTail(ended)}`);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map(({ child }) => stopProcess(child)));
    this.#destroy();
  }

  #startServer(system: System, id: number, nodes: number, ports: readonly number[]): void {
    const directory = join(this.#directory, String(id));
    const configFile = join(directory, system.configName);
    const logFile = join(directory, 'log');
    const clientPorts = ports.slice(0, nodes);
    const peerPorts = ports.slice(nodes, 2 * nodes);
    const electionPorts = ports.slice(2 * nodes);
    mkdirSync(directory);
    writeFileSync(join(directory, 'myid'), `${id}\n`);
    const plan = { id, directory, clientPorts, peerPorts, electionPorts };
    writeFileSync(configFile, `${system.config(plan)}\n`);
    const [program, ...args] = system.command(configFile);
    const log = openSync(logFile, 'w');
    // A group of its own: Ctrl-C is for this program, which then ends its servers.
    const child = spawn(program, args, { stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    child.on('error', (error) => writeFileSync(logFile, `${error.message}\n`, { flag: 'a' }));
    this.#servers.push({ host: `127.0.0.1:${clientPorts[id - 1]!}`, logFile, child });
  }

  async #waitUntilReady(name: string): Promise<void> {
    const deadlineMs = performance.now() + READY_TIMEOUT_MS;
    while (performance.now() < deadlineMs) {
      this.assertRunning();
      const modes = await Promise.all(this.hosts.map(askMode));
      const leaders = modes.filter((mode) => mode === 'leader' || mode === 'standalone').length;
      if (leaders === 1 && !modes.includes(undefined)) return;
      await sleep(POLL_INTERVAL_MS);
    }
    throw new Error(`${name} did not serve after ${READY_TIMEOUT_MS / 1000} s`);
  }

  #destroy(): void {
    for (const { child } of this.#servers) if (!hasEnded(child)) child.kill('SIGKILL');
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5 });
    process.off('exit', this.#onProcessExit);
  }
}

function askMode(host: string): Promise<string | undefined> {
  const [address, port] = host.split(':');
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(port), address);
    socket.setTimeout(FOUR_LETTER_TIMEOUT_MS, () => socket.destroy());
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write('srvr'));
    socket.on('data', (text) => (answer += String(text)));
    socket.on('error', () => {});
    socket.on('close', () => resolve(/^Mode: (\w+)/m.exec(answer)?.[1]));
  });
}

function logTail({ logFile }: Server): string {
  return readFileSync(logFile, 'utf8').slice(-LOG_TAIL_CHARACTERS);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const patience = new AbortController();
  const timer = sleep(STOP_TIMEOUT_MS, 'late', { signal: patience.signal }).catch(() => {});
  if ((await Promise.race([exit, timer])) === 'late') child.kill('SIGKILL');
  patience.abort();
  await exit;
}
