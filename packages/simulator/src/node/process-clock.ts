import type { Clock } from '@bellwether/cluster';
import type { RandomSource } from '../random.ts';
import type { SimulatedThread } from '../thread.ts';
import type { World } from '../world.ts';

/** Wall clocks start here, ms since 1970. */
const EPOCH_MS = 1_700_000_000_000;
/** Longest time between an input and the work that it causes: other inputs may come in between. */
const TURN_MS_MAX = 0.1;

/** A machine's clocks: how fast they run, and how far the wall clock is off. */
export interface ClockErrors {
  /** 1: as fast as real time. */
  rate: number;
  wallOffsetMs: number;
}

/** The clock and timers of one process' consensus thread. */
export class ProcessClock implements Clock {
  readonly #world: World;
  readonly #thread: SimulatedThread;
  readonly #errors: ClockErrors;
  readonly #random: RandomSource;
  #soon: (() => void)[] = [];

  constructor(
    world: World,
    thread: SimulatedThread,
    errors: Readonly<ClockErrors>,
    random: RandomSource,
  ) {
    this.#world = world;
    this.#thread = thread;
    this.#errors = errors;
    this.#random = random;
  }

  nowMs(): number {
    return this.#world.nowMs;
  }

  wallMs(): number {
    const { rate, wallOffsetMs } = this.#errors;
    return Math.floor(EPOCH_MS + this.#world.nowMs * rate + wallOffsetMs);
  }

  after(delayMs: number, action: () => void): void {
    this.#thread.post(delayMs / this.#errors.rate, action);
  }

  /** As an event loop does it: all that was asked for runs in the next turn, what it asks for later. */
  soon(action: () => void): void {
    this.#soon.push(action);
    if (this.#soon.length > 1) return;
    this.#thread.post(this.#random.range(0, TURN_MS_MAX), () => {
      const actions = this.#soon;
      this.#soon = [];
      for (const run of actions) run();
    });
  }
}
