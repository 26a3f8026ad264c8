import { ClusterError } from '../errors.ts';
import type { EmbeddingLimits } from '../options.ts';
import { forgotten, type Forget, type Waiter } from './waiter.ts';

export type ProposalLimits = Pick<EmbeddingLimits, 'proposalsMax' | 'proposalBytesMax'>;

/** Proposes bytes; returns their sequence. */
export interface Proposer {
  readonly pendingBytes: number;
  propose(bytes: Uint8Array): number;
}

/** Room is there again below this part of a limit: not one by one. */
const ROOM_SHARE = 0.5;

/** Those who wait for what they proposed, by sequence, and how many they may be. */
export class Proposals<Result> {
  readonly #limits: ProposalLimits;
  readonly #waiting = new Map<number, Waiter<Result>>();
  readonly #forRoom = new Set<Waiter<void>>();

  constructor(limits: ProposalLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#waiting.size;
  }

  /** Rejects with OVERLOADED where there is no room, and with PROPOSAL_TOO_LARGE. */
  add(proposer: Proposer, bytes: Uint8Array, waiter: Waiter<Result>): Forget {
    if (!this.#hasRoom(proposer, 1)) {
      waiter.reject(this.#overloaded(proposer));
      return forgotten;
    }
    const sequence = proposer.propose(bytes);
    this.#waiting.set(sequence, waiter);
    return () => {
      this.#waiting.delete(sequence);
      this.#tellOfRoomSoon(proposer);
    };
  }

  take(sequence: number): Waiter<Result> | undefined {
    const waiter = this.#waiting.get(sequence);
    this.#waiting.delete(sequence);
    return waiter;
  }

  /** Rejects all up to `sequence`. */
  giveUp(proposer: Proposer, sequenceMax: number, error: Error): void {
    this.#reject(sequenceMax, error);
    this.#tellOfRoomSoon(proposer);
  }

  /** Resolves as soon as there is room for many. */
  addForRoom(proposer: Proposer, waiter: Waiter<void>): Forget {
    if (this.#hasRoom(proposer, ROOM_SHARE)) {
      waiter.resolve();
      return forgotten;
    }
    this.#forRoom.add(waiter);
    return () => this.#forRoom.delete(waiter);
  }

  /** Commands have come back. */
  onSettled(proposer: Proposer): void {
    this.#tellOfRoomSoon(proposer);
  }

  rejectAll(error: Error, ofRoom: Error): void {
    this.#reject(Infinity, error);
    for (const waiter of this.#forRoom) waiter.reject(ofRoom);
    this.#forRoom.clear();
  }

  #reject(sequenceMax: number, error: Error): void {
    for (const [sequence, waiter] of this.#waiting) {
      if (sequence > sequenceMax) return;
      this.#waiting.delete(sequence);
      waiter.reject(error);
    }
  }

  /** The bytes of commands that have come back count until this turn of the event loop is over. */
  #tellOfRoomSoon(proposer: Proposer): void {
    if (this.#forRoom.size > 0) queueMicrotask(() => this.#tellOfRoom(proposer));
  }

  #tellOfRoom(proposer: Proposer): void {
    if (!this.#hasRoom(proposer, ROOM_SHARE)) return;
    for (const waiter of this.#forRoom) waiter.resolve();
    this.#forRoom.clear();
  }

  #hasRoom({ pendingBytes }: Proposer, share: number): boolean {
    const { proposalsMax, proposalBytesMax } = this.#limits;
    return this.#waiting.size < proposalsMax * share && pendingBytes < proposalBytesMax * share;
  }

  #overloaded({ pendingBytes }: Proposer): ClusterError {
    const { proposalsMax, proposalBytesMax } = this.#limits;
    return new ClusterError(
      'OVERLOADED',
      `${this.#waiting.size} commands of ${pendingBytes} bytes are under way, at most ${proposalsMax} ` +
        `and ${proposalBytesMax} may be: await what was proposed, or untilRoom()`,
    );
  }
}
