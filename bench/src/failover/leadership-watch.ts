import { setTimeout as sleep } from 'node:timers/promises';
import { POLL_INTERVAL_MS } from '../limits.ts';
import type { Stage } from './faults.ts';

type Watched = Pick<Stage, 'system' | 'ensemble'>;

/**
 * Counts how often the leader changes: by who says that it leads, and, where the system counts its
 * terms, by those, so that a leader that is elected again counts too.
 */
export class LeadershipWatch {
  readonly #stage: Watched;
  readonly #termBefore: number;
  #leader: number | undefined;
  #seen = 0;
  #isStopping = false;
  readonly #running: Promise<void>;

  private constructor(stage: Watched, leader: number, term: number) {
    this.#stage = stage;
    this.#leader = leader;
    this.#termBefore = term;
    this.#running = this.#run();
  }

  static async start(stage: Watched): Promise<LeadershipWatch> {
    const leader = await stage.ensemble.findLeader();
    if (leader === undefined) throw new Error(`${stage.system.name} has no leader`);
    return new LeadershipWatch(stage, leader, await newestTerm(stage));
  }

  /** @returns how often it has changed */
  async stop(): Promise<number> {
    this.#isStopping = true;
    await this.#running;
    const terms = (await newestTerm(this.#stage)) - this.#termBefore;
    return Math.max(this.#seen, terms);
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const leader = await this.#stage.ensemble.findLeader();
      if (leader !== undefined && leader !== this.#leader) {
        this.#seen += 1;
        this.#leader = leader;
      }
      await sleep(POLL_INTERVAL_MS);
    }
  }
}

/** The newest term that any server knows of; 0 for a system that tells none. */
async function newestTerm({ system, ensemble }: Watched): Promise<number> {
  const { hosts } = ensemble;
  const { newestFailover } = system;
  if (newestFailover === undefined) return 0;
  const timelines = await Promise.all(hosts.map((host) => newestFailover(host)));
  return Math.max(...timelines.map((timeline) => timeline?.newTerm ?? 0));
}
