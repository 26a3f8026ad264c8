import type { LogIndex, RaftNode, ReadState, RequestId } from '@bellwether/raft';
import { NO_NODE } from '@bellwether/raft';
import { LIMITS } from '../limits.ts';

/**
 * Read indexes that were asked for and not answered. The core drops a request when it knows no
 * leader or when a message is lost, so they are asked for again: an answer to a repeated question is
 * as good as one to the first, since it is a later index.
 */
export class PendingReads {
  readonly #core: RaftNode;
  readonly #onIndex: (requestId: RequestId, index: LogIndex) => void;
  readonly #waiting = new Set<RequestId>();
  #ticksToRetry = 0;

  constructor(core: RaftNode, onIndex: (requestId: RequestId, index: LogIndex) => void) {
    this.#core = core;
    this.#onIndex = onIndex;
  }

  add(requestId: RequestId): void {
    this.#waiting.add(requestId);
    if (this.#waiting.size === 1) this.#ticksToRetry = LIMITS.readIndexRetryTicks;
    this.#core.readIndex(requestId);
  }

  onReadState(state: ReadState): void {
    if (this.#waiting.delete(state.requestId)) this.#onIndex(state.requestId, state.index);
  }

  onLeaderChanged(): void {
    if (this.#core.leaderId !== NO_NODE) this.#retry();
  }

  tick(): void {
    if (this.#waiting.size === 0 || --this.#ticksToRetry > 0) return;
    this.#retry();
  }

  #retry(): void {
    this.#ticksToRetry = LIMITS.readIndexRetryTicks;
    for (const requestId of this.#waiting) this.#core.readIndex(requestId);
  }
}
