import type { Stat } from '@bellwether/protocol';
import type { Client } from '../client.ts';
import { isClientError } from '../errors.ts';
import type { DataAndStat } from '../operations/results.ts';
import { NodeCache } from './node-cache.ts';
import type { ChangesOptions } from './support/follower.ts';
import { waitFor, waitForChange, type WaitOptions } from './support/patience.ts';
import { readOrNull, updateData } from './support/versioned.ts';

/**
 * A value that many read and change, as bytes.
 *
 * Guarantees: `update` and `compareAndSet` replace the very value that they saw. When the answer to
 * a write was lost and it cannot be told whether it happened, they reject with `indeterminate`: to
 * do it again may do it twice.
 *
 * Suspended: operations wait. Lost: they are done in the new session. Shares its znode with
 * Curator's SharedValue.
 */
export class SharedValue {
  readonly #client: Client;
  readonly #path: string;

  /** @param path a znode that is made by the first change */
  constructor(client: Client, path: string) {
    this.#client = client;
    this.#path = path;
  }

  /** The value and its version; null: there is none yet. */
  get(options: WaitOptions = {}): Promise<DataAndStat | null> {
    return waitFor(this.#client, options, (signal) => readOrNull(this.#client, this.#path, signal));
  }

  /** Replaces whatever there is. */
  set(value: Uint8Array | string, options: WaitOptions = {}): Promise<Stat> {
    return this.update(() => value, options);
  }

  /**
   * Replaces the value by what follows from it; `change` may be called several times.
   *
   * @param change gets undefined when there is no value yet
   */
  update(
    change: (before: Buffer | undefined) => Uint8Array | string,
    options: WaitOptions = {},
  ): Promise<Stat> {
    return waitForChange(this.#client, options, (signal) =>
      updateData(this.#client, this.#path, change, signal),
    );
  }

  /** Replaces the value of this version (`stat.version`); undefined when it is another by now. */
  async compareAndSet(
    version: number,
    value: Uint8Array | string,
    options: WaitOptions = {},
  ): Promise<Stat | undefined> {
    try {
      return await waitForChange(this.#client, options, (signal) =>
        this.#client.setData(this.#path, value, { version, signal }),
      );
    } catch (error) {
      if (isClientError(error, 'badVersion')) return undefined;
      throw error;
    }
  }

  /** The value now, and each newer one; null while there is none. */
  async *changes(options: ChangesOptions = {}): AsyncGenerator<DataAndStat | null, void> {
    const cache = new NodeCache(this.#client, this.#path);
    try {
      yield* cache.changes(options);
    } finally {
      cache.close();
    }
  }
}
