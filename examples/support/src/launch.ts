import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConsensusMember } from 'bellwether';

/** Everything that one node of an example has to know: plain data. */
export interface NodePlace {
  readonly id: number;
  /** For `Cluster.start`; the note of each is where its users find it. */
  readonly peers: readonly ConsensusMember[];
  readonly dataDir: string;
  /** Where this node's users find it, on 127.0.0.1. */
  readonly port: number;
  /** What else the example wants its nodes to know. */
  readonly more: Readonly<Record<string, string>>;
}

/** A node in a process of its own, which may be killed and started again. */
export class LaunchedNode {
  readonly place: NodePlace;
  readonly #program: string;
  #child: ChildProcess | undefined;

  constructor(program: string, place: NodePlace) {
    this.#program = program;
    this.place = place;
  }

  get id(): number {
    return this.place.id;
  }

  /** Resolves when it serves. */
  async start(): Promise<void> {
    const child = fork(this.#program, [JSON.stringify(this.place)]);
    this.#child = child;
    const ended = once(child, 'exit').then(() => {
      throw new Error(`node ${this.id} ended before it served`);
    });
    await Promise.race([once(child, 'message'), ended]);
    ended.catch(() => undefined);
  }

  /** Freezes it, or lets it go on; it is told nothing. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal);
  }

  /** Ends it at once, as `kill -9` does. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

/** Nodes that were launched together. */
export interface Launched {
  readonly nodes: readonly LaunchedNode[];
  /** Ends all of them, and removes their data. */
  stop(): Promise<void>;
}

/** Ports that were free a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = servers.map(async (server) => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  });
  const free = await Promise.all(ports);
  for (const server of servers) server.close();
  return free;
}

/**
 * Starts a cluster of processes, each of which runs `program` with its place as the only argument, and
 * sends a message to its parent when it serves.
 *
 * @param program URL of a module
 * @param scheme of the addresses in the notes
 */
export async function launch(
  program: string,
  { count = 3, scheme = 'http', more = {} } = {},
): Promise<Launched> {
  const directory = mkdtempSync(join(tmpdir(), 'bellwether-example-'));
  const ports = await freePorts(2 * count);
  const peers = ports.slice(0, count).map((port, i) => {
    const note = `${scheme}://127.0.0.1:${ports[count + i]}`;
    return { id: i + 1, host: '127.0.0.1', port, note };
  });
  const nodes = peers.map(({ id }, i) => {
    const dataDir = join(directory, `node-${id}`);
    return new LaunchedNode(fileURLToPath(program), {
      ...{ id, peers, dataDir, more },
      port: ports[count + i] ?? 0,
    });
  });
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.kill()));
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await Promise.all(nodes.map((node) => node.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodes, stop };
}
