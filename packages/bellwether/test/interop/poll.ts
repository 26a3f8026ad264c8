import { setTimeout as sleep } from 'node:timers/promises';

const INTERVAL_MS = 20;

/**
 * Asks again and again until there is an answer: for what another process does not announce. The
 * deadline only ends a test that would never end.
 */
export async function poll<T>(
  what: string,
  deadlineMs: number,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  const startedMs = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() - startedMs > deadlineMs) {
      throw new Error(`${what}: not within ${deadlineMs} ms`);
    }
    await sleep(INTERVAL_MS);
  }
}
