import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratchDirectory } from '../support/scratch.ts';
import { withCluster, type TestCluster } from './cluster-fixture.ts';
import { poll } from './poll.ts';
import { SERVER } from './server-command.ts';
import { SteadyWriter } from './steady-writer.ts';
import type { TestNode } from './test-node.ts';

const PRELOAD = new URL('./faults-preload.mjs', import.meta.url);
/** A leader is given some seconds before it counts as stalled. */
const HAND_OVER_DEADLINE_MS = 15_000;
/** What this is to be is 500; the bound allows for a busy machine. */
const GAP_MS_MAX = 2_000;

/** Where each node looks for faults, and how they come and go. */
class Faults {
  readonly #directory = scratchDirectory();

  environmentOf = (id: number): NodeJS.ProcessEnv => {
    mkdirSync(this.#of(id));
    return {
      NODE_OPTIONS: `--import ${PRELOAD.href}`,
      BELLWETHER_TEST_FAULTS: this.#of(id),
    };
  };

  begin(node: TestNode, fault: string): void {
    writeFileSync(join(this.#of(node.id), fault), '');
  }

  end(node: TestNode, fault: string): void {
    rmSync(join(this.#of(node.id), fault));
  }

  #of(id: number): string {
    return join(this.#directory, String(id));
  }
}

/** Resolves with the one of `nodes` that leads, once one does. */
async function leaderAmong(nodes: readonly TestNode[]): Promise<TestNode> {
  return poll('a survivor leads', HAND_OVER_DEADLINE_MS, async () => {
    const modes = await Promise.all(nodes.map((node) => node.mode()));
    return nodes.find((_node, i) => modes[i] === 'leader');
  });
}

async function sticks(cluster: TestCluster, faults: Faults, fault: string): Promise<number> {
  const leader = await cluster.waitForLeader();
  const others = await cluster.followers();
  const writers = await Promise.all(
    others.map((node) => SteadyWriter.start(node, `/${fault}-${node.id}`)),
  );
  await Promise.all(writers.map((writer) => writer.writesReached(100)));
  writers.forEach((writer) => writer.begin());
  faults.begin(leader, fault);
  await leaderAmong(others);
  await Promise.all(writers.map((writer) => writer.writesReached(writer.writes + 100)));
  faults.end(leader, fault);
  await cluster.waitUntilServing();
  await Promise.all(writers.map((writer) => writer.stop()));
  expect(writers.map(({ failure }) => failure)).toEqual([undefined, undefined]);
  expect(await leader.mode(), 'it does not take its leadership back').toBe('follower');
  return Math.max(...writers.map(({ gapMsMax }) => gapMsMax));
}

describe.skipIf(SERVER === 'zookeeper')('a leader that beats but is of no use', () => {
  it.each([
    ['disk', 'its writes to disk never return'],
    ['service', 'its main thread is busy with nothing'],
  ])(
    'hands over, and clients of the others notice nothing: %s, %s',
    { timeout: 90_000 },
    (fault) => {
      const faults = new Faults();
      return withCluster(
        async (cluster) => {
          const gapMs = await sticks(cluster, faults, fault);
          console.log(`${fault} stuck: longest gap at the others ${gapMs.toFixed(1)} ms`);
          expect(gapMs).toBeLessThan(GAP_MS_MAX);
          const digests = await cluster.digestsAtSameZxid();
          expect(new Set(digests.map(({ digest }) => digest)).size).toBe(1);
        },
        { environmentOf: faults.environmentOf },
      );
    },
  );
});
