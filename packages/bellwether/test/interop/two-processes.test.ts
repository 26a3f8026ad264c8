import { isAlive, NodeFaults, nodeProcesses } from '@bellwether/testbed';
import { describe, expect, it } from 'vitest';
import { scratchDirectory } from '../support/scratch.ts';
import { withCluster } from './cluster-fixture.ts';
import { poll } from './poll.ts';
import { SERVER } from './server-command.ts';
import { SteadyWriter } from './steady-writer.ts';
import type { TestNode } from './test-node.ts';

const END_DEADLINE_MS = 15_000;
const EXIT_FATAL = 70;

function serviceOf({ pid }: TestNode): number {
  const [, service] = nodeProcesses(pid ?? NaN);
  if (service === undefined) throw new Error('the node has one process');
  return service;
}

describe.skipIf(SERVER !== 'bellwether' || process.platform !== 'linux')(
  'a node of two processes',
  { timeout: 120_000 },
  () => {
    it('hands over when its service dies, and ends and says why', () =>
      withCluster(async (cluster) => {
        const leader = await cluster.waitForLeader();
        const other = cluster.nodes.find((node) => node !== leader)!;
        const writer = await SteadyWriter.start(other, '/steady');
        process.kill(serviceOf(leader), 'SIGKILL');
        await poll('the node has ended', END_DEADLINE_MS, () =>
          Promise.resolve(!leader.isRunning || undefined),
        );
        expect(leader.exitCode).toBe(EXIT_FATAL);
        expect(leader.output).toMatch(/service process was killed by SIGKILL/);
        await cluster.waitForLeader();
        const { failovers } = JSON.parse((await other.fourLetterWord('fovr'))!) as {
          readonly failovers: readonly { readonly cause: string }[];
        };
        expect(failovers.at(-1)?.cause).toBe('transfer');
        await writer.stop();
        expect(writer.failure).toBeUndefined();
        leader.start();
        await cluster.waitUntilServing();
      }));

    it('ends without its service even when its disk does not answer', () => {
      const faults = new NodeFaults(scratchDirectory());
      const environmentOf = (id: number): NodeJS.ProcessEnv => faults.environmentOf(id);
      return withCluster(
        async (cluster) => {
          const leader = await cluster.waitForLeader();
          faults.begin(leader.id, 'diskStuck');
          process.kill(serviceOf(leader), 'SIGKILL');
          await poll('the node has ended', END_DEADLINE_MS, () =>
            Promise.resolve(!leader.isRunning || undefined),
          );
          expect(leader.exitCode).toBe(EXIT_FATAL);
          await cluster.waitForLeader();
        },
        { environmentOf },
      );
    });

    it('leaves no service behind when it is killed, and starts again at once', () =>
      withCluster(async (cluster) => {
        const leader = await cluster.waitForLeader();
        const service = serviceOf(leader);
        await leader.kill();
        leader.start();
        await poll('the service has ended', END_DEADLINE_MS, () =>
          Promise.resolve(!isAlive(service) || undefined),
        );
        await cluster.waitUntilServing();
        expect(leader.output).toMatch(/first process, which has its consensus, is gone/);
      }));

    it('leaves no service behind when it was frozen before it was killed', () =>
      withCluster(async (cluster) => {
        const leader = await cluster.waitForLeader();
        const service = serviceOf(leader);
        process.kill(service, 'SIGSTOP');
        const killed = leader.kill();
        process.kill(service, 'SIGCONT');
        await killed;
        await poll('the service has ended', END_DEADLINE_MS, () =>
          Promise.resolve(!isAlive(service) || undefined),
        );
        leader.start();
        await cluster.waitUntilServing();
      }));
  },
);
