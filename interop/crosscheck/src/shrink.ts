import { SHRINK_RUNS_MAX, SHRINK_TIMEOUT_MS } from './limits.ts';
import type { Step } from './steps.ts';

/** Whether these steps still show what the whole run has shown. */
export type Shows = (steps: readonly Step[]) => Promise<boolean>;

/**
 * Leaves out whatever is not needed (delta debugging: Zeller and Hildebrandt, "Simplifying and
 * isolating failure-inducing input", section 3). `steps` themselves are known to show it.
 */
export async function shrink(steps: readonly Step[], shows: Shows): Promise<readonly Step[]> {
  const deadlineMs = performance.now() + SHRINK_TIMEOUT_MS;
  let current = steps;
  let parts = 2;
  for (let runs = 0; current.length > 1;) {
    const smaller = await firstSmaller(current, parts, async (candidate) => {
      runs += 1;
      if (runs > SHRINK_RUNS_MAX || performance.now() > deadlineMs) return 'stop';
      return shows(candidate);
    });
    if (smaller === 'stop') break;
    if (smaller !== undefined) {
      current = smaller;
      parts = Math.max(2, Math.min(parts - 1, current.length));
    } else if (parts >= current.length) break;
    else parts = Math.min(parts * 2, current.length);
  }
  return current;
}

/** The steps without one of `parts` parts of them, as soon as that is still enough. */
async function firstSmaller(
  steps: readonly Step[],
  parts: number,
  shows: (steps: readonly Step[]) => Promise<boolean | 'stop'>,
): Promise<readonly Step[] | 'stop' | undefined> {
  const size = Math.ceil(steps.length / parts);
  for (let from = 0; from < steps.length; from += size) {
    const candidate = [...steps.slice(0, from), ...steps.slice(from + size)];
    const answer = await shows(candidate);
    if (answer === 'stop') return 'stop';
    if (answer) return candidate;
  }
  return undefined;
}
