import { setTimeout as sleep } from 'node:timers/promises';
import type { LeaderTerm } from 'bellwether';
import type { Command, Run, ScheduleCluster } from './schedule.ts';

/** One run of a job. */
export interface JobRun {
  readonly slot: number;
  /** To be handed to whatever the job changes, which refuses a lower one than it has seen. */
  readonly fencingToken: number;
  /** Aborts when this node may lead no longer: stop then. */
  readonly signal: AbortSignal;
}

/** Something to do again and again. */
export interface Job {
  readonly name: string;
  readonly everyMs: number;
  run(run: JobRun): Promise<void>;
}

/**
 * Runs the jobs on whichever node leads, each slot at least once: what an old leader has begun and not
 * finished is run again by the next one, with a higher token. Slots for which there was no leader are
 * left out. A job that throws is told of, and has its next turn.
 *
 * @returns resolves when `signal` aborts or the node stops
 */
export function runCron(
  cluster: ScheduleCluster,
  jobs: readonly Job[],
  options: { readonly signal?: AbortSignal; readonly onError?: (error: unknown) => void } = {},
): Promise<void> {
  const { signal, onError = console.error } = options;
  const lead = (term: LeaderTerm<Command, Run>): Promise<unknown> =>
    Promise.all(jobs.map((job) => runJob(cluster, job, term, onError)));
  return cluster.lead(lead, { ...(signal && { signal }) });
}

async function runJob(
  cluster: ScheduleCluster,
  job: Job,
  term: LeaderTerm<Command, Run>,
  onError: (error: unknown) => void,
): Promise<void> {
  const { name, everyMs } = job;
  const { signal, fencingToken } = term;
  const newest = await cluster.read(name, { signal });
  let slot = newest === undefined ? slotNow(everyMs) : newest.slot + (newest.isDone ? 1 : 0);
  for (;;) {
    await sleep(Math.max(0, slot * everyMs - Date.now()), undefined, { signal });
    try {
      await term.propose({ kind: 'begin', job: name, slot });
      await job.run({ slot, fencingToken, signal });
      await term.propose({ kind: 'done', job: name, slot });
    } catch (error) {
      if (signal.aborted) throw error;
      onError(error);
    }
    slot = Math.max(slot + 1, slotNow(everyMs));
  }
}

const slotNow = (everyMs: number): number => Math.floor(Date.now() / everyMs);
