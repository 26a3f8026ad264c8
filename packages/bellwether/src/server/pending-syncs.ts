import type { LogIndex, RequestId } from '@bellwether/raft';
import type { WaitingRequest } from './waiting-request.ts';

/** Every `sync` on its way: first to its read index, then until that is applied here. */
export class PendingSyncs {
  readonly #asked = new Map<RequestId, WaitingRequest>();
  #confirmed: WaitingRequest[] = [];

  /** Those of connections that are gone are among them until their read index comes. */
  get size(): number {
    return this.#asked.size + this.#confirmed.length;
  }

  push(request: WaitingRequest): void {
    this.#asked.set(request.readRequestId, request);
  }

  /** The answer to `readIndex`; undefined for one that was not asked here. */
  confirm(requestId: RequestId, index: LogIndex): WaitingRequest | undefined {
    const request = this.#asked.get(requestId);
    if (request === undefined) return undefined;
    this.#asked.delete(requestId);
    request.readIndex = index;
    return request;
  }

  waitForApply(request: WaitingRequest): void {
    this.#confirmed.push(request);
  }

  /** Takes out those whose read index is applied. */
  applied(index: LogIndex, onReady: (request: WaitingRequest) => void): void {
    if (this.#confirmed.length === 0) return;
    const confirmed = this.#confirmed;
    this.#confirmed = confirmed.filter((request) => request.readIndex > index);
    for (const request of confirmed) if (request.readIndex <= index) onReady(request);
  }
}
