import type { LogIndex, NodeId, Term } from '@bellwether/raft';
import { Violation } from './violation.ts';

/**
 * "Only log entries from the leader's current term are committed by counting replicas" (Raft section
 * 5.4.2): whenever a leader's commit index rises, it rises to an entry of its own term. What it breaks
 * (figure 8) takes a rare sequence of crashes; that it is broken shows at once.
 */
export class CommitOfOwnTerm {
  readonly #nodeId: NodeId;
  #ledTerm: Term = 0;
  #commitIndex: LogIndex = 0;

  constructor(nodeId: NodeId) {
    this.#nodeId = nodeId;
  }

  /** The node leads `term`; `termAt` tells the terms of its log. */
  onLeader(term: Term, commitIndex: LogIndex, termAt: (index: LogIndex) => Term): void {
    const isNews = this.#ledTerm === term && commitIndex > this.#commitIndex;
    this.#ledTerm = term;
    this.#commitIndex = commitIndex;
    if (!isNews || termAt(commitIndex) === term) return;
    const what = `commits ${commitIndex}, an entry of term ${termAt(commitIndex)}`;
    throw new Violation('commitOfOwnTerm', `node ${this.#nodeId}, leader of term ${term}, ${what}`);
  }
}
