import type { Client } from '../../client.ts';
import { spendPatience, spendPatienceOnChange, type WaitOptions } from '../../patience.ts';

export { throwIfAborted } from '../../patience.ts';
export type { WaitOptions } from '../../patience.ts';

/** The work of a recipe that may wait, with the caller's patience. See `spendPatience`. */
export function waitFor<T>(
  client: Client,
  options: WaitOptions,
  work: (signal: AbortSignal) => Promise<T>,
  discard?: (late: T) => void,
): Promise<T> {
  return spendPatience(client.runtime, options, work, discard);
}

/** The same for work that may change something. See `spendPatienceOnChange`. */
export function waitForChange<T>(
  client: Client,
  options: WaitOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return spendPatienceOnChange(client.runtime, options, work);
}
