import type { LogIndex, RaftNode, ReadBasis, ReadState, RequestId } from '@bellwether/raft';
import { NO_NODE } from '@bellwether/raft';
import { LIMITS } from '../limits.ts';

/** Incarnations are below 2^32, so that numbers stay exact. */
const REQUESTS_PER_INCARNATION = 2 ** 20;

/** What the service asked for. */
export interface WantedRead {
  readonly requestId: RequestId;
  readonly basis: ReadBasis;
}

/**
 * Read indexes that were asked for and not answered. The core drops a request when it knows no
 * leader or when a message is lost, so they are asked for again: an answer to a repeated question is
 * as good as one to the first, since it is a later index.
 *
 * To the peers a request goes under a number that no earlier run of this node is likely to have used:
 * an answer that was on its way when the node stopped is older than the questions of the next run.
 */
export class PendingReads {
  readonly #core: RaftNode;
  readonly #onIndex: (requestId: RequestId, index: LogIndex) => void;
  /** Behind each number that was given to the core. */
  readonly #waiting = new Map<RequestId, WantedRead>();
  #number: RequestId;
  #ticksToRetry = 0;

  constructor(
    core: RaftNode,
    incarnation: number,
    onIndex: (requestId: RequestId, index: LogIndex) => void,
  ) {
    this.#core = core;
    this.#number = incarnation * REQUESTS_PER_INCARNATION;
    this.#onIndex = onIndex;
  }

  add({ requestId, basis }: WantedRead): void {
    this.#number += 1;
    this.#waiting.set(this.#number, { requestId, basis });
    if (this.#waiting.size === 1) this.#ticksToRetry = LIMITS.readIndexRetryTicks;
    this.#core.readIndex(this.#number, basis);
  }

  onReadState(state: ReadState): void {
    const wanted = this.#waiting.get(state.requestId);
    if (wanted === undefined) return;
    this.#waiting.delete(state.requestId);
    this.#onIndex(wanted.requestId, state.index);
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
    for (const [number, { basis }] of this.#waiting) this.#core.readIndex(number, basis);
  }
}
