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
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askMode } from './four-letter-word.ts';
import { NODES, POLL_INTERVAL_MS, READY_TIMEOUT_MS, STOP_TIMEOUT_MS } from './limits.ts';
import { findFreePorts } from './ports.ts';

/** A server that can be started three times from a zoo.cfg each. */
export interface System {
  readonly name: string;
  readonly version: string;
  /** Program and arguments that run one server from this configuration file. */
  readonly command: (configFile: string) => readonly [string, ...string[]];
  /** Lines of zoo.cfg that only this system needs. */
  readonly extraConfig: readonly string[];
}

interface Server {
  readonly host: string;
  readonly logFile: string;
  readonly child: ChildProcess;
}

const LOG_TAIL_CHARACTERS = 3000;

/** Three servers on loopback in a directory of their own; nothing of them is left behind. */
export class Ensemble {
  readonly #servers: Server[] = [];
  readonly #directory: string;
  readonly #onProcessExit = () => this.#destroy();
  #stopping = false;

  private constructor(parentDirectory: string) {
    this.#directory = mkdtempSync(join(parentDirectory, 'bellwether-bench-'));
    process.on('exit', this.#onProcessExit);
  }

  /** Starts the servers and waits until one leads and the others follow. */
  static async start(system: System, parentDirectory: string): Promise<Ensemble> {
    const ensemble = new Ensemble(parentDirectory);
    try {
      const ports = await findFreePorts(NODES * 3);
      for (let id = 1; id <= NODES; id += 1) ensemble.#startServer(system, id, ports);
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

  get pids(): readonly number[] {
    return this.#servers.map((server) => server.child.pid!);
  }

  /** Throws when a server has ended that should run, with the end of what it wrote. */
  assertRunning(): void {
    const ended = this.#servers.find(({ child }) => hasEnded(child));
    if (ended === undefined || this.#stopping) return;
    const log = readFileSync(ended.logFile, 'utf8').slice(-LOG_TAIL_CHARACTERS);
    const how = ended.child.signalCode ?? `exit code ${ended.child.exitCode}`;
    throw new Error(`the server at ${ended.host} ended (${how}):\n${log}`);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#servers.map(({ child }) => stopProcess(child)));
    this.#destroy();
  }

  #startServer(system: System, id: number, ports: readonly number[]): void {
    const directory = join(this.#directory, String(id));
    const configFile = join(directory, 'zoo.cfg');
    const logFile = join(directory, 'log');
    mkdirSync(directory);
    writeFileSync(join(directory, 'myid'), `${id}\n`);
    writeFileSync(configFile, makeConfig(system, id, directory, ports));
    const [program, ...args] = system.command(configFile);
    const log = openSync(logFile, 'w');
    // A group of its own: Ctrl-C is for the benchmark, which then ends its servers.
    const child = spawn(program, args, { stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    child.on('error', (error) => writeFileSync(logFile, `${error.message}\n`, { flag: 'a' }));
    this.#servers.push({ host: `127.0.0.1:${clientPort(ports, id)}`, logFile, child });
  }

  async #waitUntilReady(name: string): Promise<void> {
    const deadlineMs = performance.now() + READY_TIMEOUT_MS;
    while (performance.now() < deadlineMs) {
      this.assertRunning();
      const modes = await Promise.all(this.hosts.map(askMode));
      const followers = modes.filter((mode) => mode === 'follower').length;
      if (modes.includes('leader') && followers === NODES - 1) return;
      await sleep(POLL_INTERVAL_MS);
    }
    throw new Error(`${name} had no leader after ${READY_TIMEOUT_MS / 1000} s`);
  }

  #destroy(): void {
    this.#stopping = true;
    for (const { child } of this.#servers) if (!hasEnded(child)) child.kill('SIGKILL');
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5 });
    process.off('exit', this.#onProcessExit);
  }
}

function clientPort(ports: readonly number[], id: number): number {
  return ports[id - 1]!;
}

function makeConfig(
  system: System,
  id: number,
  directory: string,
  ports: readonly number[],
): string {
  const lines = [
    'tickTime=2000',
    'initLimit=10',
    'syncLimit=5',
    `dataDir=${directory}`,
    `clientPort=${clientPort(ports, id)}`,
    'clientPortAddress=127.0.0.1',
    'maxClientCnxns=0',
    ...system.extraConfig,
  ];
  for (let peer = 1; peer <= NODES; peer += 1) {
    const peerPort = ports[NODES + peer - 1]!;
    const electionPort = ports[2 * NODES + peer - 1]!;
    lines.push(`server.${peer}=127.0.0.1:${peerPort}:${electionPort}`);
  }
  return `${lines.join('\n')}\n`;
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
