import type { Client } from '../../client.ts';
import { ClientError } from '../../errors.ts';
import type { ConnectionState } from '../../session/session.ts';
import { deleteSurely } from './persist.ts';

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
  readonly #whenSuspended: WhenSuspended;
  readonly #controller = new AbortController();
  readonly #onState = (state: ConnectionState): void => this.#onChange(state);
  #timer: unknown;
  #released: Promise<void> | undefined;

  constructor(client: Client, token: Token, whenSuspended: WhenSuspended) {
    this.path = token.path;
    this.fencingToken = token.czxid;
    this.#client = client;
    this.#token = token;
    this.#whenSuspended = whenSuspended;
    client.on('state', this.#onState);
    if (client.sessionNumber === token.sessionNumber) this.#onChange(client.state);
    else this.lose('the session was lost');
  }

  /** Aborts as soon as it may be lost, and when it is released. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether it is held, as far as can be known here and now: the clock is looked at, too. */
  get isHeld(): boolean {
    if (this.signal.aborted) return false;
    return this.#client.runtime.nowMs() < this.#client.sessionSafeUntilMs;
  }

  /** Resolves when the next one can have it. Goes on through reconnects; may be called twice. */
  release(): Promise<void> {
    this.#released ??= this.#release('it was released');
    return this.#released;
  }

  /** It may be lost: whoever works with it stops, and the znode is taken away when that is possible. */
  lose(why: string): void {
    if (this.#released !== undefined) return;
    this.#released = this.#release(why);
    // There is nobody to tell; what remains ends with the session.
    this.#released.catch(() => undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  async #release(why: string): Promise<void> {
    const { path, sessionNumber, cleanUp } = this.#token;
    this.#client.off('state', this.#onState);
    this.#clearTimer();
    this.#controller.abort(new ClientError('lost', { path, message: `${path}: ${why}` }));
    await deleteSurely(this.#client, path, sessionNumber);
    await cleanUp?.();
  }

  #onChange(state: ConnectionState): void {
    switch (state) {
      case 'connected':
        if (this.#client.sessionNumber === this.#token.sessionNumber) return this.#clearTimer();
        return this.lose('the session was lost');
      case 'suspended':
        if (this.#whenSuspended === 'stop') return this.lose('the connection was lost');
        return this.#holdOn();
      case 'connecting':
      case 'readOnly':
      case 'lost':
      case 'closed':
        return this.lose('the session was lost');
      default:
        state satisfies never;
    }
  }

  #holdOn(): void {
    const { runtime, sessionSafeUntilMs } = this.#client;
    this.#clearTimer();
    this.#timer = runtime.setTimer(
      () => this.lose('the session may have expired'),
      Math.max(0, sessionSafeUntilMs - runtime.nowMs()),
    );
  }

  #clearTimer(): void {
    if (this.#timer !== undefined) this.#client.runtime.clearTimer(this.#timer);
    this.#timer = undefined;
  }
}
