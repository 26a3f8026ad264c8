import type { HostPort } from '../connect-string.ts';

/** Round trips up to this are all near. */
const NEAR_MS = 2;
const MEASURE_WEIGHT = 0.3;

interface Known {
  readonly target: HostPort;
  /** Attempts that failed since the last one that succeeded. */
  failures: number;
  /** Smoothed time to open a connection; undefined before the first. */
  roundTripMs: number | undefined;
}

/**
 * The servers, in the order in which they are tried: by chance, so that clients spread; but those
 * that failed lately after the others, and those that are several times further away after the near
 * ones.
 */
export class HostList {
  readonly #known: readonly Known[];
  readonly #random: () => number;
  #round: Known[] = [];

  constructor(hosts: readonly HostPort[], random: () => number) {
    this.#known = hosts.map((target) => ({ target, failures: 0, roundTripMs: undefined }));
    this.#random = random;
  }

  get count(): number {
    return this.#known.length;
  }

  /** Whether all have been tried since the round began. */
  get isRoundOver(): boolean {
    return this.#round.length === 0;
  }

  /** Begins again with all of them; `last` is tried last. */
  beginRound(last?: HostPort): void {
    const order = this.#known.map((known) => ({ known, chance: this.#random() }));
    const rank = ({ known }: (typeof order)[number]): number =>
      (known.target === last ? 1_000 : 0) + Math.min(known.failures, 3) * 20 + distance(known);
    order.sort((a, b) => rank(a) - rank(b) || a.chance - b.chance);
    this.#round = order.map(({ known }) => known);
  }

  /** The next to try; begins a round where none is under way. */
  next(): HostPort {
    if (this.isRoundOver) this.beginRound();
    return this.#round.shift()!.target;
  }

  onServing(target: HostPort, roundTripMs: number): void {
    const known = this.#find(target);
    const before = known.roundTripMs ?? roundTripMs;
    known.failures = 0;
    known.roundTripMs = before + (roundTripMs - before) * MEASURE_WEIGHT;
    this.#round = [];
  }

  onFailed(target: HostPort): void {
    this.#find(target).failures++;
  }

  #find(target: HostPort): Known {
    return this.#known.find((known) => known.target === target)!;
  }
}

/** 0 for what is near or not measured; one more for each factor of four. */
function distance({ roundTripMs = 0 }: Known): number {
  return roundTripMs <= NEAR_MS ? 0 : Math.ceil(Math.log2(roundTripMs / NEAR_MS) / 2);
}
