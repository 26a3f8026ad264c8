import { describe, expect, it } from 'vitest';
import { withCluster, type TestCluster } from './cluster-fixture.ts';
import { SERVER } from './server-command.ts';
import { Writers } from './writers.ts';

/** How often the leader is killed; each time takes a second or two. */
const KILLS = Number(process.env['BELLWETHER_KILLS'] ?? 3);
const FAILOVER_MS_MAX = 1000;
const TEST_TIMEOUT_MS = 60_000 + KILLS * 15_000;

/**
 * Kills the leader and returns the time from the signal until a survivor acknowledges a write that
 * was sent when the leader's process was gone already. The killed node is back in the end.
 */
async function killLeader(cluster: TestCluster, writers: Writers): Promise<number> {
  const leader = await cluster.waitForLeader();
  const survivors = cluster.nodes.filter((node) => node !== leader);
  const killedAtMs = performance.now();
  await leader.kill();
  const servedAtMs = await writers.firstAcknowledgement(survivors);
  leader.start();
  await cluster.waitUntilServing();
  await writers.waitUntilEachWrites();
  return servedAtMs - killedAtMs;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

describe('failover', () => {
  it(
    `loses nothing acknowledged when the leader is killed ${KILLS} times under writes`,
    () =>
      withCluster(async (cluster) => {
        const writers = await Writers.start(cluster);
        const failoversMs: number[] = [];
        try {
          await writers.waitUntilEachWrites();
          for (let kill = 0; kill < KILLS; kill += 1) {
            failoversMs.push(Math.round(await killLeader(cluster, writers)));
          }
        } finally {
          await writers.stop();
        }
        console.log(
          `kill -9 of the leader to the next acknowledged write: ${failoversMs.join(', ')} ms, ` +
            `median ${median(failoversMs)} ms; ${writers.acknowledged} writes acknowledged, ` +
            `${writers.indeterminate} indeterminate`,
        );
        await writers.expectNothingLost();
        if (SERVER === 'bellwether') {
          expect(Math.max(...failoversMs)).toBeLessThan(FAILOVER_MS_MAX);
        }
      }),
    TEST_TIMEOUT_MS,
  );
});
