import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withCluster } from './cluster-fixture.ts';
import { findFreePorts } from './free-ports.ts';
import { KafkaBrokers } from './kafka.ts';
import { RawClient } from './raw-client.ts';
import { kafka, RUNS_ALL, titleOfLong } from './requirements.ts';
import { poll } from './poll.ts';

const TEST_TIMEOUT_MS = 240_000;
const CONTROLLER_DEADLINE_MS = 60_000;
const MESSAGES = 100;

function messages(from: number): readonly string[] {
  return Array.from({ length: MESSAGES }, (_, i) => `message-${String(from + i).padStart(4, '0')}`);
}

async function withBrokers(
  zooKeeper: string,
  body: (kafkas: KafkaBrokers) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'bellwether-kafka-'));
  const kafkas = await KafkaBrokers.start(zooKeeper, await findFreePorts(2), directory);
  try {
    await body(kafkas);
  } catch (error) {
    kafkas.brokers.forEach(({ output }) => console.error(output.slice(-4_000)));
    throw error;
  } finally {
    await kafkas.destroy();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

describe.skipIf(!RUNS_ALL || kafka.missing !== undefined)(titleOfLong(kafka), () => {
  it(
    'creates topics, produces and consumes while the leader below it is killed, and elects a controller',
    () =>
      withCluster(async (cluster) => {
        await withBrokers(cluster.connectString, async (kafkas) => {
          await kafkas.createTopic('before');
          await kafkas.produce('before', messages(0));

          const leader = await cluster.waitForLeader();
          await leader.kill();
          await kafkas.createTopic('after');
          await kafkas.produce('after', messages(0));
          await kafkas.produce('before', messages(MESSAGES));
          expect(await kafkas.consume('after', MESSAGES)).toEqual(messages(0));
          leader.start();
          await cluster.waitUntilServing();
          for (const { output } of kafkas.brokers) expect(output).not.toMatch(/session expired/i);

          const client = await RawClient.connect(leader.clientPort);
          const controller = async (): Promise<number | undefined> => {
            const { data } = await client
              .getData('/kafka/controller')
              .catch(() => ({ data: '{}' }));
            return (JSON.parse(data) as { brokerid?: number }).brokerid;
          };
          const first = (await controller())!;
          await kafkas.brokers[first - 1]!.end('SIGKILL');
          const second = await poll('another controller', CONTROLLER_DEADLINE_MS, async () => {
            const now = await controller();
            return now === first ? undefined : now;
          });
          expect(second).toBe(3 - first);
          await client.close();
          expect(await kafkas.consume('before', 2 * MESSAGES)).toEqual([
            ...messages(0),
            ...messages(MESSAGES),
          ]);
        });
      }),
    TEST_TIMEOUT_MS,
  );
});
