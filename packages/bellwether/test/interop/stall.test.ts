import { NodeFaults, signalNode, type NodeFault } from '@bellwether/testbed';
import { describe, expect, it } from 'vitest';
import { scratchDirectory } from '../support/scratch.ts';
import { withCluster, type TestCluster } from './cluster-fixture.ts';
import { poll } from './poll.ts';
import { SERVER } from './server-command.ts';
import { SteadyWriter } from './steady-writer.ts';
import type { TestNode } from './test-node.ts';

/** A leader is given some seconds before it counts as stalled. */
const HAND_OVER_DEADLINE_MS = 15_000;
/** What this is to be is 500; the bound allows for a busy machine. */
const GAP_MS_MAX = 2_000;

/** How a leader is made useless, and well again. */
interface Fault {
  readonly name: string;
  begin(node: TestNode): void;
  end(node: TestNode): void;
}

const FREEZE: Fault = {
  name: 'frozen',
  begin: ({ pid }) => signalNode(pid ?? NaN, 'SIGSTOP'),
  end: ({ pid }) => signalNode(pid ?? NaN, 'SIGCONT'),
};

function injected(faults: NodeFaults, name: NodeFault): Fault {
  return {
    name,
    begin: ({ id }) => faults.begin(id, name),
    end: ({ id }) => faults.end(id, name),
  };
}

/** Resolves with the one of `nodes` that leads, once one does. */
async function leaderAmong(nodes: readonly TestNode[]): Promise<TestNode> {
  return poll('a survivor leads', HAND_OVER_DEADLINE_MS, async () => {
    const modes = await Promise.all(nodes.map((node) => node.mode()));
    return nodes.find((_node, i) => modes[i] === 'leader');
  });
}

/** @returns the longest time between two writes at the others, in ms */
async function strike(cluster: TestCluster, fault: Fault): Promise<number> {
  const leader = await cluster.waitForLeader();
  const others = await cluster.followers();
  const writers = await Promise.all(
    others.map((node) => SteadyWriter.start(node, `/${fault.name}-${node.id}`)),
  );
  await Promise.all(writers.map((writer) => writer.writesReached(100)));
  writers.forEach((writer) => writer.begin());
  fault.begin(leader);
  await leaderAmong(others);
  await Promise.all(writers.map((writer) => writer.writesReached(writer.writes + 100)));
  fault.end(leader);
  await cluster.waitUntilServing();
  await Promise.all(writers.map((writer) => writer.stop()));
  expect(writers.map(({ failure }) => failure)).toEqual([undefined, undefined]);
  expect(await leader.mode(), 'it does not take its leadership back').toBe('follower');
  return Math.max(...writers.map(({ gapMsMax }) => gapMsMax));
}

describe.skipIf(SERVER === 'zookeeper')('a leader that is of no use', () => {
  it.each<[NodeFault, string]>([
    ['diskStuck', 'its writes to disk never return'],
    ['serviceBusy', 'its main thread is busy with nothing'],
  ])(
    'hands over, and clients of the others notice nothing: %s, %s',
    { timeout: 90_000 },
    (fault) => {
      const faults = new NodeFaults(scratchDirectory());
      return withCluster(
        async (cluster) => {
          const gapMs = await strike(cluster, injected(faults, fault));
          console.log(`${fault}: longest gap at the others ${gapMs.toFixed(1)} ms`);
          expect(gapMs).toBeLessThan(GAP_MS_MAX);
          const digests = await cluster.digestsAtSameZxid();
          expect(new Set(digests.map(({ digest }) => digest)).size).toBe(1);
        },
        { environmentOf: (id) => faults.environmentOf(id) },
      );
    },
  );

  it('is replaced when it is frozen, and follows when it is back', { timeout: 90_000 }, () =>
    withCluster(async (cluster) => {
      const gapMs = await strike(cluster, FREEZE);
      console.log(`frozen: longest gap at the others ${gapMs.toFixed(1)} ms`);
      expect(gapMs).toBeLessThan(GAP_MS_MAX);
    }),
  );
});
