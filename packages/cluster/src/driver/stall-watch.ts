import type { NodeId, RaftNode, Term } from '@bellwether/raft';
import { NO_NODE } from '@bellwether/raft';
import { STALL_LIMITS } from '../detection/limits.ts';
import type { Stall } from '../detection/stall.ts';
import { isFit, stallOf } from '../detection/stall.ts';
import type { PeerVitals, Vitals } from '../detection/vitals.ts';

interface Owner {
  readonly id: NodeId;
  readonly core: RaftNode;
  readonly vitals: Vitals;
  vitalsOf(peer: NodeId): PeerVitals | undefined;
  /** This node leads, can't go on for that reason, and hands its leadership over. */
  onHandOver(target: NodeId, stall: Stall): void;
}

/**
 * A node's eye on itself. A leader that is stuck hands over to the best of the voters that are not; a
 * node that is stuck does not campaign while there is such a voter. When all are stuck alike, nothing
 * changes: a change of leader would help nobody. Times in running time.
 */
export class StallWatch {
  readonly #owner: Owner;
  #isHeldBack = false;
  #isLeaving = false;
  /** Of which this node is leader, and since when. */
  #term: Term = 0;
  #sinceMs = 0;
  #nextHandOverMs = 0;
  /** When a leader was known last. */
  #ledMs = 0;

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  /** All that had arrived by the last tick was read. */
  judge(nowMs: number): void {
    const { core, vitals } = this.#owner;
    this.#noteTerm(nowMs);
    if (this.#isLeaving) return;
    const stall = stallOf(vitals);
    const isLeaderless = this.#isLongWithoutLeader(nowMs);
    if (stall === undefined) return this.#recover(isLeaderless || isFit(vitals, 0));
    const fit = this.#fitVoters();
    this.#hold(fit.length > 0 && !isLeaderless);
    if (core.role === 'leader') this.#handOver(fit, stall, nowMs);
  }

  /** This node ends soon: it leads no more, if anybody else can, and does not campaign any more. */
  leave(): void {
    this.#isLeaving = true;
    this.#hold(true);
    if (this.#owner.core.role !== 'leader') return;
    const target = this.#mostUpToDate(this.#fitVoters());
    if (target !== undefined) this.#owner.onHandOver(target, 'service');
  }

  #isLongWithoutLeader(nowMs: number): boolean {
    if (this.#owner.core.leaderId !== NO_NODE) this.#ledMs = nowMs;
    return nowMs - this.#ledMs >= STALL_LIMITS.heldBackMsMax;
  }

  /** Held back until clearly well again, so that it does not go back and forth. */
  #recover(mayStand: boolean): void {
    if (mayStand) this.#hold(false);
  }

  #hold(isWanted: boolean): void {
    if (isWanted === this.#isHeldBack) return;
    this.#isHeldBack = isWanted;
    if (isWanted) this.#owner.core.holdBack();
    else this.#owner.core.standAgain();
  }

  #handOver(fit: readonly NodeId[], stall: Stall, nowMs: number): void {
    if (nowMs - this.#sinceMs < STALL_LIMITS.graceMs || nowMs < this.#nextHandOverMs) return;
    const target = this.#mostUpToDate(fit);
    if (target === undefined) return;
    this.#nextHandOverMs = nowMs + STALL_LIMITS.handOverRetryMs;
    this.#owner.onHandOver(target, stall);
  }

  /** Other voters that say they are well. */
  #fitVoters(): readonly NodeId[] {
    const { id, core } = this.#owner;
    return core.membership.voters.filter((peer) => {
      const received = peer === id ? undefined : this.#owner.vitalsOf(peer);
      return received !== undefined && isFit(received.vitals, received.ageMs);
    });
  }

  #mostUpToDate(fit: readonly NodeId[]): NodeId | undefined {
    const { progress } = this.#owner.core.status();
    const inReach = progress.filter(
      ({ nodeId, state, recentlyActive }) =>
        fit.includes(nodeId) && state === 'replicate' && recentlyActive,
    );
    const [first, ...others] = inReach;
    return others.reduce((best, one) => (one.match > (best?.match ?? 0) ? one : best), first)
      ?.nodeId;
  }

  #noteTerm(nowMs: number): void {
    const { core } = this.#owner;
    if (core.role !== 'leader' || core.term === this.#term) return;
    this.#term = core.term;
    this.#sinceMs = nowMs;
  }
}
