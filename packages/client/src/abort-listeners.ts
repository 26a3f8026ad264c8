const listeners = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back when the signal aborts, at once if it has. A signal may be shared by thousands of
 * requests: it gets one listener of ours for all of them, so that it does not warn of a leak, and
 * taking one away costs the same however many there are.
 */
export function addAbortListener(signal: AbortSignal | undefined, callback: () => void): void {
  if (signal === undefined) return;
  if (signal.aborted) return callback();
  let callbacks = listeners.get(signal);
  if (callbacks === undefined) {
    const all = new Set<() => void>();
    callbacks = all;
    listeners.set(signal, all);
    const callAll = (): void => {
      // One that an earlier one takes back is not called any more.
      for (const each of all) each();
      listeners.delete(signal);
    };
    signal.addEventListener('abort', callAll, { once: true });
  }
  callbacks.add(callback);
}

/** Takes back what `addAbortListener` was told. */
export function removeAbortListener(signal: AbortSignal | undefined, callback: () => void): void {
  if (signal !== undefined) listeners.get(signal)?.delete(callback);
}
