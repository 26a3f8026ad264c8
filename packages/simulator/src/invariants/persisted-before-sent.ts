import type { HardState, LogIndex, NodeId, Term } from '@bellwether/raft';
import { NO_NODE } from '@bellwether/raft';
import { Violation } from './violation.ts';

/** What a node has told others that it holds, for ever. */
interface Promises {
  /** Newest term in which it voted, and for whom. */
  voteTerm: Term;
  vote: NodeId;
  /** Newest term in which it acknowledged entries, and how far. */
  ackTerm: Term;
  ackIndex: LogIndex;
}

/** A log as it was found when a node started. */
export interface RecoveredLog {
  readonly hardState: HardState;
  readonly lastIndex: LogIndex;
}

/**
 * "Before responding to RPCs" a server updates its stable storage (Raft figure 2): a vote or an
 * acknowledgement leaves a node only when its disk holds it. Judged twice: by what the log says is
 * durable when the message leaves, and by what is really there after the next restart.
 */
export class PersistedBeforeSent {
  readonly #promises = new Map<NodeId, Promises>();

  /** A vote leaves `nodeId`, also its own when it begins to lead. */
  onVote(nodeId: NodeId, term: Term, candidate: NodeId): void {
    const promises = this.#of(nodeId);
    if (promises.voteTerm === term && promises.vote !== candidate) {
      const both = `${promises.vote} and ${candidate}`;
      this.#fail(nodeId, `votes for ${both} in term ${term}`);
    }
    if (term < promises.voteTerm) return;
    promises.voteTerm = term;
    promises.vote = candidate;
  }

  /** The same vote: what the disk of `nodeId` holds as it leaves. */
  onVoteLeaving(nodeId: NodeId, term: Term, candidate: NodeId, durable: HardState): void {
    if (durable.term > term || (durable.term === term && durable.vote === candidate)) return;
    const held = `for ${durable.vote} in term ${durable.term}`;
    this.#fail(nodeId, `votes for ${candidate} in term ${term} with a vote ${held} durable`);
  }

  /**
   * An acknowledgement of everything up to `index` leaves `nodeId`. One that a later term has
   * overtaken may speak of entries that have been replaced since.
   */
  onAcknowledged(
    nodeId: NodeId,
    term: Term,
    index: LogIndex,
    now: { readonly term: Term; readonly persistedIndex: LogIndex },
  ): void {
    if (term < now.term) return;
    if (index > now.persistedIndex) {
      this.#fail(nodeId, `acknowledges ${index} with ${now.persistedIndex} durable`);
    }
    const promises = this.#of(nodeId);
    if (term > promises.ackTerm) promises.ackIndex = index;
    promises.ackTerm = Math.max(term, promises.ackTerm);
    promises.ackIndex = Math.max(index, promises.ackIndex);
  }

  /** How the node's log is now: what it acknowledged in this term has to be in it. */
  onLog(nodeId: NodeId, term: Term, lastIndex: LogIndex): void {
    const { ackTerm, ackIndex } = this.#of(nodeId);
    if (term === ackTerm && lastIndex < ackIndex) {
      this.#fail(
        nodeId,
        `has dropped entries behind ${lastIndex}, after it acknowledged ${ackIndex}`,
      );
    }
  }

  /** The node starts again with what its disk holds. */
  onRecovered(nodeId: NodeId, { hardState, lastIndex }: RecoveredLog): void {
    const { voteTerm, vote, ackTerm, ackIndex } = this.#of(nodeId);
    const { term } = hardState;
    const newest = Math.max(voteTerm, ackTerm);
    if (term < newest) this.#fail(nodeId, `is back in term ${term}, after a promise in ${newest}`);
    if (vote !== NO_NODE && term === voteTerm && hardState.vote !== vote) {
      this.#fail(nodeId, `forgot its vote for ${vote} in term ${term}: ${hardState.vote}`);
    }
    // A later leader may have replaced what an earlier one was promised.
    if (term === ackTerm && lastIndex < ackIndex) {
      this.#fail(nodeId, `has ${lastIndex} on disk, after it acknowledged ${ackIndex}`);
    }
  }

  #of(nodeId: NodeId): Promises {
    const known = this.#promises.get(nodeId);
    if (known !== undefined) return known;
    const promises = { voteTerm: 0, vote: NO_NODE, ackTerm: 0, ackIndex: 0 };
    this.#promises.set(nodeId, promises);
    return promises;
  }

  #fail(nodeId: NodeId, what: string): never {
    throw new Violation('persistedBeforeSent', `node ${nodeId} ${what}`);
  }
}
