/** Whom the abortion of a signal concerns. */
const concerned = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `onAbort` when the signal aborts. Thousands of calls may share a signal: it gets one listener for
 * all of them, so that it warns of no leak and taking one away costs the same however many there are.
 *
 * @returns takes it back
 */
export function onceAborted(signal: AbortSignal, onAbort: () => void): () => void {
  const all = concerned.get(signal) ?? listenTo(signal);
  all.add(onAbort);
  return () => all.delete(onAbort);
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const all = new Set<() => void>();
  concerned.set(signal, all);
  signal.addEventListener('abort', () => all.forEach((onAbort) => onAbort()), { once: true });
  return all;
}
