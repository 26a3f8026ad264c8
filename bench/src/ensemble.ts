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
import { signalNode } from '@bellwether/testbed';
import { NODES, POLL_INTERVAL_MS, READY_TIMEOUT_MS, STOP_TIMEOUT_MS } from './limits.ts';
import { findFreePorts } from './ports.ts';
import type { ServerPlan } from './zoo-config.ts';

/** A server that can be started three times from a configuration file each. */
export interface System {
  readonly name: string;
  readonly version: string;
  /** Program and arguments that run one server from this configuration file. */
  readonly command: (configFile: string) => readonly [string, ...string[]];
  /** The text of that file. */
  readonly config: (plan: ServerPlan) => string;
  /** What the server at host:port says it is; undefined while it doesn't serve. */
  readonly roleOf: (host: string) => Promise<string | undefined>;
}

/** Where the servers of an ensemble run, and in which surroundings. */
export interface Site {
  addressOf(id: number): string;
  /** What to run so that the server `id` runs there by `command`. */
  commandOn(id: number, command: Command): Command;
  /** Variables of its process. */
  environmentOf(id: number): Readonly<Record<string, string>>;
  destroy(): void;
}

type Command = readonly [string, ...string[]];

/** This machine, by its loopback interface. */
export const LOOPBACK: Site = {
  addressOf: () => '127.0.0.1',
  commandOn: (_id, command) => command,
  environmentOf: () => ({}),
  destroy: () => undefined,
};

interface Server {
  readonly plan: ServerPlan;
  readonly host: string;
  readonly configFile: string;
  readonly logFile: string;
  child: ChildProcess;
  /** It was told to end: that it does is no failure. */
  isToEnd: boolean;
}

const LOG_TAIL_CHARACTERS = 3000;

/** Servers, three as a rule, with a directory of their own; nothing of them is left behind. */
export class Ensemble {
  readonly #system: System;
  readonly #site: Site;
  readonly #servers: Server[] = [];
  readonly #directory: string;
  readonly #onProcessExit = () => this.#destroy();
  #stopping = false;

  private constructor(system: System, parentDirectory: string, site: Site) {
    this.#system = system;
    this.#site = site;
    this.#directory = mkdtempSync(join(parentDirectory, 'bellwether-bench-'));
    process.on('exit', this.#onProcessExit);
  }

  /** Starts the servers and waits until one leads and the others follow. */
  static async start(
    system: System,
    parentDirectory: string,
    site: Site = LOOPBACK,
    nodes = NODES,
  ): Promise<Ensemble> {
    const ensemble = new Ensemble(system, parentDirectory, site);
    try {
      const ports = await findFreePorts(nodes * PORTS_PER_SERVER);
      for (let id = 1; id <= nodes; id += 1) ensemble.#addServer(id, ports);
      await ensemble.waitUntilReady();
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

  /** The number by which its site and its peers know a server. */
  idOf(position: number): number {
    return this.#servers[position]!.plan.id;
  }

  /** 127.0.0.1:port of the server's admin server, if its system has one. */
  adminHost(position: number): string {
    return `127.0.0.1:${this.#servers[position]!.plan.adminPort}`;
  }

  /** The position of the server that leads; undefined when none says so. */
  async findLeader(): Promise<number | undefined> {
    const roles = await Promise.all(this.#servers.map((server) => this.#roleOf(server)));
    const position = roles.indexOf('leader');
    return position < 0 ? undefined : position;
  }

  /**
   * Sends a signal to one server, as people do: what ends it to the process that they have started, what freezes it to
   * all. One that ends it is no failure.
   */
  signal(position: number, signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void {
    const server = this.#servers[position]!;
    if (signal === 'SIGKILL' || signal === 'SIGTERM') server.isToEnd = true;
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') signalNode(server.child.pid!, signal);
    else server.child.kill(signal);
  }

  /** Kills all processes of a server at once, as the loss of its machine would. */
  crash(position: number): void {
    const server = this.#servers[position]!;
    server.isToEnd = true;
    signalNode(server.child.pid!, 'SIGKILL');
  }

  /** Starts a server again, after its end, on the data that it has. */
  async restart(position: number): Promise<void> {
    const server = this.#servers[position]!;
    if (!hasEnded(server.child)) await once(server.child, 'exit');
    server.child = this.#spawn(server);
    server.isToEnd = false;
  }

  /** Throws when a server has ended that should run, with the end of what it wrote. */
  assertRunning(): void {
    const ended = this.#servers.find(({ child, isToEnd }) => !isToEnd && hasEnded(child));
    if (ended === undefined || this.#stopping) return;
    const log = readFileSync(ended.logFile, 'utf8').slice(-LOG_TAIL_CHARACTERS);
    const how = ended.child.signalCode ?? `exit code ${ended.child.exitCode}`;
    throw new Error(`the server at ${ended.host} ended (${how}):\n${log}`);
  }

  /** Waits until one server leads and all others follow. */
  async waitUntilReady(): Promise<void> {
    const deadlineMs = performance.now() + READY_TIMEOUT_MS;
    while (performance.now() < deadlineMs) {
      this.assertRunning();
      const roles = await Promise.all(this.#servers.map((server) => this.#roleOf(server)));
      const followers = roles.filter((role) => role === 'follower').length;
      const isLed = roles.includes('leader') || roles.includes('standalone');
      if (isLed && followers === roles.length - 1) return;
      await sleep(POLL_INTERVAL_MS);
    }
    throw new Error(`${this.#system.name} was not complete after ${READY_TIMEOUT_MS / 1000} s`);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#servers.map(({ child }) => stopProcess(child)));
    this.#destroy();
  }

  #roleOf(server: Server): Promise<string | undefined> {
    if (hasEnded(server.child)) return Promise.resolve(undefined);
    return this.#system.roleOf(server.host);
  }

  #addServer(id: number, ports: readonly number[]): void {
    const plan = this.#planOf(id, ports);
    const configFile = join(plan.directory, 'zoo.cfg');
    const logFile = join(plan.directory, 'log');
    mkdirSync(plan.directory);
    writeFileSync(join(plan.directory, 'myid'), `${id}\n`);
    writeFileSync(configFile, this.#system.config(plan));
    const host = `${plan.address}:${plan.clientPort}`;
    const child = this.#spawn({ plan, configFile, logFile });
    this.#servers.push({ plan, host, configFile, logFile, child, isToEnd: false });
  }

  #spawn({
    plan: { id },
    configFile,
    logFile,
  }: Pick<Server, 'plan' | 'configFile' | 'logFile'>): ChildProcess {
    const [program, ...args] = this.#site.commandOn(id, this.#system.command(configFile));
    const env = { ...process.env, ...this.#site.environmentOf(id) };
    const log = openSync(logFile, 'a');
    // A group of its own: Ctrl-C is for the benchmark, which then ends its servers.
    const child = spawn(program, args, { stdio: ['ignore', log, log], detached: true, env });
    closeSync(log);
    child.on('error', (error) => writeFileSync(logFile, `${error.message}\n`, { flag: 'a' }));
    return child;
  }

  #planOf(id: number, ports: readonly number[]): ServerPlan {
    const port = (server: number, use: number): number =>
      ports[(server - 1) * PORTS_PER_SERVER + use]!;
    const count = ports.length / PORTS_PER_SERVER;
    const ids = Array.from({ length: count }, (_, i) => i + 1);
    return {
      id,
      directory: join(this.#directory, String(id)),
      address: this.#site.addressOf(id),
      clientPort: port(id, 0),
      adminPort: port(id, 3),
      peers: ids.map((peer) => ({
        id: peer,
        address: this.#site.addressOf(peer),
        peerPort: port(peer, 1),
        electionPort: port(peer, 2),
      })),
    };
  }

  #destroy(): void {
    this.#stopping = true;
    for (const { child } of this.#servers) if (!hasEnded(child)) child.kill('SIGKILL');
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5 });
    process.off('exit', this.#onProcessExit);
  }
}

/** For clients, for peers, for elections, for operators. */
const PORTS_PER_SERVER = 4;

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
