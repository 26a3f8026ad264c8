import type { LogIndex, NodeId, Term } from '@bellwether/raft';
import { Violation } from './violation.ts';

interface Seen {
  readonly prevTerm: Term;
  readonly hash: number;
  readonly nodeId: NodeId;
}

/**
 * "If two logs contain an entry with the same index and term, then the logs are identical in all
 * entries up through the given index" (Raft section 5.3): by induction, since equal entries must have
 * equal content and predecessors of the same term. Entries that were overwritten count too.
 */
export class LogMatching {
  readonly #seen: (Map<Term, Seen> | undefined)[] = [];

  /** A node's log holds an entry; `prevTerm` is undefined when the one before is not there. */
  onEntry(
    nodeId: NodeId,
    entry: {
      readonly index: LogIndex;
      readonly term: Term;
      readonly prevTerm: Term | undefined;
      readonly hash: number;
    },
  ): void {
    const { index, term, prevTerm, hash } = entry;
    const terms = (this.#seen[index] ??= new Map());
    const seen = terms.get(term);
    if (seen === undefined) {
      if (prevTerm !== undefined) terms.set(term, { prevTerm, hash, nodeId });
      return;
    }
    const where = `entry ${term}/${index} of node ${nodeId} and of node ${seen.nodeId}`;
    if (seen.hash !== hash) throw new Violation('logMatching', `${where} differ`);
    if (prevTerm !== undefined && prevTerm !== seen.prevTerm) {
      const terms2 = `${prevTerm} and ${seen.prevTerm}`;
      throw new Violation('logMatching', `${where} follow entries of terms ${terms2}`);
    }
  }
}
