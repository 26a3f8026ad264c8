import { describe, expect, it } from 'vitest';
import { withCluster } from './cluster-fixture.ts';
import { ConnectionLost } from './raw-client.ts';
import { SERVER } from './server-command.ts';
import { SteadyWriter } from './steady-writer.ts';

const STOPS = Number(process.env['BELLWETHER_STOPS'] ?? 3);
/** What this is to be on a quiet machine is a few; the bound allows for a busy one. */
const GAP_MS_MAX = 300;

describe.skipIf(SERVER === 'zookeeper')('a leader that is stopped', () => {
  it(
    'hands over: writers of the others go on almost without a pause, and none of them fails',
    () =>
      withCluster(async (cluster) => {
        const gapsMs: number[] = [];
        for (let stop = 0; stop < STOPS; stop++) {
          const leader = await cluster.waitForLeader();
          const writers = await Promise.all(
            cluster.nodes.map((node) => SteadyWriter.start(node, `/stop-${stop}-${node.id}`)),
          );
          const others = writers.filter((writer) => writer.node !== leader);
          await Promise.all(writers.map((writer) => writer.writesReached(100)));
          others.forEach((writer) => writer.begin());
          await leader.stop();
          await Promise.all(others.map((writer) => writer.writesReached(writer.writes + 100)));
          gapsMs.push(Math.max(...others.map((writer) => writer.gapMsMax)));
          await Promise.all(writers.map((writer) => writer.stop()));
          for (const { failure } of others) expect(failure).toBeUndefined();
          // Its own client was told by the end of its connection, with nothing of it open.
          const own = writers.find((writer) => writer.node === leader);
          expect(own?.failure).toBeInstanceOf(ConnectionLost);
          expect(leader.output).toContain('outcome="handed over"');
          await cluster.startAll();
        }
        const shown = gapsMs.map((ms) => ms.toFixed(1)).join(', ');
        console.log(`SIGTERM of the leader, longest write at the others: ${shown} ms`);
        expect(Math.min(...gapsMs)).toBeLessThan(GAP_MS_MAX);
      }),
    60_000,
  );
});
