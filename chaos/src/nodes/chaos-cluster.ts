import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Network, NodeFaults, SmallDisk, WallClocks, whyNoWallClocks } from '@bellwether/testbed';
import type { RelayTarget } from '../wire/relay.ts';
import { DISK_BYTES, POLL_MS, START_MS_MAX } from '../limits.ts';
import { ChaosNode } from './chaos-node.ts';
import { PORTS, type NodeAddress } from './node-config.ts';

export interface ChaosClusterOptions {
  readonly nodes: number;
  /** For configuration, logs, data and what makes nodes fail; made by the caller. */
  readonly directory: string;
  /** The command line program of the build that is put to the test. */
  readonly cli: string;
}

/** What a command of the command line program has said. */
export interface Said {
  readonly code: number;
  readonly output: string;
}

const COMMAND_MS_MAX = 20_000;

const living = new Set<ChaosCluster>();
process.on('exit', () => living.forEach((cluster) => cluster.destroy()));

/** Real nodes, each with a network, a disk and a clock of its own. */
export class ChaosCluster {
  readonly network: Network;
  readonly faults: NodeFaults;
  /** undefined where clocks can't be set wrong. */
  readonly clocks: WallClocks | undefined;
  readonly nodes: readonly ChaosNode[];
  readonly #cli: string;

  private constructor({ nodes, directory, cli }: ChaosClusterOptions) {
    this.#cli = cli;
    this.network = Network.create(nodes);
    this.faults = new NodeFaults(join(directory, 'faults'));
    const hasClocks = whyNoWallClocks() === undefined;
    this.clocks = hasClocks ? new WallClocks(join(directory, 'clocks')) : undefined;
    this.nodes = this.network.hosts.map((id) => this.#makeNode(id, join(directory, `node-${id}`)));
    for (const node of this.nodes) node.configure(this.addresses, 'founder');
    living.add(this);
  }

  /** Resolves once all serve. */
  static async start(options: ChaosClusterOptions): Promise<ChaosCluster> {
    const cluster = new ChaosCluster(options);
    try {
      cluster.nodes.forEach((node) => node.start());
      await cluster.#waitForFirstLeader();
      return cluster;
    } catch (error) {
      cluster.destroy();
      throw error;
    }
  }

  get addresses(): readonly NodeAddress[] {
    return this.network.hosts.map((id) => ({ id, address: this.network.addressOf(id) }));
  }

  get targets(): readonly RelayTarget[] {
    return this.nodes.map(({ address }) => ({ host: address, port: PORTS.client }));
  }

  node(id: number): ChaosNode {
    const found = this.nodes.find((node) => node.id === id);
    if (found === undefined) throw new Error(`there is no node ${id}`);
    return found;
  }

  /** The running node that says that it leads, and is reached; undefined when none does. */
  async findLeader(): Promise<ChaosNode | undefined> {
    const running = this.nodes.filter(({ isRunning }) => isRunning);
    const modes = await Promise.all(running.map((node) => node.mode()));
    return running.find((_node, i) => modes[i] === 'leader');
  }

  /** `bellwether ...`, from where the clients are. */
  command(...args: readonly string[]): Promise<Said> {
    return this.#run([process.execPath, this.#cli, ...args]);
  }

  /** `bellwether ...`, on the machine of a node. */
  commandOn({ id }: ChaosNode, ...args: readonly string[]): Promise<Said> {
    return this.#run(this.network.commandOn(id, [process.execPath, this.#cli, ...args]));
  }

  /** host:port,... of all nodes. */
  get servers(): string {
    return this.nodes.map(({ clientAddress }) => clientAddress).join(',');
  }

  /** Ends all nodes, and keeps what is on their disks. */
  async save(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
    for (const node of this.nodes) node.saveData();
  }

  /** Kills what runs and removes networks and disks; files stay. */
  destroy(): void {
    living.delete(this);
    for (const node of this.nodes) {
      node.excuse();
      node.killNow();
      node.disk.remove();
    }
    this.network.destroy();
  }

  #run([program, ...args]: readonly [string, ...string[]]): Promise<Said> {
    return new Promise((resolve) => {
      const options = { encoding: 'utf8', timeout: COMMAND_MS_MAX } as const;
      execFile(program, args, options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ code, output: `${stdout}${stderr}` });
      });
    });
  }

  #makeNode(id: number, directory: string): ChaosNode {
    const disk = join(directory, 'disk');
    mkdirSync(disk, { recursive: true });
    return new ChaosNode({
      id,
      address: this.network.addressOf(id),
      dataDirectory: join(disk, 'data'),
      configFile: join(directory, 'node.yaml'),
      logFile: join(directory, 'log'),
      disk: new SmallDisk(disk, DISK_BYTES),
      command: (config) =>
        this.network.commandOn(id, [process.execPath, this.#cli, 'serve', config]),
      environment: { ...this.faults.environmentOf(id), ...this.clocks?.environmentOf(id) },
    });
  }

  async #waitForFirstLeader(): Promise<void> {
    const untilMs = performance.now() + START_MS_MAX;
    for (;;) {
      const modes = await Promise.all(this.nodes.map((node) => node.mode()));
      if (modes.includes('leader') && !modes.includes(undefined)) return;
      const ended = this.nodes.flatMap(({ unexpectedEnds }) => unexpectedEnds);
      if (ended.length > 0) throw new Error(ended.join('\n'));
      if (performance.now() > untilMs) throw new Error(`no leader within ${START_MS_MAX / 1000} s`);
      await sleep(POLL_MS);
    }
  }
}
