import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@bellwether/client';
import type { Paths } from './clients/paths.ts';
import { POLL_MS } from './limits.ts';
import type { ChaosNode } from './nodes/chaos-node.ts';

const REQUEST_MS_MAX = 5_000;

/** What a register held when its round was over. */
interface Settled {
  readonly value: string;
  readonly version: number;
}

/** Looks at the tree from outside when all is calm, and remembers what has to stay as it is. */
export class Checker {
  readonly #settled = new Map<string, Settled>();

  /**
   * Waits until the sessions of all clients of a round are over, then remembers its registers.
   *
   * @returns what is still there when the time is up; undefined when nothing is
   */
  async settle(
    nodes: readonly ChaosNode[],
    paths: Paths,
    untilMs: number,
  ): Promise<string | undefined> {
    const client = open(nodes.map(({ clientAddress }) => clientAddress).join(','));
    try {
      for (;;) {
        await client.sync();
        const { children } = await client.getChildren(paths.ephemerals);
        if (children.length === 0) break;
        if (performance.now() > untilMs) {
          return `${children.length} ephemerals whose clients are gone: ${children.slice(0, 5).join(', ')}`;
        }
        await sleep(POLL_MS);
      }
      for (const path of paths.registers) {
        const { data, stat } = await client.getData(path);
        this.#settled.set(path, { value: data.toString(), version: stat.version });
      }
      return undefined;
    } finally {
      await client.close();
    }
  }

  /** What has changed in registers of rounds that are over, as each node tells it. */
  async findChanges(nodes: readonly ChaosNode[]): Promise<readonly string[]> {
    const changes: string[] = [];
    for (const node of nodes) {
      const client = open(node.clientAddress);
      try {
        await client.sync();
        for (const [path, { value, version }] of this.#settled) {
          const { data, stat } = await client.getData(path);
          const is = `${data.toString()} version ${stat.version}`;
          const was = `${value} version ${version}`;
          if (is !== was) changes.push(`node ${node.id}: ${path} was ${was}, and is ${is}`);
        }
      } finally {
        await client.close();
      }
    }
    return changes;
  }
}

function open(servers: string): Client {
  return new Client(servers, { requestTimeoutMs: REQUEST_MS_MAX });
}
