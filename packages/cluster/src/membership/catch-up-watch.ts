import type { LogIndex, NodeId, ProgressStatus } from '@bellwether/raft';
import { LIMITS } from '../limits.ts';

/**
 * The leader's view of who keeps up: whoever has, check after check, everything that was committed at
 * the check before.
 */
export class CatchUpWatch {
  readonly #checksInStep = new Map<NodeId, number>();
  #committedBefore: LogIndex = 0;

  /** Looks at everybody; called every `LIMITS.membershipCheckTicks`. */
  check(progress: readonly ProgressStatus[], commitIndex: LogIndex): void {
    const gone = new Set(this.#checksInStep.keys());
    for (const { nodeId, match, recentlyActive } of progress) {
      const isInStep = recentlyActive && match >= this.#committedBefore;
      this.#checksInStep.set(nodeId, isInStep ? (this.#checksInStep.get(nodeId) ?? 0) + 1 : 0);
      gone.delete(nodeId);
    }
    for (const nodeId of gone) this.#checksInStep.delete(nodeId);
    this.#committedBefore = commitIndex;
  }

  /** Whether it has kept up for the whole stabilisation period. */
  hasKeptUp(nodeId: NodeId): boolean {
    return (this.#checksInStep.get(nodeId) ?? 0) >= LIMITS.promotionChecks;
  }

  /** What was seen as the leader of another term says nothing. */
  reset(): void {
    this.#checksInStep.clear();
    this.#committedBefore = 0;
  }
}
