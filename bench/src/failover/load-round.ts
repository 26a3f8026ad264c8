import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { ClientProcesses } from '../client-processes.ts';
import { LOADS } from '../loads.ts';
import type { Stage } from './faults.ts';
import { LeadershipWatch } from './leadership-watch.ts';
import { checkEverywhere } from './round.ts';
import { Writer } from './writer.ts';

/** What happened under full load, in which nothing should happen. */
export interface LoadRoundResult {
  readonly minutes: number;
  readonly operationsPerSecond: number;
  readonly leaderChanges: number;
  /** Longest time between two acknowledged writes of a client that writes beside the load, in ms. */
  readonly gapMs: number;
  readonly failed: number;
  readonly doubled: number;
  readonly lost: number;
}

const CLIENT_PROCESSES = 2;
const BESIDE = 'bellwether-beside-load';
/** A process that takes all that the scheduler gives it. */
const SPIN = 'for (;;);';

/** 30 clients that write as fast as they can, and one more process that wants a core for itself. */
export async function runLoadRound(stage: Stage, minutes: number): Promise<LoadRoundResult> {
  const { system, ensemble } = stage;
  await ensemble.waitUntilReady();
  const load = LOADS.find(({ name }) => name === 'set-30x50')!;
  const clients = new ClientProcesses(CLIENT_PROCESSES);
  const spinner = spawn(process.execPath, ['-e', SPIN], { stdio: 'ignore' });
  const endSpinner = (): void => void spinner.kill('SIGKILL');
  process.on('exit', endSpinner);
  const writer = new Writer(system.openRegister(ensemble.hosts[0]!, BESIDE));
  try {
    await writer.start();
    const watch = await LeadershipWatch.start(stage);
    const startedMs = performance.now();
    const target = { hosts: ensemble.hosts, pids: ensemble.pids };
    const { operationsPerSecond, errors } = await clients.run(load, target, minutes * 60);
    const leaderChanges = await watch.stop();
    const gapMs = writer.longestGap(startedMs).ms;
    await writer.stop();
    ensemble.assertRunning();
    await checkEverywhere(stage, BESIDE, writer);
    const { doubled, lost } = writer;
    const failed = errors + writer.failures.length;
    return { minutes, operationsPerSecond, leaderChanges, gapMs, failed, doubled, lost };
  } finally {
    endSpinner();
    process.off('exit', endSpinner);
    await clients.stop();
  }
}
