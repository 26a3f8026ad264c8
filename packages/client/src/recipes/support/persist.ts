import { addAbortListener, removeAbortListener } from '../../abort-listeners.ts';
import type { Client } from '../../client.ts';
import { isClientError } from '../../errors.ts';
import { throwIfAborted } from '../../patience.ts';

/** Between two attempts, on average. */
const PAUSE_MS = 50;

/** Whether the same may succeed later: the connection, the session or a queue was the reason. */
export function isTransient(error: unknown): boolean {
  return isClientError(error) && (error.retryable || error.code === 'sessionExpired');
}

/** As a function: a loop that looks at a signal goes on until somebody else aborts it. */
export function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** Resolves early when the signal aborts. Its length varies, so that many do not go on together. */
export function pause(
  client: Client,
  signal?: AbortSignal,
  delayMs: number = PAUSE_MS * (0.5 + client.runtime.random()),
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

/** An ephemeral of this client's, to be deleted. */
export interface OwnZnode {
  readonly path: string;
  /** Of the client, when it was made: with that session it goes by itself. */
  readonly sessionNumber: number;
  /** Needed where others make znodes of the same path. */
  readonly czxid?: number;
}

/**
 * Deletes it, whatever the connection does meanwhile. Resolves when it is gone. When an answer was
 * lost, somebody else's may be there by now: that one is left alone.
 */
export async function deleteSurely(client: Client, znode: OwnZnode): Promise<void> {
  const { path, sessionNumber } = znode;
  let isDoubtful = false;
  while (client.sessionNumber === sessionNumber) {
    try {
      if (isDoubtful && !(await isThere(client, znode))) return;
      return await client.delete(path);
    } catch (error) {
      if (isClientError(error, 'noNode', 'closed', 'sessionExpired')) return;
      if (!isTransient(error)) throw error;
      isDoubtful ||= isClientError(error) && error.indeterminate;
    }
    await pause(client);
  }
}

async function isThere(client: Client, { path, czxid }: OwnZnode): Promise<boolean> {
  const [, stat] = await Promise.all([client.sync(path), client.exists(path)]);
  return stat !== null && (czxid === undefined || stat.czxid === czxid);
}
