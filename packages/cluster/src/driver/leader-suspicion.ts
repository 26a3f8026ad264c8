import type { NodeId, RaftNode, Random, Role, Term } from '@bellwether/raft';
import { NO_NODE } from '@bellwether/raft';
import { LIMITS } from '../limits.ts';

/** Why a leader is suspected. */
export type SuspicionCause = 'connection closed' | 'silence' | 'stall';

interface Owner {
  readonly core: RaftNode;
  /** The leader is suspected from now on. */
  onDoubted(leaderId: NodeId, cause: SuspicionCause): void;
  /** There is work for the core's owner. */
  onSuspected(): void;
}

/** Of a node without a leader. A voter has voted for another, who may be elected any moment. */
type Phase = Exclude<Role, 'leader'> | 'voter';

/** How long, in ticks, each may go on before a campaign is begun anew. */
const PATIENCE_TICKS: Readonly<Record<Phase, number>> = {
  follower: LIMITS.suspicionRetryTicks.follower,
  voter: LIMITS.suspicionRetryTicks.candidate,
  preCandidate: LIMITS.suspicionRetryTicks.preCandidate,
  candidate: LIMITS.suspicionRetryTicks.candidate,
};

/**
 * What follows from the signals of a failure: the leader's kernel closed its connection, or it is silent
 * for too long, or it says itself that it is stuck. Whoever sees one vouches for the leader no longer, at
 * once, so that it stands in nobody's way; it campaigns itself after a short random delay, so that two
 * rarely do together; and it goes on until a leader is known. Going on matters: the first to ask may be
 * refused, by a peer whose own connection closes a moment later or whose log is longer, and would
 * otherwise sit out an election time-out.
 */
export class LeaderSuspicion {
  readonly #owner: Owner;
  readonly #random: Random;
  readonly #after: (delayMs: number, action: () => void) => void;
  #isActive = false;
  /** The term whose leader is missed. */
  #missedTerm: Term = 0;
  /** Of the phase and term in which this node was seen last. */
  #ticksLeft = 0;
  #phase: Phase = 'follower';
  /** Counts what makes a planned campaign void. */
  #plan = 0;
  #term: Term = 0;

  constructor(owner: Owner, random: Random, after: (delayMs: number, action: () => void) => void) {
    this.#owner = owner;
    this.#random = random;
    this.#after = after;
  }

  onDisconnected(peer: NodeId): void {
    if (peer === this.#owner.core.leaderId) this.onMissed('connection closed');
  }

  /** The leader does not do what a leader should, or there is none. No-op on the leader itself. */
  onMissed(cause: SuspicionCause): void {
    const { core } = this.#owner;
    const { leaderId } = core;
    if (core.role === 'leader' || (this.#isActive && leaderId === NO_NODE)) return;
    if (leaderId !== NO_NODE) this.#owner.onDoubted(leaderId, cause);
    core.doubtLeader();
    this.#isActive = true;
    this.#missedTerm = core.term;
    this.#wait();
    const plan = (this.#plan += 1);
    this.#after(this.#random() * LIMITS.suspicionJitterMs, () => {
      if (plan === this.#plan) this.#suspect();
    });
  }

  /** This node would vote for a peer that asked: it lets that one try first. */
  onGranted(): void {
    if (!this.#isActive || this.#owner.core.role !== 'follower') return;
    this.#plan += 1;
    this.#ticksLeft = Math.ceil(PATIENCE_TICKS.preCandidate * (1 + this.#random()));
  }

  tick(): void {
    if (!this.#isActive) return;
    const { core } = this.#owner;
    if (core.role === 'leader' || core.leaderId !== NO_NODE) this.#isActive = false;
    else if (this.#phaseNow() !== this.#phase || core.term !== this.#term) this.#wait();
    else if (--this.#ticksLeft <= 0) this.#suspect();
  }

  #suspect(): void {
    const { core } = this.#owner;
    if (core.leaderId !== NO_NODE) this.#isActive = false;
    if (!this.#isActive) return;
    core.suspectLeader();
    this.#owner.onSuspected();
    this.#wait();
  }

  #wait(): void {
    this.#phase = this.#phaseNow();
    this.#term = this.#owner.core.term;
    this.#ticksLeft = Math.ceil(PATIENCE_TICKS[this.#phase] * (1 + this.#random()));
  }

  #phaseNow(): Phase {
    const { role, term, vote } = this.#owner.core;
    if (role !== 'follower' && role !== 'leader') return role;
    return term > this.#missedTerm && vote !== NO_NODE ? 'voter' : 'follower';
  }
}
