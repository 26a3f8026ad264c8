import { assert } from './assert.ts';
import { EventLog } from './event-log.ts';
import { EventQueue } from './event-queue.ts';
import type { RandomSource } from './random.ts';

const US_PER_MS = 1000;
/** A run has some ten thousand; one with so many goes round in circles. */
const EVENTS_MAX = 20_000_000;

/** Virtual time and everything that is going to happen in it. */
export class World {
  readonly random: RandomSource;
  readonly log: EventLog;
  readonly #queue = new EventQueue();
  #nowUs = 0;
  #order = 0;
  #events = 0;

  constructor(random: RandomSource, log = new EventLog()) {
    this.random = random;
    this.log = log;
  }

  /** Time since the beginning, in ms with fractions. */
  get nowMs(): number {
    return this.#nowUs / US_PER_MS;
  }

  /** Events that have happened. */
  get events(): number {
    return this.#events;
  }

  /** Plans `run` for `delayMs` from now, to the microsecond. */
  after(delayMs: number, run: () => void): void {
    assert(delayMs >= 0, 'nothing happens in the past');
    this.#order += 1;
    const atUs = this.#nowUs + Math.round(delayMs * US_PER_MS);
    this.#queue.push({ atUs, order: this.#order, run });
  }

  /** Plans `run` for now, behind what is already planned for now. */
  soon(run: () => void): void {
    this.after(0, run);
  }

  /** Lets the next event happen; false when none is planned. */
  step(): boolean {
    const event = this.#queue.pop();
    if (event === undefined) return false;
    assert(event.atUs >= this.#nowUs, 'time does not run backwards');
    this.#nowUs = event.atUs;
    this.#events += 1;
    assert(this.#events < EVENTS_MAX, 'a run comes to its end');
    event.run();
    return true;
  }

  /** Lets everything happen up to `untilMs`, or until `isDone` says so after an event. */
  run(untilMs: number, isDone: () => boolean = () => false): void {
    const untilUs = Math.round(untilMs * US_PER_MS);
    for (let next = this.#queue.peek(); next !== undefined; next = this.#queue.peek()) {
      if (next.atUs > untilUs) break;
      this.step();
      if (isDone()) return;
    }
    this.#nowUs = Math.max(this.#nowUs, untilUs);
  }

  /** Writes a line into the event log, with the time in front. */
  note(text: string): void {
    this.log.write(`${this.nowMs.toFixed(3)} ${text}`);
  }
}
