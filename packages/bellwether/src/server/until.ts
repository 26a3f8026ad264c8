/** Waits for `isDone`, but not longer than `timeoutMs`; looks every millisecond. */
export async function until(isDone: () => boolean, timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!isDone() && performance.now() < end) await new Promise((next) => setTimeout(next, 1));
}
