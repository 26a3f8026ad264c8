import type { LogIndex, Term } from '@bellwether/raft';
import { Violation } from './violation.ts';

/** Within one run of a node neither its term nor its commit index ever falls. */
export class MonotonicTermAndCommit {
  readonly #nodeId: number;
  #term: Term = 0;
  #commitIndex: LogIndex = 0;

  constructor(nodeId: number) {
    this.#nodeId = nodeId;
  }

  observe(term: Term, commitIndex: LogIndex): void {
    if (term < this.#term) this.#fail(`term fell from ${this.#term} to ${term}`);
    if (commitIndex < this.#commitIndex) {
      this.#fail(`commit index fell from ${this.#commitIndex} to ${commitIndex}`);
    }
    this.#term = term;
    this.#commitIndex = commitIndex;
  }

  #fail(what: string): never {
    throw new Violation('monotonicTermAndCommit', `node ${this.#nodeId}'s ${what}`);
  }
}
