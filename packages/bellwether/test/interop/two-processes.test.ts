import { isAlive, NodeFaults, nodeProcesses, signalProcess } from '@bellwether/testbed';
import { describe, expect, it } from 'vitest';
import { scratchDirectory } from '../support/scratch.ts';
import { withCluster } from './cluster-fixture.ts';
import { poll } from './poll.ts';
import { SERVER, serverCommand } from './server-command.ts';
import { ServerProcess } from './server-process.ts';
import { SteadyWriter } from './steady-writer.ts';
import type { TestNode } from './test-node.ts';

const END_DEADLINE_MS = 15_000;
const EXIT_FATAL = 70;

/** The process that was started, with the clients and the tree, and the one that it has started. */
function processesOf({ pid }: TestNode): { readonly service: number; readonly consensus: number } {
  const [service, consensus] = nodeProcesses(pid ?? NaN);
  if (service === undefined || consensus === undefined) throw new Error('the node has one process');
  return { service, consensus };
}

async function untilGone(pid: number): Promise<void> {
  await poll(`process ${pid} has ended`, END_DEADLINE_MS, () =>
    Promise.resolve(!isAlive(pid) || undefined),
  );
}

async function untilEnded(node: TestNode): Promise<void> {
  await poll('the node has ended', END_DEADLINE_MS, () =>
    Promise.resolve(!node.isRunning || undefined),
  );
}

/** Why the leader was lost, as a node saw it. It is recorded a moment after there is another one. */
function causeOfLoss(node: TestNode): Promise<string> {
  return poll('the loss of the leader is recorded', END_DEADLINE_MS, async () => {
    const { failovers } = JSON.parse((await node.fourLetterWord('fovr'))!) as {
      readonly failovers: readonly { readonly cause: string }[];
    };
    return failovers.map(({ cause }) => cause).find((cause) => cause !== 'start');
  });
}

describe.skipIf(SERVER !== 'bellwether' || process.platform !== 'linux')(
  'a node of two processes',
  { timeout: 120_000 },
  () => {
    it('hands over when its service is killed, and starts again', () =>
      withCluster(async (cluster) => {
        const leader = await cluster.waitForLeader();
        const other = cluster.nodes.find((node) => node !== leader)!;
        const writer = await SteadyWriter.start(other, '/steady');
        const { service, consensus } = processesOf(leader);
        process.kill(service, 'SIGKILL');
        await untilGone(consensus);
        await untilEnded(leader);
        await cluster.waitForLeader();
        expect(await causeOfLoss(other)).toBe('transfer');
        await writer.stop();
        expect(writer.failure).toBeUndefined();
        leader.start();
        await cluster.waitUntilServing();
      }));

    it('is missed at once when both are killed together', () =>
      withCluster(async (cluster) => {
        const leader = await cluster.waitForLeader();
        const other = cluster.nodes.find((node) => node !== leader)!;
        const writer = await SteadyWriter.start(other, '/steady');
        await leader.kill();
        await cluster.waitForLeader();
        expect(await causeOfLoss(other)).toBe('connection closed');
        await writer.stop();
        expect(writer.failure).toBeUndefined();
        leader.start();
        await cluster.waitUntilServing();
      }));

    it('ends and says why when its consensus is killed, and starts again at once', () =>
      withCluster(async (cluster) => {
        const leader = await cluster.waitForLeader();
        process.kill(processesOf(leader).consensus, 'SIGKILL');
        await untilEnded(leader);
        expect(leader.exitCode).toBe(EXIT_FATAL);
        expect(leader.output).toMatch(/consensus process was killed by SIGKILL/);
        leader.start();
        await cluster.waitUntilServing();
      }));

    it('does not start without a consensus, and says why', () =>
      withCluster(async (cluster) => {
        const node = cluster.nodes[0]!;
        await node.stop();
        const lost = 'data:text/javascript,process.execPath=%22/nowhere/node%22';
        const next = new ServerProcess(serverCommand(node.configFile), {
          NODE_OPTIONS: `--import ${lost}`,
        });
        await next.waitForEnd();
        expect(next.exitCode).toBe(1);
        expect(next.output).toMatch(
          /cannot start: .*consensus process could not be started: .*ENOENT/,
        );
        node.start();
        await cluster.waitUntilServing();
      }));

    it('is waited for by itself when it is started again before its disk has answered', () => {
      const faults = new NodeFaults(scratchDirectory());
      const environmentOf = (id: number): NodeJS.ProcessEnv => faults.environmentOf(id);
      return withCluster(
        async (cluster) => {
          const leader = await cluster.waitForLeader();
          const { service, consensus } = processesOf(leader);
          faults.begin(leader.id, 'diskStuck');
          process.kill(service, 'SIGKILL');
          const next = new ServerProcess(serverCommand(leader.configFile));
          await next.waitForOutput(/waiting for a process that is about to end/);
          await next.waitForOutput(/listening for clients/);
          expect(isAlive(consensus)).toBe(false);
          await next.end('SIGTERM');
          expect(next.exitCode).toBe(0);
        },
        { environmentOf },
      );
    });

    it('leaves no consensus behind when it was frozen before its service was killed', () =>
      withCluster(async (cluster) => {
        const leader = await cluster.waitForLeader();
        const { service, consensus } = processesOf(leader);
        process.kill(consensus, 'SIGSTOP');
        process.kill(service, 'SIGKILL');
        signalProcess(consensus, 'SIGCONT');
        await untilGone(consensus);
        await untilEnded(leader);
        leader.start();
        await cluster.waitUntilServing();
      }));

    it('takes a signal to the whole group for one to the node', () =>
      withCluster(async (cluster) => {
        const leader = await cluster.waitForLeader();
        const { service, consensus } = processesOf(leader);
        for (const pid of [consensus, service]) process.kill(pid, 'SIGINT');
        await untilEnded(leader);
        expect(leader.exitCode).toBe(0);
        await untilGone(consensus);
        leader.start();
        await cluster.waitUntilServing();
      }));
  },
);
