import type { Client } from '../../client.ts';
import { ClientError } from '../../errors.ts';
import type { ConnectionState } from '../../session/session.ts';
import type { Alarm } from './alarm.ts';
import { waitFor, type WaitOptions } from './patience.ts';
import { deleteSurely, pause } from './persist.ts';

/**
 * What a holder does while there is no connection. `stop`: it counts as lost at once, and whoever
 * comes back has to acquire again. `holdOn`: it lasts until a server may have expired the session,
 * by this client's clock; then it counts as lost.
 */
export type WhenSuspended = 'stop' | 'holdOn';

/** An ephemeral of the present session that stands for what is held. */
export interface Token {
  readonly path: string;
  readonly czxid: number;
  /** Of the client, when it was made. */
  readonly sessionNumber: number;
  /** Deletes what else was left; beside the znode itself. */
  readonly cleanUp?: () => Promise<void>;
}

/**
 * Something that is held: a lock, a leadership, a lease of a semaphore.
 *
 * The servers guarantee that nobody else holds it for as long as this session lives. This process
 * cannot know that at every moment: it may stand still, or be cut off. Therefore it stops when
 * `signal` aborts, looks at `isHeld` before each step that matters, and hands `fencingToken` to
 * whatever it changes, which refuses a token lower than the highest it has seen. Only the last is
 * safe against a process that stands still between looking and acting.
 */
export class Hold {
  /** The znode that stands for it. */
  readonly path: string;
  /** Higher than that of every earlier holder. */
  readonly fencingToken: number;
  readonly #client: Client;
  readonly #token: Token;
  readonly #guard: Alarm;
  readonly #whenSuspended: WhenSuspended;
  readonly #controller = new AbortController();
  readonly #onState = (state: ConnectionState): void => this.#onChange(state);
  #timer: unknown;
  #endVigil: (() => void) | undefined;
  /** When it ended; somebody else's may be there when ours was gone. */
  #znode: 'there' | 'gone' = 'there';
  #released: Promise<void> | undefined;

  /** @param guard rings when the znode may be gone; closed with the hold */
  constructor(client: Client, token: Token, guard: Alarm, whenSuspended: WhenSuspended) {
    this.path = token.path;
    this.fencingToken = token.czxid;
    this.#client = client;
    this.#token = token;
    this.#guard = guard;
    this.#whenSuspended = whenSuspended;
    client.on('state', this.#onState);
    if (client.sessionNumber === token.sessionNumber) this.#onChange(client.state);
    else this.lose('the session was lost');
    if (this.signal.aborted) return;
    this.#endVigil = client.keepSessionConfirmed();
    this.#watchClock();
    void this.#watchZnode();
  }

  /** Aborts as soon as it may be lost, and when it is released. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether it is held, as far as can be known here and now: the clock is looked at, too. */
  get isHeld(): boolean {
    return !this.signal.aborted && this.#safeMs > 0;
  }

  /**
   * Resolves when the next one can have it. Goes on through reconnects, also when the waiting ends;
   * may be called twice.
   */
  release(options: WaitOptions = {}): Promise<void> {
    const released = this.#end('it was released', 'there');
    return waitFor(this.#client, options, () => released);
  }

  /** It may be lost: whoever works with it stops, and the znode is taken away when that is possible. */
  lose(why: string, znode: 'there' | 'gone' = 'there'): void {
    // There is nobody to tell; what remains ends with the session.
    this.#end(why, znode).catch(() => undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  /** Once, also when a listener of the signal releases it in the middle of this. */
  #end(why: string, znode: 'there' | 'gone'): Promise<void> {
    if (!this.signal.aborted) {
      this.#znode = znode;
      this.#stop(why);
    }
    return (this.#released ??= this.#giveBack());
  }

  #stop(why: string): void {
    const { path } = this.#token;
    this.#client.off('state', this.#onState);
    if (this.#timer !== undefined) this.#client.runtime.clearTimer(this.#timer);
    this.#guard.close();
    this.#endVigil?.();
    this.#controller.abort(new ClientError('lost', { path, message: `${path}: ${why}` }));
  }

  async #giveBack(): Promise<void> {
    if (this.#znode === 'there') await deleteSurely(this.#client, this.#token);
    await this.#token.cleanUp?.();
  }

  #onChange(state: ConnectionState): void {
    switch (state) {
      case 'connected':
        if (this.#client.sessionNumber === this.#token.sessionNumber) return;
        return this.lose('the session was lost');
      case 'suspended':
        if (this.#whenSuspended === 'stop') this.lose('the connection was lost');
        return;
      case 'connecting':
      case 'readOnly':
      case 'lost':
      case 'closed':
        return this.lose('the session was lost');
      default:
        state satisfies never;
    }
  }

  /** For how long no server can have expired the session. */
  get #safeMs(): number {
    return this.#client.sessionSafeUntilMs - this.#client.runtime.nowMs();
  }

  /** The connection may be silent, and the session expire, before that is noticed. */
  #watchClock(): void {
    const look = (): void => {
      if (this.#safeMs <= 0) return this.lose('the session may have expired');
      this.#watchClock();
    };
    this.#timer = this.#client.runtime.setTimer(look, Math.max(1, this.#safeMs));
  }

  /** Somebody deletes the znode: then it is lost. */
  async #watchZnode(): Promise<void> {
    const { signal } = this;
    for (;;) {
      await this.#guard.wait(signal);
      if (signal.aborted) return;
      try {
        const stat = await this.#client.exists(this.path, this.#guard.watch);
        if (stat?.czxid !== this.#token.czxid) {
          this.lose('its znode was deleted', 'gone');
        }
      } catch {
        // The connection's own events decide.
        await pause(this.#client, signal);
        this.#guard.ring();
      }
    }
  }
}
