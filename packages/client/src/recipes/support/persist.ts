import { addAbortListener, removeAbortListener } from '../../abort-listeners.ts';
import type { Client } from '../../client.ts';
import { isClientError } from '../../errors.ts';

/** Between two attempts. */
const PAUSE_MS = 50;

/** Whether the same may succeed later: the connection, the session or a queue was the reason. */
export function isTransient(error: unknown): boolean {
  return isClientError(error) && (error.retryable || error.code === 'sessionExpired');
}

/** As a function: a loop that looks at a signal goes on until somebody else aborts it. */
export function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** Rejects with the signal's reason. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw signal.reason as Error;
}

/** Resolves early when the signal aborts. */
export function pause(
  client: Client,
  signal?: AbortSignal,
  delayMs: number = PAUSE_MS,
): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      client.runtime.clearTimer(timer);
      removeAbortListener(signal, end);
      client.off('closed', end);
      resolve();
    };
    const timer = client.runtime.setTimer(end, delayMs);
    client.on('closed', end);
    addAbortListener(signal, end);
  });
}

/**
 * Tries until it succeeds, or fails for a reason that does not pass.
 *
 * @param attempt may be made twice without harm
 */
export async function persist<T>(
  client: Client,
  attempt: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (;;) {
    throwIfAborted(signal);
    try {
      return await attempt();
    } catch (error) {
      if (!isTransient(error)) throw error;
    }
    await pause(client, signal);
  }
}

/**
 * Deletes a znode of a session, whatever the connection does meanwhile. Resolves when it is gone,
 * which it also is with its session.
 */
export async function deleteSurely(
  client: Client,
  path: string,
  sessionNumber: number,
): Promise<void> {
  while (client.sessionNumber === sessionNumber) {
    try {
      return await client.delete(path);
    } catch (error) {
      if (isClientError(error, 'noNode', 'closed', 'sessionExpired')) return;
      if (!isTransient(error)) throw error;
    }
    await pause(client);
  }
}

/** Something that happens, for one who waits: events between two waits are not forgotten. */
export class Alarm {
  #isRung = false;
  #wake: (() => void) | undefined;

  readonly ring = (): void => {
    this.#isRung = true;
    this.#wake?.();
  };

  /** Resolves when it has been rung since the last wait, or the signal aborts. */
  async wait(signal?: AbortSignal): Promise<void> {
    if (!this.#isRung && signal?.aborted !== true) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          removeAbortListener(signal, wake);
          this.#wake = undefined;
          resolve();
        };
        this.#wake = wake;
        addAbortListener(signal, wake);
      });
    }
    this.#isRung = false;
  }
}
