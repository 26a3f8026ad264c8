import type { LogIndex, NodeId, RequestId } from '@bellwether/raft';
import { Violation } from './violation.ts';

/**
 * A read index is no older than anything that was committed anywhere before it was asked for
 * (dissertation 6.4): what a client saw acknowledged it also sees in a later read.
 */
export class LinearizableReads {
  readonly #asked = new Map<RequestId, LogIndex>();
  readonly #nodeId: NodeId;

  /** For one run of a node. */
  constructor(nodeId: NodeId) {
    this.#nodeId = nodeId;
  }

  /** `committedIndex`: the newest entry that is committed anywhere at this moment. */
  onAsked(requestId: RequestId, committedIndex: LogIndex): void {
    this.#asked.set(requestId, committedIndex);
  }

  onAnswered(requestId: RequestId, index: LogIndex): void {
    const committedIndex = this.#asked.get(requestId);
    this.#asked.delete(requestId);
    const what = `node ${this.#nodeId}'s read ${requestId} is answered with ${index}`;
    if (committedIndex === undefined) {
      throw new Violation('linearizableReads', `${what}, and nobody waits for it`);
    }
    if (index < committedIndex) {
      const than = `although ${committedIndex} was committed before it was asked`;
      throw new Violation('linearizableReads', `${what}, ${than}`);
    }
  }
}
