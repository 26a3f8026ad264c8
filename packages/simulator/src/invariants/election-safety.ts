import type { NodeId, Term } from '@bellwether/raft';
import type { ProcessId } from '../node/observer.ts';
import { Violation } from './violation.ts';

/**
 * "At most one leader can be elected in a given term" (Raft section 5.2), or appointed to it. A node that was restarted
 * is another: it does not know what it has done in that term.
 */
export class ElectionSafety {
  readonly #leaders = new Map<Term, ProcessId>();

  /** Terms that were led so far. */
  get elections(): number {
    return this.#leaders.size;
  }

  onLeader(process: ProcessId, term: Term): void {
    const other = this.#leaders.get(term);
    if (other === undefined) this.#leaders.set(term, process);
    else if (other.nodeId !== process.nodeId) {
      const both = `nodes ${other.nodeId} and ${process.nodeId}`;
      throw new Violation('electionSafety', `${both} both lead term ${term}`);
    } else if (other.incarnation !== process.incarnation) {
      const who = `node ${process.nodeId}`;
      throw new Violation('electionSafety', `${who} leads term ${term} again after a restart`);
    }
  }

  /** A node takes `leaderId` for the leader of `term`: that one leads it, or has. */
  onFollows(nodeId: NodeId, term: Term, leaderId: NodeId): void {
    const leader = this.#leaders.get(term)?.nodeId;
    if (leader === leaderId) return;
    const who = leader === undefined ? 'which nobody leads' : `which ${leader} leads`;
    throw new Violation('electionSafety', `${nodeId} follows ${leaderId} in term ${term}, ${who}`);
  }
}
