import type { Client } from '../client.ts';
import { joinPath } from '../paths.ts';
import { Lock, type LockOptions } from './lock.ts';
import type { Hold } from './support/hold.ts';
import { acquire, tryAcquire, type LineOptions } from './support/line.ts';
import { waitFor, type WaitOptions } from './support/patience.ts';

/** What a semaphore can be told; its layout is Curator's unless it says kazoo's. */
export type SemaphoreOptions = LockOptions;

/**
 * A number of leases, each of which one can hold.
 *
 * Guarantees:
 * - Never more than `leases` are held at once, as far as all who use it say the same number.
 * - They are given in the order of asking; a lease ends with its session, or when it is released.
 * - Tokens rise from lease to lease.
 * - Only the first of those who wait watches the leases; each other one watches the one before it.
 *
 * Suspended and lost: as `Lock`. Shares its znodes with Curator's InterProcessSemaphoreV2, or with
 * kazoo's Semaphore, whose lock lies beside the path: `/path-__lock__`.
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
    const { id = '', whenSuspended = 'stop', layout = 'curator' } = options;
    const isCurators = layout === 'curator';
    this.#client = client;
    const lockPath = isCurators ? joinPath(path, 'locks') : `${path}-__lock__`;
    this.#lock = new Lock(client, lockPath, { ...options, layout });
    this.#line = {
      path: isCurators ? joinPath(path, 'leases') : path,
      layout,
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
      async (signal) => {
        const turn = await this.#lock.acquire({ signal });
        try {
          return await acquire(this.#client, this.#line, { signal });
        } finally {
          await turn.release();
        }
      },
      (lease) => lease.lose('it came too late'),
    );
  }

  /** Takes a lease if there is one and nobody waits for it; undefined otherwise. */
  tryAcquire(options: WaitOptions = {}): Promise<Hold | undefined> {
    return waitFor(
      this.#client,
      options,
      async (signal) => {
        const turn = await this.#lock.tryAcquire({ signal });
        if (turn === undefined) return undefined;
        try {
          return await tryAcquire(this.#client, this.#line, { signal });
        } finally {
          await turn.release();
        }
      },
      (lease) => lease?.lose('it came too late'),
    );
  }
}
