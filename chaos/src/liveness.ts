import { setTimeout as sleep } from 'node:timers/promises';
import type { Checker } from './checker.ts';
import type { Crowd } from './clients/crowd.ts';
import type { Paths } from './clients/paths.ts';
import { LIVENESS_MS, POLL_MS } from './limits.ts';
import type { ChaosCluster } from './nodes/chaos-cluster.ts';
import { restoreMembers } from './nodes/members.ts';

/** All faults are over: what has to come to pass. */
export interface Calm {
  readonly cluster: ChaosCluster;
  readonly crowd: Crowd;
  readonly checker: Checker;
  readonly paths: Paths;
}

/**
 * Demands that all nodes are members and serve, every client is answered, sessions without a client end, and
 * all trees are equal, within LIVENESS_MS.
 *
 * @returns who is stuck, in words; undefined when all is well
 */
export async function checkLiveness(calm: Calm): Promise<string | undefined> {
  const { cluster, crowd, checker, paths } = calm;
  const untilMs = performance.now() + LIVENESS_MS;
  for (const node of cluster.nodes) {
    if (node.isPaused) node.resume();
    node.start();
  }
  const stuck =
    (await restoreMembers(cluster, untilMs)) ??
    (await waitFor(untilMs, async () => {
      // One whose disk had failed may end only now.
      cluster.nodes.forEach((node) => node.start());
      const modes = await Promise.all(cluster.nodes.map((node) => node.mode()));
      const silent = cluster.nodes.filter((_node, i) => modes[i] === undefined);
      return silent.map(({ id }) => `node ${id} does not serve`);
    })) ??
    (await waitFor(untilMs, () => Promise.resolve(crowd.finish())));
  if (stuck !== undefined) return `${stuck}\n${await describe(cluster)}`;
  await crowd.end();
  const left =
    (await checker.settle(cluster.nodes, paths, untilMs)) ??
    (await waitFor(untilMs, () => differencesIn(cluster)));
  return left === undefined ? undefined : `${left}\n${await describe(cluster)}`;
}

/** Asks until there is nothing to complain of. @returns what there is when the time is up */
async function waitFor(
  untilMs: number,
  complaints: () => Promise<readonly string[]>,
): Promise<string | undefined> {
  for (;;) {
    const found = await complaints();
    if (found.length === 0) return undefined;
    if (performance.now() > untilMs) return found.join('\n');
    await sleep(POLL_MS);
  }
}

/** Trees that are not equal though nothing is written any more. */
async function differencesIn({ nodes }: ChaosCluster): Promise<readonly string[]> {
  const digests = await Promise.all(nodes.map((node) => node.treeDigest()));
  const texts = digests.map((digest) => `${digest?.digest} at ${digest?.zxid}`);
  if (new Set(texts).size === 1 && digests[0] !== undefined) return [];
  return [`the trees differ: ${texts.join(', ')}`];
}

/** How each node says that it and the others are. */
async function describe({ nodes }: ChaosCluster): Promise<string> {
  const texts = await Promise.all(
    nodes.map(async (node) => {
      const state = node.isDown ? 'has no process' : `is ${(await node.mode()) ?? 'not serving'}`;
      return `node ${node.id} ${state}\n${(await node.ask('hlth')) ?? ''}`;
    }),
  );
  return texts.join('\n');
}
