import type { HostPort } from '../connect-string.ts';
import { FAILURE_KEPT_MS } from '../limits.ts';
import type { Runtime } from '../runtime.ts';

/** Round trips up to this are all near. */
const NEAR_MS = 2;
const MEASURE_WEIGHT = 0.3;

interface Known {
  readonly target: HostPort;
  /** Attempts that failed since the last one that succeeded. */
  failures: number;
  failedMs: number;
  /** Smoothed round trip; undefined before the first. */
  roundTripMs: number | undefined;
}

/**
 * The servers, in the order in which they are tried: by chance, so that clients spread; but those
 * that failed lately after the others, and those that are several times further away, or slower to
 * answer, after the near ones.
 */
export class HostList {
  readonly #known: readonly Known[];
  readonly #runtime: Pick<Runtime, 'random' | 'nowMs'>;
  #round: Known[] = [];

  constructor(hosts: readonly HostPort[], runtime: Pick<Runtime, 'random' | 'nowMs'>) {
    const unknown = { failures: 0, failedMs: 0, roundTripMs: undefined };
    this.#known = hosts.map((target) => ({ target, ...unknown }));
    this.#runtime = runtime;
  }

  /** Whether all have been tried since the round began. */
  get isRoundOver(): boolean {
    return this.#round.length === 0;
  }

  /** Begins again with all of them; `last` is tried last. */
  beginRound(last?: HostPort): void {
    const order = this.#known.map((known) => ({ known, chance: this.#runtime.random() }));
    const rank = ({ known }: (typeof order)[number]): number =>
      (known.target === last ? 1_000 : 0) + this.#recentFailures(known) * 20 + distance(known);
    order.sort((a, b) => rank(a) - rank(b) || a.chance - b.chance);
    this.#round = order.map(({ known }) => known);
  }

  /** The next to try; begins a round where none is under way. */
  next(): HostPort {
    if (this.isRoundOver) this.beginRound();
    return this.#round.shift()!.target;
  }

  /** It took the session. */
  onServing(target: HostPort): void {
    this.#find(target).failures = 0;
    this.#round = [];
  }

  /** So long took a question and its answer, however often that is measured. */
  onRoundTrip(target: HostPort, roundTripMs: number): void {
    const known = this.#find(target);
    const before = known.roundTripMs ?? roundTripMs;
    known.roundTripMs = before + (roundTripMs - before) * MEASURE_WEIGHT;
  }

  onFailed(target: HostPort): void {
    const known = this.#find(target);
    known.failures = this.#recentFailures(known) + 1;
    known.failedMs = this.#runtime.nowMs();
  }

  /** One that failed long ago is as good as any other. */
  #recentFailures({ failures, failedMs }: Known): number {
    return this.#runtime.nowMs() - failedMs > FAILURE_KEPT_MS ? 0 : Math.min(failures, 3);
  }

  #find(target: HostPort): Known {
    return this.#known.find((known) => known.target === target)!;
  }
}

/** 0 for what is near or not measured; one more for each factor of four. */
function distance({ roundTripMs = 0 }: Known): number {
  return roundTripMs <= NEAR_MS ? 0 : Math.ceil(Math.log2(roundTripMs / NEAR_MS) / 2);
}
