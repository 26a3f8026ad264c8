import type { NodeId, Term } from '@bellwether/raft';
import { Violation } from './violation.ts';

/** "At most one leader can be elected in a given term" (Raft section 5.2), over all restarts. */
export class ElectionSafety {
  readonly #leaders = new Map<Term, NodeId>();

  /** Elections so far. */
  get elections(): number {
    return this.#leaders.size;
  }

  onLeader(nodeId: NodeId, term: Term): void {
    const other = this.#leaders.get(term);
    if (other === undefined) this.#leaders.set(term, nodeId);
    else if (other !== nodeId) {
      throw new Violation('electionSafety', `nodes ${other} and ${nodeId} both lead term ${term}`);
    }
  }

  /** A node takes `leaderId` for the leader of `term`: that one was elected then. */
  onFollows(nodeId: NodeId, term: Term, leaderId: NodeId): void {
    const leader = this.#leaders.get(term);
    if (leader === leaderId) return;
    const who = leader === undefined ? 'which nobody was elected in' : `which ${leader} leads`;
    throw new Violation('electionSafety', `${nodeId} follows ${leaderId} in term ${term}, ${who}`);
  }
}
