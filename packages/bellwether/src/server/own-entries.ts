import { Ring } from './ring.ts';
import type { WaitingRequest } from './waiting-request.ts';

/**
 * What was proposed through this node for a connection and is not applied yet, in the order of its
 * sequences, which is the order in which it comes back.
 */
export class OwnEntries {
  readonly #ring = new Ring<WaitingRequest>();

  get size(): number {
    return this.#ring.size;
  }

  push(request: WaitingRequest): void {
    this.#ring.push(request);
  }

  /**
   * Who waits for the entry, which is being applied; undefined when nobody does, as for an expiry.
   * `onLost` is told of those before it: their entries came in a snapshot, so nobody knows how
   * they ended.
   */
  take(sequence: number, onLost: (request: WaitingRequest) => void): WaitingRequest | undefined {
    for (;;) {
      const first = this.#ring.first();
      if (first === undefined || first.sequence > sequence) return undefined;
      this.#ring.shift();
      if (first.sequence === sequence) return first;
      onLost(first);
    }
  }
}
