import type { Clock } from '@bellwether/cluster';
import type { RandomSource } from '../random.ts';
import type { SimulatedThread } from '../thread.ts';
import type { MachineClock } from './machine-clock.ts';

/** Longest time between an input and the work that it causes: other inputs may come in between. */
const TURN_MS_MAX = 0.1;

/** The clock and timers of one process' consensus thread. */
export class ProcessClock implements Clock {
  readonly #thread: SimulatedThread;
  readonly #machine: MachineClock;
  readonly #random: RandomSource;
  #soon: (() => void)[] = [];

  constructor(thread: SimulatedThread, machine: MachineClock, random: RandomSource) {
    this.#thread = thread;
    this.#machine = machine;
    this.#random = random;
  }

  nowMs(): number {
    return this.#machine.nowMs();
  }

  wallMs(): number {
    return this.#machine.wallMs();
  }

  after(delayMs: number, action: () => void): void {
    this.#thread.post(delayMs / this.#machine.rate, action);
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
