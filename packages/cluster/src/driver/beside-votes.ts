import { NO_NODE } from '@bellwether/raft';
import type { LogIndex, NodeId, Term } from '@bellwether/raft';
import { BATCH_ITEM_HEADER_BYTES, commandOrigin } from '../command.ts';
import { LIMITS } from '../limits.ts';

/** Commands that were sent for a term, by somebody who has seen the log up to `seenIndex`. */
export interface Sending {
  readonly term: Term;
  readonly seenIndex: LogIndex;
  readonly batch: Uint8Array;
}

/** Who sent it: the origin of its first command. NO_NODE of a batch that holds none. */
export function originOf({ batch }: Sending): NodeId {
  if (batch.length <= BATCH_ITEM_HEADER_BYTES) return NO_NODE;
  return commandOrigin(batch, BATCH_ITEM_HEADER_BYTES);
}

/**
 * What came along with votes for this node, until it is elected. Behind something that does not fit nothing is kept:
 * commands are taken in their order, and they come again when the term is open.
 */
export class BesideVotes {
  #sendings: Sending[] = [];
  #cutShort = new Set<NodeId>();
  #bytes = 0;
  #term: Term = 0;

  /** What was kept for another term is given up. */
  keep(sending: Sending): void {
    if (this.#term !== sending.term) this.take();
    this.#term = sending.term;
    this.#bytes += sending.batch.length;
    if (this.#bytes <= LIMITS.besideVotesBytesMax) this.#sendings.push(sending);
    else this.#cutShort.add(originOf(sending));
  }

  /** In the order in which they came, and those of whom something found no room; nothing is kept any longer. */
  take(): { readonly sendings: readonly Sending[]; readonly cutShort: ReadonlySet<NodeId> } {
    const taken = { sendings: this.#sendings, cutShort: this.#cutShort };
    this.#sendings = [];
    this.#cutShort = new Set();
    this.#bytes = 0;
    return taken;
  }
}
