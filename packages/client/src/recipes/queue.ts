import { addAbortListener } from '../abort-listeners.ts';
import type { Client } from '../client.ts';
import { ClientError, isClientError } from '../errors.ts';
import { joinPath } from '../paths.ts';
import type { WatchOptions } from '../watching-client.ts';
import { Lock } from './lock.ts';
import { QueueItem } from './queue-item.ts';
import { Alarm } from './support/alarm.ts';
import { Hold, type WhenSuspended } from './support/hold.ts';
import { waitFor, waitForChange, type WaitOptions } from './support/patience.ts';
import { deleteSurely, persist } from './support/persist.ts';

const PRIORITY_DEFAULT = 100;
const PRIORITY_MAX = 999;

/** What a queue can be told. */
export interface QueueOptions {
  /** What the taker of an item does while there is no connection. Default: `stop`. */
  readonly whenSuspended?: WhenSuspended;
}

/**
 * A queue whose items are taken out when they are done.
 *
 * Guarantees:
 * - An item is handed out to one taker at a time, and again when that one releases it or loses its
 *   session: at least once. `complete` by one who has lost it rejects.
 * - Lowest priority number first, then in the order in which they were put.
 * - Who waits for an item waits in a line, and only its first is woken by a new one.
 * - Whoever takes reads the names of all items: it is for thousands of them, not for millions.
 * - `put` rejects with `indeterminate` when its answer was lost: to put again may put it twice.
 *
 * Suspended: a taken item's signal aborts (`holdOn`: when the session may have expired), and it goes
 * back. Those who wait go on waiting. Shares its znodes with kazoo's LockingQueue.
 */
export class PriorityQueue {
  readonly #client: Client;
  readonly #entries: string;
  readonly #taken: string;
  readonly #waiting: Lock;
  readonly #whenSuspended: WhenSuspended;
  #isEnsured = false;

  /** @param path a znode that is made when it is missing */
  constructor(client: Client, path: string, options: QueueOptions = {}) {
    this.#client = client;
    this.#entries = joinPath(path, 'entries');
    this.#taken = joinPath(path, 'taken');
    this.#waiting = new Lock(client, joinPath(path, 'waiting'));
    this.#whenSuspended = options.whenSuspended ?? 'stop';
  }

  /**
   * Adds an item.
   *
   * @param priority 0 to 999; the lowest is taken first. Default: 100
   */
  async put(
    data: Uint8Array | string,
    priority: number = PRIORITY_DEFAULT,
    options: WaitOptions = {},
  ): Promise<void> {
    if (!Number.isInteger(priority) || priority < 0 || priority > PRIORITY_MAX) {
      throw new ClientError('badArguments', { message: `there is no priority ${priority}` });
    }
    const name = `entry-${String(priority).padStart(3, '0')}-`;
    await waitForChange(this.#client, options, async (signal) => {
      await this.#ensure(signal);
      const sequential = { sequential: true, signal };
      await this.#client.create(joinPath(this.#entries, name), data, sequential);
    });
  }

  /** Waits for an item, and takes it. */
  take(options: WaitOptions = {}): Promise<QueueItem> {
    return waitFor(
      this.#client,
      options,
      (signal) => this.#take(signal),
      (item) => void item.release().catch(() => undefined),
    );
  }

  /** Takes an item if there is one. */
  tryTake(options: WaitOptions = {}): Promise<QueueItem | undefined> {
    return waitFor(
      this.#client,
      options,
      (signal) => this.#tryTake(signal),
      (item) => void item?.release().catch(() => undefined),
    );
  }

  /** Items that are not done, taken ones included. */
  size(options: WaitOptions = {}): Promise<number> {
    return waitFor(this.#client, options, async (signal) => {
      await this.#ensure(signal);
      const stat = await persist(this.#client, () => this.#client.exists(this.#entries), signal);
      return stat?.numChildren ?? 0;
    });
  }

  async #tryTake(signal: AbortSignal): Promise<QueueItem | undefined> {
    await this.#ensure(signal);
    return persist(this.#client, () => this.#takeFirst({}), signal);
  }

  async #take(signal: AbortSignal): Promise<QueueItem> {
    const atOnce = await this.#tryTake(signal);
    if (atOnce !== undefined) return atOnce;
    for (;;) {
      const turn = await this.#waiting.acquire({ signal });
      try {
        const item = await this.#takeNext(turn, signal);
        if (item !== undefined) return item;
      } finally {
        await turn.release();
      }
    }
  }

  /** As the first of those who wait; undefined when that is lost. */
  async #takeNext(turn: Hold, signal: AbortSignal): Promise<QueueItem | undefined> {
    const alarm = new Alarm();
    addAbortListener(turn.signal, alarm.ring);
    try {
      while (!turn.signal.aborted) {
        const look = (): Promise<QueueItem | undefined> => this.#takeFirst(alarm.watch);
        const item = await persist(this.#client, look, signal);
        if (item !== undefined) return item;
        await alarm.wait(signal);
      }
      return undefined;
    } finally {
      alarm.close();
    }
  }

  async #takeFirst(watch: WatchOptions): Promise<QueueItem | undefined> {
    const [entries, taken] = await Promise.all([
      this.#client.getChildren(this.#entries, watch),
      this.#client.getChildren(this.#taken, watch),
    ]);
    const isTaken = new Set(taken.children);
    for (const name of entries.children.filter((entry) => !isTaken.has(entry)).toSorted()) {
      const item = await this.#tryEntry(name);
      if (item !== undefined) return item;
    }
    return undefined;
  }

  async #tryEntry(name: string): Promise<QueueItem | undefined> {
    const takenPath = joinPath(this.#taken, name);
    const entryPath = joinPath(this.#entries, name);
    const id = this.#client.runtime.uuid();
    const { sessionNumber } = this.#client;
    const czxid = await this.#mark(takenPath, id);
    if (czxid === undefined) return undefined;
    const token = { path: takenPath, czxid, sessionNumber };
    try {
      const { data } = await persist(this.#client, () => this.#client.getData(entryPath));
      const guard = new Alarm();
      guard.ring();
      const hold = new Hold(this.#client, token, guard, this.#whenSuspended);
      return hold.signal.aborted ? undefined : new QueueItem(this.#client, entryPath, data, hold);
    } catch (error) {
      await deleteSurely(this.#client, token);
      if (isClientError(error, 'noNode')) return undefined;
      throw error;
    }
  }

  /** undefined: somebody else has it. */
  async #mark(path: string, id: string): Promise<number | undefined> {
    try {
      return (await this.#client.create(path, id, { kind: 'ephemeral' })).stat.czxid;
    } catch (error) {
      if (isClientError(error, 'nodeExists')) return undefined;
      if (!isClientError(error) || !error.indeterminate) throw error;
    }
    // The answer was lost: the id tells whether it is ours.
    return persist(this.#client, async () => {
      await this.#client.sync(path);
      try {
        const { data, stat } = await this.#client.getData(path);
        return data.toString() === id && this.#client.owns(stat) ? stat.czxid : undefined;
      } catch (error) {
        if (isClientError(error, 'noNode')) return undefined;
        throw error;
      }
    });
  }

  async #ensure(signal: AbortSignal): Promise<void> {
    if (this.#isEnsured) return;
    const paths = [this.#entries, this.#taken];
    const ensure = (): Promise<unknown> =>
      Promise.all(paths.map((path) => this.#client.ensurePath(path, { signal })));
    await persist(this.#client, ensure, signal);
    this.#isEnsured = true;
  }
}

/** A queue without priorities: first in, first out. Guarantees as PriorityQueue. */
export class Queue {
  readonly #queue: PriorityQueue;

  /** @param path a znode that is made when it is missing */
  constructor(client: Client, path: string, options: QueueOptions = {}) {
    this.#queue = new PriorityQueue(client, path, options);
  }

  /** Adds an item at the end. */
  put(data: Uint8Array | string, options: WaitOptions = {}): Promise<void> {
    return this.#queue.put(data, PRIORITY_DEFAULT, options);
  }

  /** Waits for an item, and takes it. */
  take(options: WaitOptions = {}): Promise<QueueItem> {
    return this.#queue.take(options);
  }

  /** Takes an item if there is one. */
  tryTake(options: WaitOptions = {}): Promise<QueueItem | undefined> {
    return this.#queue.tryTake(options);
  }

  /** Items that are not done, taken ones included. */
  size(options: WaitOptions = {}): Promise<number> {
    return this.#queue.size(options);
  }
}
