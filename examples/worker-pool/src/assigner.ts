import { setTimeout as sleep } from 'node:timers/promises';
import { isClusterError, type LeaderTerm } from 'bellwether';
import type { Command, PoolCluster, PoolState, Result } from './pool.ts';

export interface PoolTiming {
  /** Between two beats of a worker, and two looks of the leader. */
  readonly beatMs: number;
  /** A worker that has not been heard of for so long loses its shards, and knows that itself. */
  readonly lifeMs: number;
}

/** What the leader does: has workers that are silent expire, and every shard owned, evenly. */
export async function assignShards(
  cluster: PoolCluster,
  shardCount: number,
  { beatMs, lifeMs }: PoolTiming,
  term: LeaderTerm<Command, Result>,
): Promise<void> {
  // By this node's clock: when it saw a beat first. A new leader gives everybody a whole life.
  const seen = new Map<string, { readonly beat: number; readonly atMs: number }>();
  for (;;) {
    const state = await cluster.read(undefined, { signal: term.signal });
    const nowMs = performance.now();
    for (const [worker, beat] of state.workers) {
      if (seen.get(worker)?.beat !== beat) seen.set(worker, { beat, atMs: nowMs });
      const silentMs = nowMs - (seen.get(worker)?.atMs ?? nowMs);
      if (silentMs > lifeMs) await tell(term, { kind: 'expire', worker, beat });
    }
    for (const command of nextSteps(state, shardCount)) await tell(term, command);
    await sleep(beatMs, undefined, { signal: term.signal });
  }
}

/** What is decided in the meantime makes some decisions pointless: they are made anew at the next look. */
async function tell(term: LeaderTerm<Command, Result>, command: Command): Promise<void> {
  try {
    await term.propose(command);
  } catch (error) {
    if (!isClusterError(error, 'COMMAND_REJECTED')) throw error;
  }
}

/** Shards without an owner go to whoever has least; who has too many gives one back. */
export function nextSteps({ workers, shards }: PoolState, shardCount: number): Command[] {
  const loads = new Map(workers.map(([worker]) => [worker, 0]));
  for (const { worker } of shards) loads.set(worker, (loads.get(worker) ?? 0) + 1);
  const byLoad = (): [string, number][] => [...loads].sort(([, a], [, b]) => a - b);
  const owned = new Set(shards.map(({ shard }) => shard));
  const steps: Command[] = [];
  for (let shard = 0; shard < shardCount; shard++) {
    const [least] = byLoad();
    if (owned.has(shard) || least === undefined) continue;
    steps.push({ kind: 'assign', worker: least[0], shard });
    loads.set(least[0], least[1] + 1);
  }
  const [least] = byLoad();
  const most = byLoad().at(-1);
  const isUneven = least !== undefined && most !== undefined && most[1] - least[1] > 1;
  const isUnderWay = shards.some(({ isRecalled }) => isRecalled);
  const spare = shards.find(({ worker }) => worker === most?.[0]);
  if (isUneven && !isUnderWay && spare !== undefined) {
    steps.push({ kind: 'recall', worker: spare.worker, shard: spare.shard });
  }
  return steps;
}
