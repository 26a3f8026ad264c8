import type { LogIndex, Term } from '@bellwether/raft';
import { LIMITS } from '../limits.ts';

/** Commands that were sent for a term, by somebody who has seen the log up to `seenIndex`. */
export interface Sending {
  readonly term: Term;
  readonly seenIndex: LogIndex;
  readonly batch: Uint8Array;
}

/**
 * What came along with votes for this node, until it is elected. Behind something that does not fit nothing is kept:
 * commands are taken in their order, and they come again when the term is open.
 */
export class BesideVotes {
  #sendings: Sending[] = [];
  #bytes = 0;
  #term: Term = 0;

  /** What was kept for another term is given up. */
  keep(sending: Sending): void {
    if (this.#term !== sending.term) this.take();
    this.#term = sending.term;
    this.#bytes += sending.batch.length;
    if (this.#bytes <= LIMITS.besideVotesBytesMax) this.#sendings.push(sending);
  }

  /** In the order in which they came; they are no longer kept. */
  take(): readonly Sending[] {
    const taken = this.#sendings;
    this.#sendings = [];
    this.#bytes = 0;
    return taken;
  }
}
