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
  /** To be told to the service. */
  onLeadership(leadership: Leadership): void;
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

  /** Looks again, and tells everybody what has changed, the service last. */
  look(): void {
    const { role, term, leaderId } = this.#core;
    const was = this.#current;
    const isSame = role === was.role && term === was.term && leaderId === was.leaderId;
    if (!isSame) this.#onChanged(was.role);
    const isServing = this.#isServing();
    if (isSame && isServing === was.isServing) return;
    this.#current = { role, term, leaderId, isServing };
    this.#events.onLeadership(this.#current);
  }

  #onChanged(formerRole: Role): void {
    const { role, term, leaderId } = this.#core;
    if (role === 'leader') this.#events.onElected(term);
    else if (formerRole === 'leader') this.#events.onDeposed();
    if (leaderId !== NO_NODE && leaderId !== this.#current.leaderId) this.#changes += 1;
    this.#events.onLeaderChanged(leaderId, term);
  }
}
