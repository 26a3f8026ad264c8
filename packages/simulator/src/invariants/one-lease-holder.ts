import type { NodeId, Term } from '@bellwether/raft';
import { Violation } from './violation.ts';

/** While one node may answer reads without asking anybody, no other may (Raft dissertation, 6.4.1). */
export class OneLeaseHolder {
  readonly #holders = new Map<NodeId, Term>();

  onState(nodeId: NodeId, term: Term, holdsLease: boolean): void {
    if (!holdsLease) {
      this.#holders.delete(nodeId);
      return;
    }
    this.#holders.set(nodeId, term);
    if (this.#holders.size === 1) return;
    const who = [...this.#holders].map(([id, led]) => `node ${id} of term ${led}`).join(' and ');
    throw new Violation('oneLeaseHolder', `${who} hold a lease at the same time`);
  }

  onEnded(nodeId: NodeId): void {
    this.#holders.delete(nodeId);
  }
}
