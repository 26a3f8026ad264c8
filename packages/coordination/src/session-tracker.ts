import { assert } from './assert.ts';
import { SESSION_ADVANCE_MS_MAX, SESSION_BUCKET_MS } from './limits.ts';

interface Tracked {
  readonly id: number;
  readonly timeoutMs: number;
  /** When it expires, if nothing is heard of it until then. Only ever moved later. */
  deadlineMs: number;
  /** expiring: handed out by `advance`, its end is being proposed. */
  state: 'live' | 'expiring' | 'gone';
}

/** What the tracker needs to know of a session. */
export interface TrackedSession {
  readonly id: number;
  readonly timeoutMs: number;
}

/**
 * The leader's view of which sessions are alive. Its time is what it is told has passed. A touch is
 * one field written: a session is looked at again only when the bucket of its former deadline comes
 * up, so `advance` looks only at the buckets that are due, at each session once per timeout.
 */
export class SessionTracker {
  private readonly sessions = new Map<number, Tracked>();
  private buckets = new Map<number, Tracked[]>();
  private nowMs = 0;
  /** Buckets up to this one are done. */
  private bucketDone = 0;

  /** Sessions that are tracked. */
  get size(): number {
    return this.sessions.size;
  }

  /**
   * Begins to track the session, with its full timeout; also one whose timeout has changed.
   *
   * @param sinceAdvanceMs what has passed since the last `advance`, which will count it
   */
  add(session: TrackedSession, sinceAdvanceMs: number): void {
    this.remove(session.id);
    const { id, timeoutMs } = session;
    const deadlineMs = this.after(sinceAdvanceMs) + timeoutMs;
    const tracked: Tracked = { id, timeoutMs, deadlineMs, state: 'live' };
    this.sessions.set(id, tracked);
    this.file(tracked);
  }

  /** How long each session has until it expires if nothing more is heard of it, for reports. */
  remainingMs(): ReadonlyMap<number, number> {
    const remaining = new Map<number, number>();
    for (const { id, deadlineMs } of this.sessions.values()) {
      remaining.set(id, Math.max(0, deadlineMs - this.nowMs));
    }
    return remaining;
  }

  /** The session is closed. */
  remove(sessionId: number): void {
    const tracked = this.sessions.get(sessionId);
    if (tracked === undefined) return;
    tracked.state = 'gone';
    this.sessions.delete(sessionId);
  }

  /**
   * Something was heard of the session. Too late once it is expiring.
   *
   * @param sinceAdvanceMs what has passed since the last `advance`, which will count it
   */
  touch(sessionId: number, sinceAdvanceMs: number): void {
    const tracked = this.sessions.get(sessionId);
    if (tracked?.state !== 'live') return;
    tracked.deadlineMs = this.after(sinceAdvanceMs) + tracked.timeoutMs;
  }

  /**
   * `elapsedMs` have passed since the last call; at most SESSION_ADVANCE_MS_MAX of them count.
   * Returns the sessions that have expired, each once: their ends are to be proposed.
   */
  advance(elapsedMs: number): readonly number[] {
    assert(elapsedMs >= 0, 'time goes forwards');
    this.nowMs = this.after(elapsedMs);
    const expired: number[] = [];
    const bucketNow = Math.floor(this.nowMs / SESSION_BUCKET_MS);
    while (this.bucketDone < bucketNow) {
      this.bucketDone++;
      const due = this.buckets.get(this.bucketDone);
      if (due === undefined) continue;
      this.buckets.delete(this.bucketDone);
      this.judge(due, expired);
    }
    return expired;
  }

  /** This node leads now: these are the sessions, each with its full timeout. */
  reset(sessions: Iterable<TrackedSession>): void {
    this.sessions.clear();
    this.buckets = new Map();
    for (const session of sessions) this.add(session, 0);
  }

  /** What its time will be when so much has passed since the last `advance`. */
  private after(elapsedMs: number): number {
    return this.nowMs + Math.min(elapsedMs, SESSION_ADVANCE_MS_MAX);
  }

  private judge(due: readonly Tracked[], expired: number[]): void {
    for (const tracked of due) {
      if (tracked.state !== 'live') continue;
      if (tracked.deadlineMs > this.bucketDone * SESSION_BUCKET_MS) {
        this.file(tracked);
      } else {
        tracked.state = 'expiring';
        expired.push(tracked.id);
      }
    }
  }

  private file(tracked: Tracked): void {
    const number = Math.max(Math.ceil(tracked.deadlineMs / SESSION_BUCKET_MS), this.bucketDone + 1);
    const bucket = this.buckets.get(number);
    if (bucket === undefined) this.buckets.set(number, [tracked]);
    else bucket.push(tracked);
  }
}
