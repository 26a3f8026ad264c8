import type { NodeId, RaftNode, Random, Role, Term } from '@bellwether/raft';
import { NO_NODE } from '@bellwether/raft';
import { LIMITS } from '../limits.ts';
import type { Transport } from '../transport/transport.ts';
import type { PeerMessage } from '../wire/peer-message.ts';

/** Why a leader is suspected. */
export type SuspicionCause = 'connection closed' | 'silence' | 'stall';

interface Owner {
  readonly core: RaftNode;
  readonly transport: Pick<Transport, 'isConnected'>;
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
 * once, so that it stands in nobody's way. Who campaigns is settled without a message: of those that can
 * be reached, the first in the order in which the core has them yield to each other begins at once, each
 * other one a step later, unless somebody was heard to campaign by then. Whoever finds that the one who
 * asks can't win, because its own log is more complete, does not wait at all. And each goes on until a
 * leader is known: the first may be dead too, and would otherwise cost an election time-out.
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
    const { leaderId, awaitedLeaderId } = this.#owner.core;
    if (peer === leaderId || peer === awaitedLeaderId) this.onMissed('connection closed');
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
    const rank = core.rankAmong(this.#rivals(leaderId));
    if (rank === 0) return this.#suspect();
    this.#after(rank * LIMITS.suspicionStepMs, () => {
      if (plan === this.#plan && core.term === this.#missedTerm) this.#suspect();
    });
  }

  /** This node would vote for a peer that asked: it lets that one try first. */
  onGranted(): void {
    if (!this.#isActive || this.#owner.core.role !== 'follower') return;
    this.#plan += 1;
    this.#ticksLeft = Math.ceil(PATIENCE_TICKS.preCandidate * (1 + this.#random()));
  }

  /** After the core has taken a peer's message. */
  onMessage(message: PeerMessage): void {
    const { type } = message;
    if (type !== 'RequestPreVote' && type !== 'RequestVote') return;
    const { core } = this.#owner;
    const last = { index: message.lastIndex, term: message.lastTerm };
    if (core.role === 'follower' && !core.isUpToDate(last)) this.#suspect();
  }

  tick(): void {
    if (!this.#isActive) return;
    const { core } = this.#owner;
    if (core.role === 'leader' || core.leaderId !== NO_NODE) this.#isActive = false;
    else if (this.#phaseNow() !== this.#phase || core.term !== this.#term) this.#wait();
    else if (--this.#ticksLeft <= 0) this.#suspect();
  }

  /** Those who may campaign too, as far as they can be reached. */
  #rivals(leaderId: NodeId): readonly NodeId[] {
    const { core, transport } = this.#owner;
    return core.membership.voters.filter((id) => id !== leaderId && transport.isConnected(id));
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
