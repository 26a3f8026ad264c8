import type { NodeId, RaftNode, Term } from '@bellwether/raft';
import { NO_NODE } from '@bellwether/raft';
import { STALL_LIMITS } from '../detection/limits.ts';
import type { RunningClock } from '../detection/running-clock.ts';
import type { SilenceBounds } from '../detection/silence-detector.ts';
import { SilenceDetector } from '../detection/silence-detector.ts';
import { isFit, stallOf } from '../detection/stall.ts';
import type { PeerVitals, Vitals } from '../detection/vitals.ts';
import type { PeerMessage } from '../wire/peer-message.ts';
import type { SuspicionCause } from './leader-suspicion.ts';

interface Owner {
  readonly core: RaftNode;
  readonly vitals: Vitals;
  readonly time: RunningClock;
  vitalsOf(peer: NodeId): PeerVitals | undefined;
  /** The leader, or the lack of one, is reason to ask for an election. */
  onMissed(cause: SuspicionCause): void;
}

/**
 * A follower's eye on its leader: is it heard, and does it say that it can lead? Both are judged here;
 * what follows from it is LeaderSuspicion's business. Times in running time.
 */
export class LeaderWatch {
  readonly #owner: Owner;
  readonly #detector: SilenceDetector;
  #leaderId: NodeId = NO_NODE;
  #term: Term = 0;
  #sinceMs: number;

  constructor(owner: Owner, bounds: SilenceBounds, nowMs: number) {
    this.#owner = owner;
    this.#detector = new SilenceDetector(bounds, nowMs);
    this.#sinceMs = nowMs;
  }

  /** Since the leader was heard, in ms. */
  silenceMs(nowMs: number): number {
    return this.#detector.silenceMs(nowMs);
  }

  /** The silence after which it would be suspected, in ms. */
  boundMs(nowMs: number): number {
    return this.#detector.boundMs(nowMs, this.#owner.time.lateMsMax);
  }

  /** A message was taken by the core. */
  onMessage(message: PeerMessage, nowMs: number): void {
    const { leaderId } = this.#owner.core;
    if (message.from !== leaderId) return;
    this.#follow(nowMs);
    if (message.type === 'Vitals') this.#detector.onBeat(nowMs);
    else this.#detector.onHeard(nowMs);
  }

  /**
   * A peer asks for this node's vote: it misses the leader, or finds it stuck. If this node is in doubt
   * itself, it vouches for the leader no longer.
   */
  onAsked(nowMs: number): void {
    const { core } = this.#owner;
    if (core.leaderId === NO_NODE || core.role !== 'follower') return;
    const { lateMsMax } = this.#owner.time;
    const isDoubtful = this.#detector.judge(nowMs, lateMsMax) !== 'heard';
    if (isDoubtful || this.#isStuck(nowMs, STALL_LIMITS.doubtPatience)) core.doubtLeader();
  }

  /** All that had arrived by the last tick was read. */
  judge(nowMs: number): void {
    this.#follow(nowMs);
    const cause = this.#causeAt(nowMs);
    if (cause !== undefined) this.#owner.onMissed(cause);
  }

  #causeAt(nowMs: number): SuspicionCause | undefined {
    const { core, time } = this.#owner;
    if (core.role !== 'follower') return undefined;
    if (this.#detector.judge(nowMs, time.lateMsMax) === 'silent') return 'silence';
    if (core.leaderId === NO_NODE) return undefined;
    const isStuck = this.#isStuck(nowMs, STALL_LIMITS.replacePatience);
    return isStuck && isFit(this.#owner.vitals, 0) ? 'stall' : undefined;
  }

  /** The leader says that it is stuck, for `patience` times as long as it should have waited itself. */
  #isStuck(nowMs: number, patience: number): boolean {
    const received = this.#owner.vitalsOf(this.#leaderId);
    if (received === undefined || nowMs - this.#sinceMs < STALL_LIMITS.graceMs) return false;
    const { vitals, ageMs } = received;
    if (ageMs > STALL_LIMITS.vitalsMsMax) return false;
    const isLeading = vitals.role === 'leader' && vitals.term === this.#term;
    return isLeading && stallOf(vitals, patience) !== undefined;
  }

  /** A leader that is doubted and heard again is the same one; in a new term there may be none yet. */
  #follow(nowMs: number): void {
    const { leaderId, term } = this.#owner.core;
    const isSame = leaderId === this.#leaderId || leaderId === NO_NODE;
    if (isSame && term === this.#term) return;
    this.#leaderId = leaderId;
    this.#term = term;
    this.#sinceMs = nowMs;
    this.#detector.onLeader(nowMs);
  }
}
