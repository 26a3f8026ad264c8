import { readFileSync } from 'node:fs';
import { RunningClock } from '../../src/detection/running-clock.ts';
import type { SilenceBounds } from '../../src/detection/silence-detector.ts';
import { SilenceDetector } from '../../src/detection/silence-detector.ts';

const TICK_MS = 10;

interface TraceEvent {
  readonly atMs: number;
  readonly kind: 'B' | 'A' | 'T';
  readonly valueMs: number;
}

/** See traces/README.md. */
export function readTrace(name: 'idle' | 'load' | 'busy'): readonly TraceEvent[] {
  const text = readFileSync(new URL(`./traces/${name}.txt`, import.meta.url), 'utf8');
  let atMs = 0;
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [afterMs, kind, valueMs] = line.split(' ');
      atMs += Number(afterMs);
      return { atMs, kind: kind as TraceEvent['kind'], valueMs: Number(valueMs) };
    });
}

/** When the ticks came: in time, but for those that the trace says were late. */
function tickTimes(trace: readonly TraceEvent[]): number[] {
  const times: number[] = [];
  let atMs = 0;
  const inTimeUntil = (endMs: number): void => {
    for (atMs += TICK_MS; atMs <= endMs; atMs += TICK_MS) times.push(atMs);
    atMs = endMs;
  };
  for (const event of trace) {
    if (event.kind !== 'T') continue;
    inTimeUntil(event.atMs - event.valueMs);
    atMs = event.atMs;
    times.push(atMs);
  }
  inTimeUntil(trace.at(-1)?.atMs ?? 0);
  return times;
}

/** One follower's detector, fed from a trace with ticks, arrivals and the silences between them. */
export class Replay {
  readonly #detector: SilenceDetector;
  readonly #clock = new RunningClock(TICK_MS, 0);
  #ticks: number[] = [];
  #nowMs = 0;
  /** The bound at every beat. */
  readonly boundsMs: number[] = [];
  /** Silences that were longer than the bound. */
  suspicions = 0;

  constructor(bounds: SilenceBounds) {
    this.#detector = new SilenceDetector(bounds, 0);
  }

  run(trace: readonly TraceEvent[]): this {
    this.#ticks = tickTimes(trace).reverse();
    for (const event of trace) if (event.kind !== 'T') this.#arrival(event);
    return this;
  }

  get #boundMs(): number {
    return this.#detector.boundMs(this.#nowMs, this.#clock.lateMsMax);
  }

  #runningMs(atMs: number): number {
    for (let tick = this.#ticks.at(-1); tick !== undefined && tick <= atMs;) {
      this.#clock.tick(tick);
      this.#ticks.pop();
      tick = this.#ticks.at(-1);
    }
    this.#nowMs = this.#clock.at(atMs);
    return this.#nowMs;
  }

  #arrival({ atMs, kind, valueMs }: TraceEvent): void {
    this.#detector.onHeard(this.#runningMs(atMs - valueMs));
    const nowMs = this.#runningMs(atMs);
    if (this.#detector.judge(nowMs, this.#clock.lateMsMax) === 'silent') this.suspicions += 1;
    if (kind === 'B') this.#detector.onBeat(nowMs);
    else this.#detector.onHeard(nowMs);
    if (kind === 'B') this.boundsMs.push(this.#boundMs);
  }
}
