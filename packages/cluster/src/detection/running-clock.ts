import { DecayingPeak } from './decaying-peak.ts';
import { DETECTOR_LIMITS } from './limits.ts';

/**
 * Time during which this thread was running, as its ticks show it. Of a tick that comes late only the
 * first part counts: a node that was frozen, starved or asleep heard nothing because it did not listen,
 * and must not accuse others of silence.
 */
export class RunningClock {
  readonly #tickMs: number;
  readonly #stepMsMax: number;
  readonly #late = new DecayingPeak(DETECTOR_LIMITS.lateHalfLifeMs);
  #lastTickMs: number;
  #runningMs = 0;
  #meanLateMs = 0;

  /** `nowMs`: the machine's monotonic clock, here as in the methods. */
  constructor(tickMs: number, nowMs: number) {
    this.#tickMs = tickMs;
    this.#stepMsMax = tickMs * DETECTOR_LIMITS.ticksCountedMax;
    this.#lastTickMs = nowMs;
  }

  /** To be called with every tick, before anything is judged. */
  tick(nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - this.#lastTickMs);
    this.#lastTickMs = nowMs;
    this.#runningMs += Math.min(elapsedMs, this.#stepMsMax);
    const lateMs = Math.max(0, elapsedMs - this.#tickMs);
    const { lateMsMax, frozenMs } = DETECTOR_LIMITS;
    if (lateMs < frozenMs) this.#late.add(Math.min(lateMs, lateMsMax), this.#runningMs);
    const { lateMeanMs, lateCountedMs } = DETECTOR_LIMITS;
    const weight = Math.min(elapsedMs, lateCountedMs) / lateMeanMs;
    this.#meanLateMs += (Math.min(lateMs, lateCountedMs) - this.#meanLateMs) * weight;
  }

  /** Running time at `nowMs`, in ms since the start. */
  at(nowMs: number): number {
    const elapsedMs = Math.max(0, nowMs - this.#lastTickMs);
    return this.#runningMs + Math.min(elapsedMs, this.#stepMsMax);
  }

  /** How late ticks have come at worst lately. */
  get lateMsMax(): number {
    return this.#late.at(this.#runningMs);
  }

  /** How late ticks are on average, over the last seconds and weighted by time. */
  get lateMsMean(): number {
    return this.#meanLateMs;
  }
}
