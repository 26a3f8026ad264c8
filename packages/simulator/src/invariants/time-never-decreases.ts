import type { LogIndex } from '@bellwether/raft';
import { Violation } from './violation.ts';

/** The time that leaders stamp on commands never decreases along the log. */
export class TimeNeverDecreases {
  #timeMs = 0;
  #index: LogIndex = 0;

  /** A command is applied somewhere for the first time; called in the order of the log. */
  onCommitted(index: LogIndex, timeMs: number): void {
    if (timeMs < this.#timeMs) {
      const what = `${timeMs} at index ${index}, after ${this.#timeMs} at ${this.#index}`;
      throw new Violation('timeNeverDecreases', what);
    }
    this.#timeMs = timeMs;
    this.#index = index;
  }
}
