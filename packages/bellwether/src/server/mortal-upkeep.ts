import type { Consensus, Leadership } from '@bellwether/cluster';
import { encodeDeleteMortal, type Coordinator, type MortalScan } from '@bellwether/coordination';
import { JuteWriter } from '@bellwether/protocol';
import { SERVER_LIMITS } from './limits.ts';

/**
 * Removes containers that have lost their last child, and TTL nodes whose time is over
 * (ContainerManager). The leader looks for them from time to time, a slice in each tick, and
 * proposes; what it proposes is judged again where it is applied.
 */
export class MortalUpkeep {
  readonly #coordinator: Coordinator;
  readonly #nowMs: () => number;
  readonly #wallMs: () => number;
  readonly #intervalMs: number;
  readonly #neverUsedMsMax: number;
  readonly #command = new JuteWriter();
  #isLeading = false;
  #startedMs: number;
  #scan: MortalScan | undefined;

  constructor(
    coordinator: Coordinator,
    options: {
      /** Monotonic. */
      readonly nowMs: () => number;
      /** Since 1970, as the entries have it. */
      readonly wallMs: () => number;
      readonly intervalMs: number;
      /** A container that never had children goes after so long; 0: never. */
      readonly neverUsedMsMax: number;
    },
  ) {
    this.#coordinator = coordinator;
    this.#nowMs = options.nowMs;
    this.#wallMs = options.wallMs;
    this.#intervalMs = options.intervalMs;
    this.#neverUsedMsMax = options.neverUsedMsMax;
    this.#startedMs = options.nowMs();
  }

  onLeadership(leadership: Leadership): void {
    this.#isLeading = leadership.role === 'leader' && leadership.isServing;
    this.#scan = undefined;
  }

  /** The state is another one. */
  onRestore(): void {
    this.#scan = undefined;
  }

  /** One slice, if it is time for one. */
  tick(consensus: Consensus): void {
    if (!this.#isLeading) return;
    const nowMs = this.#nowMs();
    if (this.#scan === undefined) {
      if (nowMs - this.#startedMs < this.#intervalMs) return;
      this.#startedMs = nowMs;
      this.#scan = this.#coordinator.scanMortals();
    }
    const { mortalsPerTick } = SERVER_LIMITS;
    for (const path of this.#scan.next(mortalsPerTick, this.#wallMs(), this.#neverUsedMsMax)) {
      this.#command.reset();
      encodeDeleteMortal(this.#command, path, this.#neverUsedMsMax);
      consensus.propose(this.#command.view());
    }
    if (this.#scan.isDone) this.#scan = undefined;
  }
}
