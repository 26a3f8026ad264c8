import type { Client } from '../client.ts';
import { isClientError } from '../errors.ts';
import type { DataAndStat } from '../operations/results.ts';
import { Alarm } from './support/alarm.ts';
import { waitFor, waitForChange, type WaitOptions } from './support/patience.ts';
import { persist } from './support/persist.ts';

/**
 * A barrier that holds up everybody while its znode is there.
 *
 * Guarantees: who begins to wait after `raise` has resolved, waits; who waits goes on once the
 * barrier has been away, even when it is raised again at once. All who wait are woken together: that
 * is what it is for.
 *
 * Suspended: the waiting goes on. Lost: too, in the new session. Shares its znode with kazoo's
 * Barrier and Curator's DistributedBarrier.
 */
export class Barrier {
  readonly #client: Client;
  readonly #path: string;

  constructor(client: Client, path: string) {
    this.#client = client;
    this.#path = path;
  }

  /** Nobody passes any more. It may be there already. */
  raise(options: WaitOptions = {}): Promise<void> {
    return waitForChange(this.#client, options, (signal) => {
      const raise = async (): Promise<void> => {
        // A server that is behind may show one that has been lifted.
        await this.#client.sync(this.#path, { signal });
        await this.#client.ensurePath(this.#path, { signal });
      };
      return persist(this.#client, raise, signal);
    });
  }

  /** Everybody passes. It may be away already. */
  lift(options: WaitOptions = {}): Promise<void> {
    return waitForChange(this.#client, options, async (signal) => {
      try {
        await persist(this.#client, () => this.#client.delete(this.#path, { signal }), signal);
      } catch (error) {
        if (!isClientError(error, 'noNode')) throw error;
      }
    });
  }

  /** Resolves when there is no barrier. */
  wait(options: WaitOptions = {}): Promise<void> {
    return waitFor(this.#client, options, async (signal) => {
      const alarm = new Alarm();
      try {
        await this.#wait(alarm, signal);
      } finally {
        alarm.close();
      }
    });
  }

  async #wait(alarm: Alarm, signal: AbortSignal): Promise<void> {
    let wasDeleted = false;
    let first: number | undefined;
    const onWatch = ({ type }: { readonly type: string }): void => {
      wasDeleted ||= type === 'deleted';
      alarm.ring();
    };
    const look = (): Promise<DataAndStat> =>
      this.#client.getData(this.#path, { ...alarm.watch, onWatch });
    // Whoever begins to wait after it was raised, waits, whichever server it asks.
    await persist(this.#client, () => this.#client.sync(this.#path), signal);
    for (;;) {
      try {
        const { stat } = await persist(this.#client, look, signal);
        first ??= stat.czxid;
        // It was away while nobody could tell.
        if (stat.czxid !== first) return;
      } catch (error) {
        if (isClientError(error, 'noNode')) return;
        throw error;
      }
      await alarm.wait(signal);
      if (wasDeleted) return;
    }
  }
}
