import { READS_PENDING_MAX } from './limits.ts';
import type { LogIndex, NodeId, ReadBasis, RequestId } from './types.ts';

/** Somebody waits for a read index: this node itself, or a follower through it. */
export interface PendingRead {
  readonly requestId: RequestId;
  readonly from: NodeId;
  readonly basis: ReadBasis;
}

/** A heartbeat round whose quorum of answers is still awaited. */
export interface Round {
  readonly number: number;
  /** Leader's tick when it was sent: where the lease that it wins begins. */
  readonly tick: number;
  /** The commit index when it was sent. */
  readonly readIndex: LogIndex;
  readonly reads: readonly PendingRead[];
}

/**
 * The leader's reads and heartbeat rounds (dissertation 6.4). A read waits for a round that starts after
 * it arrived. Invariant: round numbers ascend, and are never used twice in the life of a process.
 */
export class ReadQueue {
  #waiting: PendingRead[] = [];
  #rounds: Round[] = [];
  #lastRound = 0;
  #readsInRounds = 0;

  /** Number of the newest round. */
  get lastRound(): number {
    return this.#lastRound;
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** A round with reads is on its way. Reads that come meanwhile share the next one. */
  get hasReadsInRound(): boolean {
    return this.#readsInRounds > 0;
  }

  /** The read waits for a round. Dropped when too many wait already. */
  add(read: PendingRead): void {
    if (this.#waiting.length + this.#readsInRounds < READS_PENDING_MAX) this.#waiting.push(read);
  }

  /** A round starts at `tick` and, once reads may be served, takes all that wait with it. */
  startRound(tick: number, readIndex: LogIndex, take: 'reads' | 'noReads'): number {
    const reads = take === 'reads' ? this.#waiting : [];
    if (take === 'reads') this.#waiting = [];
    this.#readsInRounds += reads.length;
    this.#lastRound += 1;
    this.#rounds.push({ number: this.#lastRound, tick, readIndex, reads });
    return this.#lastRound;
  }

  /** A quorum answered round `number`, and thereby all before it. Returns those, oldest first. */
  confirm(number: number): readonly Round[] {
    const open = this.#rounds.findIndex((round) => round.number > number);
    const confirmed = this.#rounds.splice(0, open === -1 ? this.#rounds.length : open);
    for (const round of confirmed) this.#readsInRounds -= round.reads.length;
    return confirmed;
  }

  /** Whoever asked asks again, at the next leader. */
  clear(): void {
    this.#waiting = [];
    this.#rounds = [];
    this.#readsInRounds = 0;
  }
}
