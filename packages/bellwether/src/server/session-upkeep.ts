import type { Consensus, Leadership } from '@bellwether/cluster';
import {
  decodeTouchedSessions,
  SessionTracker,
  TouchedSessions,
  type Coordinator,
  type Session,
} from '@bellwether/coordination';
import { JuteWriter } from '@bellwether/protocol';
import { NO_NODE, type Term } from '@bellwether/raft';
import { encodeExpiry } from './expiry-command.ts';

/**
 * Keeps sessions alive, or ends them. Every node tells the leader which sessions it has heard of;
 * the leader alone judges who is dead, and its judgement is a log entry like any other. A new
 * leader gives every session its full timeout again.
 */
export class SessionUpkeep {
  readonly #coordinator: Coordinator;
  readonly #nowMs: () => number;
  readonly #touched = new TouchedSessions();
  readonly #tracker = new SessionTracker();
  readonly #command = new JuteWriter();
  #hasLeader = false;
  #consensus: Consensus | undefined;
  /** The term in which this node leads and has applied all that came before; 0 otherwise. */
  #leadingTerm: Term = 0;
  #tickedMs: number;

  /** @param nowMs monotonic clock */
  constructor(coordinator: Coordinator, nowMs: () => number) {
    this.#coordinator = coordinator;
    this.#nowMs = nowMs;
    this.#tickedMs = nowMs();
  }

  attach(consensus: Consensus): void {
    this.#consensus = consensus;
  }

  /** Something came from the session's client. */
  touch(sessionId: number): void {
    if (sessionId !== 0) this.#touched.touch(sessionId);
  }

  /** Whether this node leads, and so judges who is dead. */
  get judges(): boolean {
    return this.#leadingTerm !== 0;
  }

  onLeadership(leadership: Leadership): void {
    this.#hasLeader = leadership.leaderId !== NO_NODE;
    const isLeading = leadership.role === 'leader' && leadership.isServing;
    if (!isLeading) {
      this.#leadingTerm = 0;
    } else if (this.#leadingTerm !== leadership.term) {
      this.#leadingTerm = leadership.term;
      this.#tickedMs = this.#nowMs();
      this.#tracker.reset(this.#coordinator.sessions.values());
    }
  }

  /** Another node, or this one, tells which sessions it has heard of. */
  onMessage(bytes: Uint8Array): void {
    if (this.#leadingTerm === 0) return;
    const sinceTickMs = this.#sinceTickMs();
    for (const sessionId of decodeTouchedSessions(bytes)) {
      this.#tracker.touch(sessionId, sinceTickMs);
    }
  }

  /** Created, or attached to another connection: it begins its timeout anew. */
  onSessionOpened(session: Session): void {
    if (this.#leadingTerm !== 0) this.#tracker.add(session, this.#sinceTickMs());
  }

  onSessionClosed(session: Session): void {
    this.#tracker.remove(session.id);
  }

  /** How long each session has until it expires; undefined unless this node leads and judges. */
  remainingMs(): ReadonlyMap<number, number> | undefined {
    return this.#leadingTerm === 0 ? undefined : this.#tracker.remainingMs();
  }

  /** One round: report, and, on the leader, judge. */
  tick(): void {
    const consensus = this.#consensus;
    if (consensus === undefined) return;
    if (this.#hasLeader) this.#report(consensus);
    const elapsedMs = this.#sinceTickMs();
    this.#tickedMs += elapsedMs;
    if (this.#leadingTerm === 0) return;
    for (const sessionId of this.#tracker.advance(elapsedMs)) this.#expire(consensus, sessionId);
  }

  #sinceTickMs(): number {
    return Math.max(0, this.#nowMs() - this.#tickedMs);
  }

  #report(consensus: Consensus): void {
    for (let bytes = this.#touched.drain(); bytes !== undefined; bytes = this.#touched.drain()) {
      consensus.sendToLeader(new Uint8Array(bytes));
    }
  }

  #expire(consensus: Consensus, sessionId: number): void {
    this.#command.reset();
    encodeExpiry(this.#command, sessionId, this.#leadingTerm);
    consensus.propose(this.#command.view());
  }
}
