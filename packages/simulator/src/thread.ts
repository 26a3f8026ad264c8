import { assert } from './assert.ts';
import type { World } from './world.ts';

/**
 * One thread of a simulated process: runs what is posted to it, one at a time. While it is paused,
 * everything that falls due waits, in order, and then happens at once.
 */
export class SimulatedThread {
  readonly #world: World;
  readonly #afterEach: () => void;
  readonly #onThrow: (error: unknown) => void;
  readonly #backlog: (() => void)[] = [];
  #isPaused = false;
  #disturbedMs = -Infinity;
  #isDead = false;

  /**
   * @param afterEach is called after everything that ran: invariants are checked there
   * @param onThrow of what nobody caught; throws it on unless it is expected
   */
  constructor(
    world: World,
    afterEach: () => void,
    onThrow: (error: unknown) => void = (error) => {
      throw error;
    },
  ) {
    this.#world = world;
    this.#afterEach = afterEach;
    this.#onThrow = onThrow;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** When it was last paused; Infinity: it is now. */
  get disturbedMs(): number {
    return this.#isPaused ? Infinity : this.#disturbedMs;
  }

  /** Runs `work` after `delayMs`, unless the thread is dead by then. */
  post(delayMs: number, work: () => void): void {
    if (this.#isDead) return;
    this.#world.after(delayMs, () => this.run(work));
  }

  /** Runs `work` now, or as soon as the thread is not paused any more. */
  run(work: () => void): void {
    if (this.#isDead) return;
    if (this.#isPaused || this.#backlog.length > 0) this.#backlog.push(work);
    else this.#execute(work);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#disturbedMs = this.#world.nowMs;
    this.#world.soon(() => this.#drain());
  }

  /** Nothing runs here any more. */
  kill(): void {
    this.#isDead = true;
    this.#backlog.length = 0;
  }

  #drain(): void {
    if (this.#isDead || this.#isPaused) return;
    const work = this.#backlog.shift();
    if (work === undefined) return;
    if (this.#backlog.length > 0) this.#world.soon(() => this.#drain());
    this.#execute(work);
  }

  #execute(work: () => void): void {
    assert(!this.#isDead, 'a dead thread runs nothing');
    try {
      work();
      this.#afterEach();
    } catch (error) {
      this.#onThrow(error);
    }
  }
}

/** The way from one thread to another: in order, each message after a random delay. */
export class ThreadHop {
  readonly #world: World;
  readonly #to: SimulatedThread;
  readonly #delayMs: () => number;
  #newestMs = 0;

  constructor(world: World, to: SimulatedThread, delayMs: () => number) {
    this.#world = world;
    this.#to = to;
    this.#delayMs = delayMs;
  }

  post(work: () => void): void {
    this.#newestMs = Math.max(this.#newestMs, this.#world.nowMs + this.#delayMs());
    this.#to.post(this.#newestMs - this.#world.nowMs, work);
  }
}
