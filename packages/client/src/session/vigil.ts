import { CONFIRM_EVERY } from '../limits.ts';
import { confirmOperation } from '../operations/catalogue.ts';
import type { Runtime } from '../runtime.ts';
import { Request, type SessionRequest } from './request.ts';

/** The session that is watched over. */
export interface Watched {
  readonly timeoutMs: number;
  readonly state: string;
  submit(request: SessionRequest): void;
}

/**
 * Has a quorum say that the session lives: once, or, while somebody needs to know, several times
 * within the session's timeout.
 */
export class Vigil {
  readonly #runtime: Runtime;
  readonly #session: Watched;
  #keepers = 0;
  #isConfirming = false;
  #timer: unknown;

  constructor(runtime: Runtime, session: Watched) {
    this.#runtime = runtime;
    this.#session = session;
  }

  /** Waits for an answer as long as the session's timeout. */
  confirm(): Promise<void> {
    const session = this.#session;
    return new Promise((resolve, reject) => {
      const subject = { operation: confirmOperation, query: null, path: undefined };
      const deadlineMs = this.#runtime.nowMs() + session.timeoutMs;
      session.submit(new Request(subject, deadlineMs, undefined, resolve, reject));
    });
  }

  /** Confirms it again and again. Returns what ends that; a second call does nothing. */
  keep(): () => void {
    let isKept = true;
    this.#keepers++;
    if (this.#keepers === 1) this.#schedule();
    return () => {
      if (!isKept) return;
      isKept = false;
      this.#keepers--;
      if (this.#keepers === 0) this.stop();
    };
  }

  /** There is a connection again, which has confirmed nothing yet. */
  onConnected(): void {
    if (this.#keepers > 0) this.#confirmSoon();
  }

  stop(): void {
    if (this.#timer !== undefined) this.#runtime.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    this.stop();
    const onTime = (): void => {
      this.#confirmSoon();
      this.#schedule();
    };
    this.#timer = this.#runtime.setTimer(onTime, this.#session.timeoutMs * CONFIRM_EVERY);
  }

  /** One at a time, while there is somebody to ask. */
  #confirmSoon(): void {
    if (this.#session.state !== 'connected' || this.#isConfirming) return;
    this.#isConfirming = true;
    const end = (): void => void (this.#isConfirming = false);
    this.confirm().then(end, end);
  }
}
