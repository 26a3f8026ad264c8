import type { NodeId, Term } from '@bellwether/raft';
import { commandIncarnation, commandOrigin, commandSequence } from '../command.ts';

interface Origin {
  readonly incarnation: number;
  /** The newest sequence taken in this term; they arrive in order. */
  sequence: number;
}

/**
 * The leader's side of forwarding: decides which of the commands that arrive are new. It remembers
 * within one term only. Of the terms before, an origin has seen everything by the time it sends, or
 * the leader has looked for itself (see `PendingCommands`).
 */
export class CommandAdmission {
  readonly #origins = new Map<NodeId, Origin>();
  #term: Term = 0;

  /** This node was elected in `term`. */
  onElected(term: Term): void {
    this.#term = term;
    this.#origins.clear();
  }

  /** Whether commands that were sent for `term` may be taken at all. */
  isFor(term: Term): boolean {
    return term === this.#term;
  }

  /** Whether something of this origin was taken or met in this term. */
  hasMet(id: NodeId, incarnation: number): boolean {
    return this.#origins.get(id)?.incarnation === incarnation;
  }

  /** Of this origin the log of earlier terms holds everything up to `sequence`, and nothing else. */
  meet(id: NodeId, incarnation: number, sequence: number): void {
    this.#origins.set(id, { incarnation, sequence });
  }

  /** Whether this command is new; if so it counts as taken. */
  take(data: Uint8Array): boolean {
    const id = commandOrigin(data);
    const incarnation = commandIncarnation(data);
    const sequence = commandSequence(data);
    const origin = this.#origins.get(id);
    if (origin === undefined || origin.incarnation !== incarnation) {
      this.#origins.set(id, { incarnation, sequence });
      return true;
    }
    if (sequence <= origin.sequence) return false;
    origin.sequence = sequence;
    return true;
  }
}
