import { expect } from 'vitest';
import type { TestCluster } from './cluster-fixture.ts';
import { RawClient } from './raw-client.ts';
import { SERVER } from './server-command.ts';
import type { TestNode } from './test-node.ts';
import { Writer } from './writer.ts';

/** Problems shown when a check fails; one lost write often comes with thousands. */
const PROBLEMS_SHOWN_MAX = 10;

/** One writer per node. */
export class Writers {
  readonly #cluster: TestCluster;
  readonly #writers: readonly Writer[];

  private constructor(cluster: TestCluster, writers: readonly Writer[]) {
    this.#cluster = cluster;
    this.#writers = writers;
  }

  static async start(cluster: TestCluster): Promise<Writers> {
    const writers = cluster.nodes.map((node) => new Writer(node, `/writer-${node.id}`));
    await Promise.all(writers.map((writer) => writer.start()));
    return new Writers(cluster, writers);
  }

  /**
   * Resolves when each of the nodes (all when absent) has acknowledged a write sent from now
   * on.
   */
  async waitUntilEachWrites(nodes: readonly TestNode[] = this.#cluster.nodes): Promise<void> {
    const nowMs = performance.now();
    await Promise.all(this.#on(nodes).map((writer) => writer.nextAcknowledgement(nowMs)));
  }

  /**
   * Resolves with the time of the first acknowledgement at any of `nodes` of a write sent from
   * now on.
   */
  async firstAcknowledgement(nodes: readonly TestNode[]): Promise<number> {
    const nowMs = performance.now();
    return Promise.race(this.#on(nodes).map((writer) => writer.nextAcknowledgement(nowMs)));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#writers.map((writer) => writer.stop()));
  }

  get acknowledged(): number {
    return this.#writers.reduce((sum, writer) => sum + writer.acknowledged, 0);
  }

  get indeterminate(): number {
    return this.#writers.reduce((sum, writer) => sum + writer.indeterminate, 0);
  }

  /** Every acknowledged write is there on every node, and the nodes' trees are equal. */
  async expectNothingLost(): Promise<void> {
    expect(this.acknowledged).toBeGreaterThan(0);
    for (const node of this.#cluster.nodes) {
      expect(await this.#problemsOn(node), `what node ${node.id} has lost`).toEqual([]);
    }
    if (SERVER === 'zookeeper') return; // It has no digest to ask for.
    const digests = await this.#cluster.digestsAtSameZxid();
    expect(new Set(digests.map(({ digest }) => digest)).size, 'different trees').toBe(1);
  }

  async #problemsOn(node: TestNode): Promise<readonly string[]> {
    const client = await RawClient.connect(node.clientPort);
    await client.sync();
    const problems: string[] = [];
    for (const writer of this.#writers) problems.push(...(await writer.verify(client)));
    await client.close();
    return problems.slice(0, PROBLEMS_SHOWN_MAX);
  }

  #on(nodes: readonly TestNode[]): readonly Writer[] {
    return this.#writers.filter((writer) => nodes.includes(writer.node));
  }
}
