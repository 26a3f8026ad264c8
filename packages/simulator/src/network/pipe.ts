import type { World } from '../world.ts';
import type { Link } from './link.ts';

/** Longest time until a kernel sends again what a healed link had swallowed. */
const RETRANSMISSION_MS_MAX = 200;

/**
 * One direction of one connection: everything arrives in the order in which it was sent. While the
 * link is cut it waits at the sender, as the kernel's buffer does, and comes late.
 */
export class Pipe {
  readonly link: Link;
  readonly #world: World;
  #held: (() => void)[] = [];
  #newestMs = 0;

  constructor(world: World, link: Link) {
    this.#world = world;
    this.link = link;
  }

  /** Calls `deliver` at the other side's kernel. */
  send(deliver: () => void): void {
    if (!this.link.isCut && this.#held.length === 0) return this.#transmit(deliver);
    this.#held.push(deliver);
    if (this.#held.length === 1) this.#waitForLink();
  }

  #waitForLink(): void {
    this.link.onHealed(() => {
      const delayMs = this.link.random.range(0, RETRANSMISSION_MS_MAX);
      this.#world.after(delayMs, () => this.#release());
    });
  }

  #release(): void {
    if (this.link.isCut) return this.#waitForLink();
    const held = this.#held;
    this.#held = [];
    for (const deliver of held) this.#transmit(deliver);
  }

  #transmit(deliver: () => void): void {
    const { nowMs } = this.#world;
    this.#newestMs = Math.max(this.#newestMs, nowMs + this.link.latencyMs());
    this.#world.after(this.#newestMs - nowMs, deliver);
  }
}
