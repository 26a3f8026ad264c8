import type { NodeId, RaftNode, Random, Role } from '@bellwether/raft';
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

/** How long, in ticks, a campaign in each role may go on before it is begun anew. */
const PATIENCE_TICKS: Readonly<Record<Exclude<Role, 'leader'>, number>> = {
  follower: LIMITS.suspicionRetryTicks.follower,
  preCandidate: LIMITS.suspicionRetryTicks.preCandidate,
  candidate: LIMITS.suspicionRetryTicks.candidate,
};

/**
 * The first signal of a failure: the kernel of a process that died closes its connections. A node that
 * sees the leader's connection close vouches for it no longer, at once, so that it stands in nobody's
 * way; it campaigns itself after a short random delay, so that two rarely do together; and it goes on
 * until a leader is known. Going on matters: the first to ask may be refused, by a peer whose own
 * connection closes a moment later or whose log is longer, and would otherwise sit out an election
 * time-out.
 */
export class LeaderSuspicion {
  readonly #owner: Owner;
  readonly #random: Random;
  readonly #after: (delayMs: number, action: () => void) => void;
  #isActive = false;
  /** Of the role in which this node was seen last. */
  #ticksLeft = 0;
  #role: Role = 'follower';

  constructor(owner: Owner, random: Random, after: (delayMs: number, action: () => void) => void) {
    this.#owner = owner;
    this.#random = random;
    this.#after = after;
  }

  onDisconnected(peer: NodeId): void {
    const { core } = this.#owner;
    if (peer !== core.leaderId || core.role === 'leader') return;
    this.#owner.onDoubted(peer, 'connection closed');
    core.doubtLeader();
    this.#isActive = true;
    this.#wait();
    this.#after(this.#random() * LIMITS.suspicionJitterMs, () => this.#suspect());
  }

  tick(): void {
    if (!this.#isActive) return;
    if (this.#owner.core.role !== this.#role) return this.#wait();
    if (--this.#ticksLeft <= 0) this.#suspect();
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
    const { role } = this.#owner.core;
    this.#role = role;
    if (role === 'leader') this.#isActive = false;
    else this.#ticksLeft = Math.ceil(PATIENCE_TICKS[role] * (1 + this.#random()));
  }
}
