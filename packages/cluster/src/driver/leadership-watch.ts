import type { RaftNode, Role, Term } from '@bellwether/raft';
import { NO_NODE } from '@bellwether/raft';
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
  #isUntold = false;
  #changes = 0;

  /** `isServing`: whether the leader's first entry of the term is applied here. */
  constructor(core: RaftNode, isServing: () => boolean, events: LeadershipEvents) {
    this.#core = core;
    this.#isServing = isServing;
    this.#events = events;
    const { role, term, leaderId } = core;
    this.#current = { role, term, leaderId, isServing: false };
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
    this.#isUntold = true;
    this.#events.onSeen(this.#current);
  }

  /** Tells the service what has been seen since it was told last: others wait for what is done before. */
  tell(): void {
    if (!this.#isUntold) return;
    this.#isUntold = false;
    this.#events.onTold(this.#current);
  }

  #onChanged(formerRole: Role): void {
    const { role, term, leaderId } = this.#core;
    if (role === 'leader') this.#events.onElected(term);
    else if (formerRole === 'leader') this.#events.onDeposed();
    if (leaderId !== NO_NODE && leaderId !== this.#current.leaderId) this.#changes += 1;
    this.#events.onLeaderChanged(leaderId, term);
  }
}
