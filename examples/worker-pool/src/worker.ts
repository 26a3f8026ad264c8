import { setTimeout as sleep } from 'node:timers/promises';
import { isClusterError } from 'bellwether';
import type { PoolTiming } from './assigner.ts';
import type { PoolCluster, Shard } from './pool.ts';

/** Works on a shard until the signal aborts; the epoch is the token for whatever it changes. */
export type Work = (shard: number, epoch: number, signal: AbortSignal) => Promise<void>;

/**
 * No reason to give up: whether a beat or a release was heard, the next beat's answer tells. A release
 * is rejected when the leader has had this worker expire meanwhile.
 */
const PASSING = ['COMMAND_REJECTED', 'OUTCOME_UNKNOWN', 'OVERLOADED'] as const;

interface Task {
  readonly owned: Shard;
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

/**
 * Works on the shards that are its own. It says that it is alive again and again, and hears what it owns by
 * the answer; without an answer for `lifeMs` it stops all work, before the leader gives it to others.
 */
export class Worker {
  readonly #cluster: PoolCluster;
  readonly #name: string;
  readonly #timing: PoolTiming;
  readonly #work: Work;
  readonly #tasks = new Map<number, Task>();
  #deadline: NodeJS.Timeout | undefined;

  constructor(cluster: PoolCluster, name: string, timing: PoolTiming, work: Work) {
    this.#cluster = cluster;
    this.#name = name;
    this.#timing = timing;
    this.#work = work;
  }

  /** Resolves never; rejects when the node has stopped. */
  async run(): Promise<never> {
    for (;;) {
      try {
        await this.#beat();
      } catch (error) {
        if (!isClusterError(error, ...PASSING)) throw error;
      }
      await sleep(this.#timing.beatMs);
    }
  }

  async #beat(): Promise<void> {
    // A beat counts from the moment at which it was said: the leader counts from later.
    const saidMs = performance.now();
    const owned = await this.#cluster.propose({ kind: 'beat', worker: this.#name });
    this.#liveUntil(saidMs + this.#timing.lifeMs);
    await this.#follow(owned);
  }

  #liveUntil(untilMs: number): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#stopAll(), untilMs - performance.now());
  }

  #stopAll(): void {
    for (const { controller } of this.#tasks.values()) controller.abort();
    this.#tasks.clear();
  }

  async #follow(owned: readonly Shard[]): Promise<void> {
    for (const [shard, { owned: known, controller }] of this.#tasks) {
      if (owned.some((still) => still.shard === shard && still.epoch === known.epoch)) continue;
      controller.abort();
      this.#tasks.delete(shard);
    }
    for (const mine of owned) {
      if (mine.isRecalled) await this.#release(mine.shard);
      else if (!this.#tasks.has(mine.shard)) this.#begin(mine);
    }
  }

  /** Its next owner begins when this one has ended. */
  async #release(shard: number): Promise<void> {
    const task = this.#tasks.get(shard);
    task?.controller.abort();
    await task?.done;
    this.#tasks.delete(shard);
    await this.#cluster.propose({ kind: 'release', worker: this.#name, shard });
  }

  #begin(owned: Shard): void {
    const controller = new AbortController();
    const { signal } = controller;
    const done = this.#work(owned.shard, owned.epoch, signal).catch((error: unknown) => {
      if (!signal.aborted) console.error(`${this.#name}: shard ${owned.shard}: ${String(error)}`);
      // Taken up again with the next beat, unless it has been: a newer one is left alone.
      if (this.#tasks.get(owned.shard)?.controller === controller) this.#tasks.delete(owned.shard);
    });
    this.#tasks.set(owned.shard, { owned, controller, done });
  }
}
