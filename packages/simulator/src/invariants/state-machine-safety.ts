import type { LogIndex, NodeId } from '@bellwether/raft';
import { Violation } from './violation.ts';

/**
 * "If a server has applied a log entry at a given index to its state machine, no other server will ever
 * apply a different log entry for the same index" (Raft section 5.4.3), and each applies without a gap.
 */
export class StateMachineSafety {
  readonly #hashes: (number | undefined)[] = [];
  readonly #appliedIndexes = new Map<NodeId, LogIndex>();

  /** A node's process began: it has applied nothing. */
  onStarted(nodeId: NodeId): void {
    this.#appliedIndexes.set(nodeId, 0);
  }

  /** Its state is now that of a snapshot at `index`. */
  onRestored(nodeId: NodeId, index: LogIndex): void {
    this.#appliedIndexes.set(nodeId, index);
  }

  /** Returns whether this index is applied for the first time anywhere. */
  onApplied(nodeId: NodeId, index: LogIndex, hash: number): boolean {
    const before = this.#appliedIndexes.get(nodeId) ?? 0;
    if (index !== before + 1) {
      throw new Violation('stateMachineSafety', `node ${nodeId} applies ${index} after ${before}`);
    }
    this.#appliedIndexes.set(nodeId, index);
    const known = this.#hashes[index];
    if (known === undefined) {
      this.#hashes[index] = hash;
      return true;
    }
    if (known === hash) return false;
    const what = `node ${nodeId} applies at ${index} what another node did not`;
    throw new Violation('stateMachineSafety', what);
  }
}
