import type { CommandContext, RestoreSink, StateMachine, Cluster } from 'bellwether';
import { CommandRejected, jsonCodec, jsonRestore, jsonSnapshot } from 'bellwether';

/** The newest run of a job. Slot n begins n times the job's interval after 1970. */
export interface Run {
  readonly slot: number;
  /** Of the leader that began it. */
  readonly term: number;
  readonly isDone: boolean;
}

export interface Command {
  readonly kind: 'begin' | 'done';
  readonly job: string;
  readonly slot: number;
}

export type ScheduleCluster = Cluster<Command, Run, string, Run | undefined>;

/**
 * What was begun, and what was done. A run that was begun and not done may be begun again: its leader is
 * gone, or stopped in the middle of it. A slot that is over is over.
 */
export class Schedule implements StateMachine<Command, Run, string, Run | undefined> {
  readonly codec = jsonCodec<Command>();
  #runs = new Map<string, Run>();

  apply({ kind, job, slot }: Command, { term }: CommandContext): Run {
    const newest = this.#runs.get(job);
    const reason = kind === 'begin' ? notBegun(newest, slot) : notDone(newest, slot, term);
    if (reason !== undefined) throw new CommandRejected(`${job}, slot ${slot}: ${reason}`);
    const run = { slot, term, isDone: kind === 'done' };
    this.#runs.set(job, run);
    return run;
  }

  /** The newest run of a job. */
  query(job: string): Run | undefined {
    return this.#runs.get(job);
  }

  snapshot(): Iterable<Uint8Array> {
    return jsonSnapshot([...this.#runs]);
  }

  restore(): RestoreSink {
    return jsonRestore<[string, Run][]>((runs) => (this.#runs = new Map(runs)));
  }
}

function notBegun(newest: Run | undefined, slot: number): string | undefined {
  if (newest === undefined || newest.slot < slot) return undefined;
  if (newest.slot > slot) return 'a later one was begun';
  return newest.isDone ? 'it is done' : undefined;
}

function notDone(newest: Run | undefined, slot: number, term: number): string | undefined {
  if (newest?.slot !== slot) return 'it was not begun';
  return newest.term === term ? undefined : 'another leader has begun it again';
}
