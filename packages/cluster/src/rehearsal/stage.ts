import type { Clock } from '../clock.ts';

interface Timer {
  readonly dueMs: number;
  readonly action: () => void;
}

/** Time and order of a rehearsal: time passes only when it is told to, and nothing happens beside it. */
export class Stage {
  #nowMs = 0;
  #actions: (() => void)[] = [];
  #timers: Timer[] = [];
  readonly later = (action: () => void): void => void this.#actions.push(action);
  readonly clock: Clock = {
    nowMs: () => this.#nowMs,
    wallMs: () => this.#nowMs,
    after: (delayMs, action) => void this.#timers.push({ dueMs: this.#nowMs + delayMs, action }),
    soon: this.later,
  };

  /** Does what is to be done now, and what follows from that. */
  run(): void {
    while (this.#actions.length > 0) {
      const actions = this.#actions;
      this.#actions = [];
      for (const action of actions) action();
    }
  }

  /** Lets time pass, and does what is due by then. */
  pass(ms: number): void {
    this.#nowMs += ms;
    const due = this.#timers.filter(({ dueMs }) => dueMs <= this.#nowMs);
    this.#timers = this.#timers.filter(({ dueMs }) => dueMs > this.#nowMs);
    for (const { action } of due) action();
    this.run();
  }
}
