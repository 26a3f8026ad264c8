import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Network } from '@bellwether/testbed';
import { findFreePorts } from './free-ports.ts';
import { poll } from './poll.ts';
import { extraConfig } from './server-command.ts';
import { TestNode, THIS_MACHINE, type TestHost, type TreeDigest } from './test-node.ts';

const LEADER_DEADLINE_MS = 30_000;
const SAME_TREE_DEADLINE_MS = 30_000;
const LOG_TAIL_CHARACTERS = 4000;

export interface TestClusterOptions {
  /** 3 when absent. */
  readonly nodes?: number;
  /** Clients' session timeouts are held between 2 and 20 times this; 2000 when absent. */
  readonly tickTimeMs?: number;
  /** Variables of a node's process besides this one's. */
  readonly environmentOf?: (id: number) => NodeJS.ProcessEnv;
  /** Where the nodes run: one on each host of this network. On loopback when absent. */
  readonly network?: Network;
  /** More lines of zoo.cfg. */
  readonly config?: readonly string[];
}

/**
 * A real cluster: one process per node, started as operators start it, on free ports, with its data in
 * a temporary directory. Use `withCluster`, which cleans up.
 */
export class TestCluster {
  readonly nodes: readonly TestNode[];
  readonly #directory: string;

  private constructor(nodes: readonly TestNode[], directory: string) {
    this.nodes = nodes;
    this.#directory = directory;
  }

  /** Resolves once one node leads and all others follow. */
  static async start(options: TestClusterOptions = {}): Promise<TestCluster> {
    const directory = mkdtempSync(join(tmpdir(), 'bellwether-test-'));
    const nodes = await configureNodes(directory, options);
    const cluster = new TestCluster(nodes, directory);
    try {
      await cluster.startAll();
      return cluster;
    } catch (error) {
      console.error(cluster.logs());
      await cluster.destroy();
      throw error;
    }
  }

  /** host:port,host:port,... as ZooKeeper's clients take it. */
  get connectString(): string {
    return this.nodes.map((node) => node.address).join(',');
  }

  /** Starts every node that does not run; resolves once all serve. */
  async startAll(): Promise<void> {
    this.nodes.filter((node) => !node.isRunning).forEach((node) => node.start());
    await this.waitUntilServing();
  }

  /** Resolves with the leader once it and all other running nodes serve. */
  async waitUntilServing(): Promise<TestNode> {
    await Promise.all(this.#running.map((node) => node.waitUntilServing()));
    return this.waitForLeader();
  }

  /** Resolves with the one running node that says it leads. */
  async waitForLeader(): Promise<TestNode> {
    return poll('one node leads', LEADER_DEADLINE_MS, async () => {
      const running = this.#running;
      const modes = await Promise.all(running.map((node) => node.mode()));
      const leaders = running.filter((_node, i) => modes[i] === 'leader');
      return leaders.length === 1 ? leaders[0] : undefined;
    });
  }

  /** Running nodes that follow. */
  async followers(): Promise<readonly TestNode[]> {
    const leader = await this.waitForLeader();
    return this.#running.filter((node) => node !== leader);
  }

  /** kill -9 of all nodes at once; resolves when all are gone. */
  async killAll(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
  }

  /**
   * Resolves with every node's digest once all have applied the same: rounds in which not all are
   * at the same zxid say nothing and are repeated. Nothing may be written meanwhile.
   */
  async digestsAtSameZxid(): Promise<readonly TreeDigest[]> {
    return poll('all nodes reach the same zxid', SAME_TREE_DEADLINE_MS, async () => {
      const digests = await Promise.all(this.nodes.map((node) => node.treeDigest()));
      const isSame = digests.every(({ zxid }) => zxid === digests[0]!.zxid);
      return isSame ? digests : undefined;
    });
  }

  /** The end of each node's output, for the report of a failed test. */
  logs(): string {
    const tails = this.nodes.map(
      (node) => `--- node ${node.id} (${node.address})\n${node.output.slice(-LOG_TAIL_CHARACTERS)}`,
    );
    return tails.join('\n');
  }

  /** Kills what runs and removes the data. */
  async destroy(): Promise<void> {
    await this.killAll();
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }

  get #running(): readonly TestNode[] {
    return this.nodes.filter((node) => node.isRunning);
  }
}

async function configureNodes(
  directory: string,
  options: TestClusterOptions,
): Promise<readonly TestNode[]> {
  const count = options.nodes ?? 3;
  const ports = await findFreePorts(count * 3);
  const ids = Array.from({ length: count }, (_, i) => i + 1);
  const hostOf = (id: number): TestHost => hostIn(options.network, id);
  const members = ids.map((id) => {
    const peerPort = ports[count + id - 1]!;
    const electionPort = ports[2 * count + id - 1]!;
    return `server.${id}=${hostOf(id).address}:${peerPort}:${electionPort}`;
  });
  return ids.map((id) => {
    const data = join(directory, String(id));
    const clientPort = ports[id - 1]!;
    const configFile = join(directory, `${id}.cfg`);
    mkdirSync(data);
    writeFileSync(join(data, 'myid'), `${id}\n`);
    writeFileSync(configFile, makeConfig(data, hostOf(id), clientPort, members, options));
    return new TestNode(id, clientPort, configFile, options.environmentOf?.(id), hostOf(id));
  });
}

function hostIn(network: Network | undefined, id: number): TestHost {
  if (network === undefined) return THIS_MACHINE;
  return {
    address: network.addressOf(id),
    commandOn: (command) => network.commandOn(id, command),
  };
}

function makeConfig(
  dataDirectory: string,
  host: TestHost,
  clientPort: number,
  members: readonly string[],
  options: TestClusterOptions,
): string {
  const lines = [
    `tickTime=${options.tickTimeMs ?? 2000}`,
    'initLimit=10',
    'syncLimit=5',
    `dataDir=${dataDirectory}`,
    `clientPort=${clientPort}`,
    `clientPortAddress=${host.address}`,
    'maxClientCnxns=0',
    // Without it only srvr is answered, as in ZooKeeper.
    '4lw.commands.whitelist=*',
    ...extraConfig(),
    ...(options.config ?? []),
    ...members,
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * Runs `body` on a fresh cluster, which is gone afterwards. When `body` fails, the nodes' last
 * lines are printed beside its error.
 */
export async function withCluster(
  body: (cluster: TestCluster) => Promise<void>,
  options: TestClusterOptions = {},
): Promise<void> {
  const cluster = await TestCluster.start(options);
  try {
    await body(cluster);
  } catch (error) {
    console.error(cluster.logs());
    throw error;
  } finally {
    await cluster.destroy();
  }
}
