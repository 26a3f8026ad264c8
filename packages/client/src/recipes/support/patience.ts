import { addAbortListener, removeAbortListener } from '../../abort-listeners.ts';
import type { Client } from '../../client.ts';
import { ClientError } from '../../errors.ts';

/** How long a recipe may wait. */
export interface WaitOptions {
  /** Ends the waiting; what was left on the servers is taken away. */
  readonly signal?: AbortSignal;
  /** Ends the waiting with `operationTimeout`. Default: for ever. */
  readonly timeoutMs?: number;
}

/** A signal of the caller's and a time-out as one. */
class Patience {
  readonly #controller = new AbortController();
  readonly #client: Client;
  readonly #outer: AbortSignal | undefined;
  readonly #onAbort = (): void => {
    this.#controller.abort(new ClientError('aborted', { cause: this.#outer?.reason }));
  };
  #timer: unknown;

  constructor(client: Client, { signal, timeoutMs }: WaitOptions) {
    this.#client = client;
    this.#outer = signal;
    addAbortListener(signal, this.#onAbort);
    if (timeoutMs === undefined) return;
    this.#timer = client.runtime.setTimer(() => {
      const message = `nothing within ${timeoutMs} ms`;
      this.#controller.abort(new ClientError('operationTimeout', { message }));
    }, timeoutMs);
  }

  /** Its reason is a ClientError. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * Runs the work, and rejects at once when the patience ends. The work has to look at the signal
   * and end soon; a result that comes too late is discarded.
   */
  async spend<T>(
    work: (signal: AbortSignal) => Promise<T>,
    discard: (late: T) => void,
  ): Promise<T> {
    const { signal } = this;
    try {
      return await new Promise<T>((resolve, reject) => {
        const onAbort = (): void => reject(signal.reason as Error);
        addAbortListener(signal, onAbort);
        if (signal.aborted) return;
        const onDone = (result: T): void => {
          removeAbortListener(signal, onAbort);
          if (signal.aborted) discard(result);
          else resolve(result);
        };
        work(signal).then(onDone, reject);
      });
    } finally {
      this.#client.runtime.clearTimer(this.#timer);
      removeAbortListener(this.#outer, this.#onAbort);
    }
  }
}

/** The work of a recipe that may wait, with the caller's patience; see `Patience.spend`. */
export function waitFor<T>(
  client: Client,
  options: WaitOptions,
  work: (signal: AbortSignal) => Promise<T>,
  discard: (late: T) => void = () => undefined,
): Promise<T> {
  return new Patience(client, options).spend(work, discard);
}
