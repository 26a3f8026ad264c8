import { ClusterError } from '../errors.ts';
import { onceAborted } from './abort-listeners.ts';
import type { Forget, Waiter } from './waiter.ts';

/** How long a caller waits. */
export interface CallOptions {
  /** Ends the waiting: the promise rejects with ABORTED. */
  readonly signal?: AbortSignal | undefined;
  /** Ends it after so long: the promise rejects with TIMED_OUT. For ever when absent, or Infinity. */
  readonly timeoutMs?: number | undefined;
}

/** A timer of Node that is set to more goes off at once; these are 24 days. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** What is asked for, as far as its caller's patience is concerned. */
export interface Asked {
  /** For messages. */
  readonly what: string;
  /** Of what was asked for when nobody waits any more. */
  readonly afterwards: 'nothingHappens' | 'mayHappen';
}

/**
 * A promise for what `ask` brings, for as long as the caller is patient.
 *
 * @param ask begins it; returns what takes the waiter back
 */
export function patiently<T>(
  asked: Asked,
  options: CallOptions,
  ask: (waiter: Waiter<T>) => Forget,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const patience = new Patience(asked, options, { resolve, reject });
    if (options.signal?.aborted === true) patience.refuse();
    else patience.wait(ask);
  });
}

class Patience<T> implements Waiter<T> {
  readonly #asked: Asked;
  readonly #options: CallOptions;
  readonly #waiter: Waiter<T>;
  #isSettled = false;
  #timer: NodeJS.Timeout | undefined;
  #stopListening: (() => void) | undefined;

  constructor(asked: Asked, options: CallOptions, waiter: Waiter<T>) {
    this.#asked = asked;
    this.#options = options;
    this.#waiter = waiter;
  }

  resolve(value: T): void {
    this.#settle();
    this.#waiter.resolve(value);
  }

  reject(error: Error): void {
    this.#settle();
    this.#waiter.reject(error);
  }

  /** It is not even begun. */
  refuse(): void {
    this.reject(this.#givenUp('ABORTED', `${this.#asked.what}: aborted before it began`, false));
  }

  wait(ask: (waiter: Waiter<T>) => Forget): void {
    const forget = ask(this);
    if (this.#isSettled) return;
    const { signal, timeoutMs } = this.#options;
    const { what, afterwards } = this.#asked;
    const mayHappen = afterwards === 'mayHappen';
    const hint = mayHappen ? ': it may still happen' : '';
    const giveUp = (code: 'ABORTED' | 'TIMED_OUT', why: string): void => {
      forget();
      this.reject(this.#givenUp(code, `${what}: ${why}${hint}`, mayHappen));
    };
    if (signal !== undefined) {
      this.#stopListening = onceAborted(signal, () => giveUp('ABORTED', 'aborted'));
    }
    if (timeoutMs === undefined || timeoutMs === Infinity) return;
    const waitMs = Math.min(timeoutMs, TIMER_MS_MAX);
    this.#timer = setTimeout(() => giveUp('TIMED_OUT', `no answer in ${waitMs} ms`), waitMs);
  }

  #settle(): void {
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#stopListening?.();
  }

  #givenUp(code: 'ABORTED' | 'TIMED_OUT', message: string, indeterminate: boolean): ClusterError {
    const cause: unknown = code === 'ABORTED' ? this.#options.signal?.reason : undefined;
    return new ClusterError(code, message, { indeterminate, cause });
  }
}
