import type { NodeId } from '@bellwether/raft';

/** With fewer voters than this, nobody is removed for being dead: there would be none to spare. */
const VOTERS_LEFT_MIN = 3;

/**
 * The leader's view of voters that are gone for good, where the configuration says that such are
 * removed. Only one that leaves a whole cluster behind is: all others alive, and three of them at least,
 * so that the cluster survives as many further losses as before.
 */
export class DeadVoterWatch {
  readonly #deadAfterMs: number;
  readonly #missedSinceMs = new Map<NodeId, number>();

  /** @param deadAfterMs of silence after which a voter is dead; Infinity: never */
  constructor(deadAfterMs: number) {
    this.#deadAfterMs = deadAfterMs;
  }

  /** @returns the voter that is to be removed; undefined as a rule */
  check(
    voters: readonly NodeId[],
    isAlive: (id: NodeId) => boolean,
    nowMs: number,
  ): NodeId | undefined {
    if (this.#deadAfterMs === Infinity) return undefined;
    const missing = voters.filter((id) => !isAlive(id));
    for (const id of this.#missedSinceMs.keys()) {
      if (!missing.includes(id)) this.#missedSinceMs.delete(id);
    }
    for (const id of missing) if (!this.#missedSinceMs.has(id)) this.#missedSinceMs.set(id, nowMs);
    const [dead, ...others] = missing;
    if (dead === undefined || others.length > 0 || voters.length - 1 < VOTERS_LEFT_MIN) {
      return undefined;
    }
    const sinceMs = this.#missedSinceMs.get(dead) ?? nowMs;
    return nowMs - sinceMs >= this.#deadAfterMs ? dead : undefined;
  }

  /** What was seen as the leader of another term says nothing. */
  reset(): void {
    this.#missedSinceMs.clear();
  }
}
