import type { RandomSource } from '../random.ts';

/** What may happen to messages on the way from one node to another. Times in ms. */
export interface LinkQuality {
  readonly latencyMsMin: number;
  readonly latencyMsMax: number;
  /** Probabilities per message, and only for messages whose loss is the core's business. */
  readonly loss: number;
  readonly duplication: number;
  readonly reordering: number;
  /** Probability, per message, that a bit of it is turned over. */
  readonly damage: number;
  /** Longest time by which a reordered or doubled message comes late. */
  readonly lateMsMax: number;
}

export const GOOD_LINK: LinkQuality = {
  latencyMsMin: 0.05,
  latencyMsMax: 0.4,
  loss: 0,
  duplication: 0,
  reordering: 0,
  damage: 0,
  lateMsMax: 0,
};

/** One direction between two nodes, shared by all connections that go that way. */
export class Link {
  readonly from: number;
  readonly to: number;
  readonly random: RandomSource;
  quality: LinkQuality = GOOD_LINK;
  #isCut = false;
  readonly #waiting = new Set<() => void>();

  constructor(from: number, to: number, random: RandomSource) {
    this.from = from;
    this.to = to;
    this.random = random;
  }

  /** Nothing gets through: what is sent waits at the sender's kernel. */
  get isCut(): boolean {
    return this.#isCut;
  }

  latencyMs(): number {
    return this.random.range(this.quality.latencyMsMin, this.quality.latencyMsMax);
  }

  cut(): void {
    this.#isCut = true;
  }

  heal(): void {
    if (!this.#isCut) return;
    this.#isCut = false;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const release of waiting) release();
  }

  /** Calls `release` once the link is healed. */
  onHealed(release: () => void): void {
    this.#waiting.add(release);
  }
}
