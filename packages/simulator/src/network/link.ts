import type { RandomSource } from '../random.ts';
import type { LossyType } from './describe-message.ts';

/** What may happen to messages on the way from one node to another. Times in ms. */
export interface LinkQuality {
  readonly latencyMsMin: number;
  readonly latencyMsMax: number;
  /** Probabilities per message, and only for messages whose loss is the core's business. */
  readonly loss: number;
  /** None of this kind gets through. */
  readonly lost?: LossyType;
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
  readonly #nowMs: () => number;
  #quality: LinkQuality = GOOD_LINK;
  #isCut = false;
  #disturbedMs = -Infinity;
  readonly #waiting = new Set<() => void>();

  /** @param nowMs time of the world */
  constructor(from: number, to: number, random: RandomSource, nowMs: () => number = () => 0) {
    this.from = from;
    this.to = to;
    this.random = random;
    this.#nowMs = nowMs;
  }

  get quality(): LinkQuality {
    return this.#quality;
  }

  set quality(quality: LinkQuality) {
    this.disturb();
    this.#quality = quality;
  }

  /** When something was last wrong with it; Infinity: it is now. */
  get disturbedMs(): number {
    return this.#isCut || this.#quality !== GOOD_LINK ? Infinity : this.#disturbedMs;
  }

  /** Something is wrong with what goes over it at this moment. */
  disturb(): void {
    this.#disturbedMs = this.#nowMs();
  }

  /** Nothing gets through: what is sent waits at the sender's kernel. */
  get isCut(): boolean {
    return this.#isCut;
  }

  latencyMs(): number {
    return this.random.range(this.quality.latencyMsMin, this.quality.latencyMsMax);
  }

  cut(): void {
    this.disturb();
    this.#isCut = true;
  }

  heal(): void {
    if (!this.#isCut) return;
    this.disturb();
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
