import type { LogIndex, Role, Term } from '@bellwether/raft';

/**
 * How a node is, as it says itself: sent along with heartbeats and their answers, so that a node which
 * beats but can't write or serve is noticed. Times in whole ms of the sender, as of the sending; they
 * count only while its consensus thread ran.
 */
export interface Vitals {
  readonly role: Role;
  readonly term: Term;
  readonly commit: LogIndex;
  /** Bytes of commands that were proposed through it and are not in the committed log yet. */
  readonly loadBytes: number;
  /** How late the ticks of its consensus thread are: the mean of the last seconds. */
  readonly loopDelayMs: number;
  /** Since its last write to disk was durable. */
  readonly flushAgeMs: number;
  /** How long the write to disk that is under way has taken; 0 when none is. */
  readonly flushPendingMs: number;
  /** Since its service thread answered last. */
  readonly serviceAgeMs: number;
  /** How long its service thread has owed an answer; 0 when it owes none. */
  readonly servicePendingMs: number;
}

/** The newest vitals of a peer. */
export interface PeerVitals {
  readonly vitals: Vitals;
  /** Since they came, in ms of the receiver's running time. */
  readonly ageMs: number;
}
