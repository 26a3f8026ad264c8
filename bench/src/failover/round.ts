import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientProcesses } from '../client-processes.ts';
import type { Ensemble } from '../ensemble.ts';
import { FAILOVER_MS_MAX, POLL_INTERVAL_MS, QUIET_AFTER_MS, SETTLE_MS } from '../limits.ts';
import type { Load } from '../loads.ts';
import type { Fault, Stage } from './faults.ts';
import type { Timeline } from './timeline.ts';
import { Writer } from './writer.ts';

/** What one loss of the leader looked like from outside. */
export interface RoundResult {
  /** Longest time between two acknowledged writes through a surviving server, in ms. */
  readonly gapMs: number;
  /** From the fault to the beginning of that gap, in ms; below 0: it was under way already. */
  readonly gapBeganMs: number;
  /** The longest of those that overlap what the server recorded of the change. */
  readonly changeGapMs: number | undefined;
  readonly acknowledged: number;
  /** Operations that failed, the load's among them. */
  readonly failed: number;
  readonly failures: readonly string[];
  readonly doubled: number;
  readonly lost: number;
  /** What the server that was written through says about it, where it says anything. */
  readonly timeline: Timeline | undefined;
}

/** Other clients of the surviving servers, so that the leader has something to do. */
export interface Background {
  readonly clients: ClientProcesses;
  readonly load: Load;
}

/** Writes through a survivor, strikes the leader, and looks at what the writer saw. */
export async function runRound(
  stage: Stage,
  fault: Fault,
  number: number,
  background: Background | undefined,
): Promise<RoundResult> {
  const { system, ensemble } = stage;
  await ensemble.waitUntilReady();
  const leader = await ensemble.findLeader();
  if (leader === undefined) throw new Error(`${system.name} has no leader`);
  const survivors = ensemble.hosts.filter((_host, position) => position !== leader);
  const name = `bellwether-failover-${fault.name}-${number}`;
  const survivor = survivors[number % survivors.length]!;
  const register = system.openRegister(survivor, name);
  const writer = new Writer(register);
  await writer.start();
  const loading = startLoad(background, survivors, fault.settleMs);
  await sleep(fault.settleMs);
  const struckMs = performance.now();
  const repair = await fault.strike({ ...stage, leader });
  await waitUntilOver(ensemble, writer, fault.isHarmless ? undefined : leader, struckMs);
  const gap = writer.longestGap(struckMs);
  const timeline = fault.isHarmless ? undefined : await system.newestFailover?.(survivor);
  const loadErrors = await loading;
  await writer.stop();
  await repair();
  await ensemble.waitUntilReady();
  await checkEverywhere(stage, name, writer);
  ensemble.assertRunning();
  return {
    gapMs: gap.ms,
    gapBeganMs: gap.beganMs - struckMs,
    changeGapMs: timeline === undefined ? undefined : gapAtChange(writer, timeline),
    acknowledged: writer.acknowledged,
    failed: writer.failures.length + loadErrors,
    failures: writer.failures,
    doubled: writer.doubled,
    lost: writer.lost,
    timeline,
  };
}

/** Servers and this process read the same clock, to the millisecond. */
function gapAtChange(writer: Writer, { beganAtMs, totalMs }: Timeline): number {
  const beganMs = beganAtMs - performance.timeOrigin;
  return writer.longestGap(beganMs - 1, beganMs + totalMs + 1).ms;
}

async function startLoad(
  background: Background | undefined,
  hosts: readonly string[],
  settleMs: number,
): Promise<number> {
  if (background === undefined) return 0;
  const seconds = (settleMs + SETTLE_MS + QUIET_AFTER_MS) / 1000;
  const result = await background.clients.run(background.load, { hosts, pids: [] }, seconds);
  return result.errors;
}

/** Until another leads, writes are acknowledged again, and some time has passed with nothing new. */
async function waitUntilOver(
  ensemble: Ensemble,
  writer: Writer,
  formerLeader: number | undefined,
  struckMs: number,
): Promise<void> {
  await sleep(QUIET_AFTER_MS);
  while (performance.now() - struckMs < FAILOVER_MS_MAX) {
    const nowMs = performance.now();
    const leader = await ensemble.findLeader();
    if (leader !== undefined && leader !== formerLeader) {
      await sleep(POLL_INTERVAL_MS);
      if (writer.hasAcknowledgedSince(nowMs)) return;
    }
    await sleep(POLL_INTERVAL_MS);
  }
  throw new Error(`no other leader served within ${FAILOVER_MS_MAX / 1000} s`);
}

/** Holds what each server says against what the writer was told. */
export async function checkEverywhere(
  { system, ensemble }: Pick<Stage, 'system' | 'ensemble'>,
  name: string,
  writer: Writer,
): Promise<void> {
  for (const host of ensemble.hosts) {
    const register = system.openRegister(host, name);
    await register.open();
    writer.check(await register.read());
    register.close();
  }
}
