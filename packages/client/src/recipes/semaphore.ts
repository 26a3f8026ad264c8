import type { Client } from '../client.ts';
import { joinPath } from '../paths.ts';
import { Lock, type LockOptions } from './lock.ts';
import type { Hold } from './support/hold.ts';
import { standInLine, type LineOptions } from './support/line.ts';
import { waitFor, type WaitOptions } from './support/patience.ts';

/** What a semaphore can be told; its layout is Curator's. */
export type SemaphoreOptions = Omit<LockOptions, 'layout'>;

/**
 * A number of leases, each of which one can hold.
 *
 * Guarantees:
 * - Never more than `leases` are held at once, as far as all who use it say the same number.
 * - They are given in the order of asking; a lease ends with its session, or when it is released.
 * - Tokens rise from lease to lease.
 * - Only the first of those who wait watches the leases; each other one watches the one before it.
 *
 * Suspended and lost: as `Lock`. Shares its znodes with Curator's InterProcessSemaphoreV2.
 */
export class Semaphore {
  readonly #client: Client;
  readonly #lock: Lock;
  readonly #line: LineOptions;

  /**
   * @param path a znode that is made when it is missing
   * @param leases how many may be held at once
   */
  constructor(client: Client, path: string, leases: number, options: SemaphoreOptions = {}) {
    const { id = '', whenSuspended = 'stop' } = options;
    this.#client = client;
    this.#lock = new Lock(client, joinPath(path, 'locks'), { ...options, layout: 'curator' });
    this.#line = {
      path: joinPath(path, 'leases'),
      layout: 'curator',
      role: 'lease',
      data: id,
      whenSuspended,
      blocker: (before) => (before.length < leases ? undefined : before[0]),
      wokenBy: 'anyone',
    };
  }

  /** Waits for a lease. */
  acquire(options: WaitOptions = {}): Promise<Hold> {
    return waitFor(
      this.#client,
      options,
      (signal) => this.#acquire(signal),
      (lease) => lease.lose('it came too late'),
    );
  }

  async #acquire(signal: AbortSignal): Promise<Hold> {
    const turn = await this.#lock.acquire({ signal });
    try {
      return await standInLine(this.#client, this.#line, signal);
    } finally {
      await turn.release();
    }
  }
}
