import { describe, it } from 'vitest';
import { withCluster } from './cluster-fixture.ts';
import { Writers } from './writers.ts';

const CRASHES = Number(process.env['BELLWETHER_CRASHES'] ?? 2);
const TEST_TIMEOUT_MS = 60_000 + CRASHES * 20_000;

describe('crash of the whole cluster', () => {
  it(
    `loses nothing acknowledged when all nodes are killed at once, ${CRASHES} times under writes`,
    () =>
      withCluster(async (cluster) => {
        const writers = await Writers.start(cluster);
        try {
          for (let crash = 0; crash < CRASHES; crash += 1) {
            await writers.waitUntilEachWrites();
            await cluster.killAll();
            await cluster.startAll();
          }
          await writers.waitUntilEachWrites();
        } finally {
          await writers.stop();
        }
        await writers.expectNothingLost();
      }),
    TEST_TIMEOUT_MS,
  );
});
