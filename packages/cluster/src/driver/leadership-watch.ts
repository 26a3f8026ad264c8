import type { RaftNode, Role, Term } from '@bellwether/raft';
import { NO_NODE } from '@bellwether/raft';
import { LIMITS } from '../limits.ts';
import type { Leadership } from '../service.ts';

export interface LeadershipEvents {
  /** This node was elected. */
  onElected(term: Term): void;
  /** This node leads no longer. */
  onDeposed(): void;
  /** Another leader, none, or the same one in another term. */
  onLeaderChanged(leaderId: number, term: Term): void;
  /** What was seen, whenever it is something else. */
  onSeen(leadership: Leadership): void;
  /** To be told to the service. */
  onTold(leadership: Leadership): void;
}

/**
 * Follows who leads, as the core sees it. It compares with what it saw last, not with the core's soft
 * state: a leader that is deposed and elected again between two looks is the same one in another term.
 */
export class LeadershipWatch {
  readonly #core: RaftNode;
  readonly #isServing: () => boolean;
  readonly #events: LeadershipEvents;
  #current: Leadership;
  #told: Leadership;
  #ticksUntold = 0;
  #changes = 0;

  /** `isServing`: whether the leader's first entry of the term is applied here. */
  constructor(core: RaftNode, isServing: () => boolean, events: LeadershipEvents) {
    this.#core = core;
    this.#isServing = isServing;
    this.#events = events;
    const { role, term, leaderId } = core;
    this.#current = { role, term, leaderId, isServing: false };
    this.#told = this.#current;
  }

  get current(): Leadership {
    return this.#current;
  }

  /** Leaders seen since the start. */
  get changes(): number {
    return this.#changes;
  }

  /** Looks again. Whoever acts upon what has changed is told at once, all but the service. */
  look(): void {
    const { role, term, leaderId } = this.#core;
    const was = this.#current;
    const isSame = role === was.role && term === was.term && leaderId === was.leaderId;
    if (!isSame) this.#onChanged(was.role);
    const isServing = this.#isServing();
    if (isSame && isServing === was.isServing) return;
    this.#current = { role, term, leaderId, isServing };
    this.#events.onSeen(this.#current);
  }

  tick(): void {
    if (this.#current !== this.#told) this.#ticksUntold += 1;
  }

  /**
   * Tells the service what has been seen since it was told last, once: when another leader serves. Each word to it takes
   * processor time just when others wait for what this node does. That this node leads, or no longer, it is told at
   * once, and of a change that takes longer it hears in the midst of it.
   */
  tell(): void {
    if (this.#current === this.#told || !this.#isDue()) return;
    this.#ticksUntold = 0;
    this.#told = this.#current;
    this.#events.onTold(this.#told);
  }

  #isDue(): boolean {
    const { isServing, role } = this.#current;
    if (isServing || role === 'leader' || this.#told.role === 'leader') return true;
    return this.#ticksUntold >= LIMITS.changeTicks;
  }

  #onChanged(formerRole: Role): void {
    const { role, term, leaderId } = this.#core;
    if (role === 'leader') this.#events.onElected(term);
    else if (formerRole === 'leader') this.#events.onDeposed();
    if (leaderId !== NO_NODE && leaderId !== this.#current.leaderId) this.#changes += 1;
    this.#events.onLeaderChanged(leaderId, term);
  }
}
