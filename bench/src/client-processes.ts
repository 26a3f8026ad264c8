import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LatencyHistogram } from './histogram.ts';
import type { Load } from './loads.ts';
import type { ClientResult, FromClient, SessionPlan, ToClient } from './messages.ts';
import { readCpuUs } from './cpu.ts';

// Named as it is after the build: this file runs from dist.
const PROGRAM = fileURLToPath(new URL('./client-process.js', import.meta.url));

/** What a load has shown, over all client processes. */
export interface LoadResult {
  readonly operationsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly errors: number;
  /**
   * CPU time of all servers together, per acknowledged operation; undefined where it is not
   * known.
   */
  readonly serverCpuUsPerOperation: number | undefined;
  /** CPU time of all client processes together, per acknowledged operation. */
  readonly clientCpuUsPerOperation: number;
}

/** The ensemble under load. */
export interface Target {
  /** host:port of each server. */
  readonly hosts: readonly string[];
  /** Process ids of the servers; empty when they are not known. */
  readonly pids: readonly number[];
}

/** Several processes that make load, so that one thread of clients is not the limit. */
export class ClientProcesses {
  readonly #children: readonly ChildProcess[];

  constructor(count: number) {
    this.#children = Array.from({ length: count }, () => fork(PROGRAM, { stdio: 'inherit' }));
    // Ends them with this process even where nobody calls stop().
    process.on('exit', () => this.#children.forEach((child) => child.kill('SIGKILL')));
  }

  /** Runs one load for `seconds` and adds up what the processes have counted. */
  async run(load: Load, target: Target, seconds: number): Promise<LoadResult> {
    const plans = this.#plan(load, target.hosts);
    const busy = this.#children.filter((_child, i) => plans[i]!.length > 0);
    const tell = (message: ToClient) => Promise.all(busy.map((child) => ask(child, message)));
    await Promise.all(
      busy.map((child, i) => ask(child, { type: 'prepare', load, sessions: plans[i]! })),
    );
    const cpuBeforeUs = readCpuUs(target.pids);
    await tell({ type: 'start' });
    await sleep(seconds * 1000);
    const stopping = tell({ type: 'stop' });
    const cpuAfterUs = readCpuUs(target.pids);
    const results = (await stopping).filter((reply) => reply.type === 'result');
    return combine(results, difference(cpuAfterUs, cpuBeforeUs));
  }

  async stop(): Promise<void> {
    const living = this.#children.filter((child) => child.exitCode === null);
    const ended = living.map((child) => once(child, 'exit'));
    living.forEach((child) => child.disconnect());
    await Promise.all(ended);
  }

  /** Client i talks to server i modulo their number, and lives in process i modulo theirs. */
  #plan(load: Load, hosts: readonly string[]): readonly SessionPlan[][] {
    const plans: SessionPlan[][] = this.#children.map(() => []);
    for (let id = 0; id < load.clients; id += 1) {
      plans[id % plans.length]!.push({ id, host: hosts[id % hosts.length]! });
    }
    return plans;
  }
}

async function ask(child: ChildProcess, message: ToClient): Promise<FromClient> {
  const reply = new Promise<FromClient>((resolve, reject) => {
    const onExit = () => reject(new Error('a client process ended before it answered'));
    child.once('exit', onExit);
    child.once('message', (answer) => {
      child.off('exit', onExit);
      resolve(answer as FromClient);
    });
  });
  child.send(message);
  const answer = await reply;
  if (answer.type === 'failed') throw new Error(`clients: ${answer.reason}`);
  return answer;
}

function difference(after: number | undefined, before: number | undefined): number | undefined {
  return after === undefined || before === undefined ? undefined : after - before;
}

function combine(results: readonly ClientResult[], cpuUs: number | undefined): LoadResult {
  const histogram = new LatencyHistogram();
  let acknowledged = 0;
  let errors = 0;
  let operationsPerSecond = 0;
  let clientCpuUs = 0;
  for (const result of results) {
    histogram.add(result.histogram);
    acknowledged += result.acknowledged;
    errors += result.errors;
    operationsPerSecond += result.acknowledged / (result.elapsedMs / 1000);
    clientCpuUs += result.cpuUs;
  }
  return {
    operationsPerSecond,
    p50Ms: histogram.percentileUs(0.5) / 1000,
    p99Ms: histogram.percentileUs(0.99) / 1000,
    maxMs: histogram.maxUs / 1000,
    errors,
    serverCpuUsPerOperation:
      cpuUs === undefined || acknowledged === 0 ? undefined : cpuUs / acknowledged,
    clientCpuUsPerOperation: acknowledged === 0 ? 0 : clientCpuUs / acknowledged,
  };
}
