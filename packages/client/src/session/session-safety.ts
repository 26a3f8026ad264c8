import { HEARD_EVERY, REPORT_SHARE } from '../limits.ts';

/**
 * Reckons until when no server can have expired the session, whatever happens to this process, the
 * network or the servers.
 *
 * Answers to reads and pings say nothing about that: a server that is cut off from the others gives
 * them, while the others expire the session. A write is decided by a quorum. So whoever led it
 * then, or leads later, gives the session its whole timeout from what that leader knew: what the
 * client's server had told it of the client. Servers tell that once in half a tick, and grant no
 * timeout that is shorter than two ticks: what was sent a quarter of the timeout before the write,
 * over the same connection, was known. A leader that was elected since gives a whole timeout anew.
 */
export class SessionSafety {
  /** On the clock of the runtime; 0: it never was. */
  untilMs = 0;
  #timeoutMs = 0;
  /** When the handshake of this connection was sent: the leader was asked about it. */
  #openedMs = 0;
  /** When something was sent over this connection: some moments, oldest first. */
  #sentMs: number[] = [];
  #judgedMs = 0;

  /** A session began with this connection, or goes on over it. */
  onOpened(sentMs: number, timeoutMs: number, session: 'new' | 'resumed'): void {
    this.#timeoutMs = timeoutMs;
    this.#openedMs = sentMs;
    this.#sentMs = [];
    this.#judgedMs = 0;
    // A quorum decides that there is a new session.
    if (session === 'new') this.untilMs = sentMs + timeoutMs;
  }

  /** Something is sent. */
  onSent(nowMs: number): void {
    const last = this.#sentMs.at(-1) ?? this.#openedMs;
    if (nowMs - last < this.#timeoutMs * HEARD_EVERY) return;
    this.#sentMs.push(nowMs);
    if (this.#sentMs[0]! < nowMs - 2 * this.#timeoutMs) this.#sentMs.shift();
  }

  /** A quorum has decided a write that was sent then. */
  onWriteAnswered(sentMs: number): void {
    if (sentMs < this.#judgedMs) return;
    this.#judgedMs = sentMs + this.#timeoutMs * HEARD_EVERY;
    const reportedMs = sentMs - this.#timeoutMs * REPORT_SHARE;
    const knownMs = this.#sentMs.findLast((each) => each <= reportedMs) ?? this.#openedMs;
    this.untilMs = Math.max(this.untilMs, knownMs + this.#timeoutMs);
  }

  /** It is gone. */
  onLost(): void {
    this.untilMs = 0;
  }
}
