import { addAbortListener } from '../abort-listeners.ts';
import { randomUUID } from 'node:crypto';
import type { Client } from '../client.ts';
import { ClientError, isClientError } from '../errors.ts';
import { joinPath } from '../paths.ts';
import { Lock } from './lock.ts';
import { Hold, type WhenSuspended } from './support/hold.ts';
import { waitFor, type WaitOptions } from './support/patience.ts';
import {
  Alarm,
  deleteSurely,
  isTransient,
  pause,
  persist,
  throwIfAborted,
} from './support/persist.ts';

const PRIORITY_DEFAULT = 100;
const PRIORITY_MAX = 999;

/** What a queue can be told. */
export interface QueueOptions {
  /** What the taker of an item does while there is no connection. Default: `stop`. */
  readonly whenSuspended?: WhenSuspended;
}

/** An item that is taken, and not done yet. */
export class QueueItem {
  readonly data: Buffer;
  readonly #client: Client;
  readonly #entryPath: string;
  readonly #hold: Hold;

  constructor(client: Client, entryPath: string, data: Buffer, hold: Hold) {
    this.#client = client;
    this.#entryPath = entryPath;
    this.data = data;
    this.#hold = hold;
  }

  /** Aborts when somebody else may take the item: stop working on it. */
  get signal(): AbortSignal {
    return this.#hold.signal;
  }

  /** Higher than that of every earlier taker of anything in this queue. */
  get fencingToken(): number {
    return this.#hold.fencingToken;
  }

  /**
   * It is done: takes it out of the queue. Rejects with `lost` when it was not ours any more, and
   * then it goes to another, unless `indeterminate` says that it may have been taken out before.
   */
  async complete(): Promise<void> {
    let indeterminate = false;
    for (;;) {
      if (this.signal.aborted) {
        throw new ClientError('lost', { path: this.#entryPath, indeterminate });
      }
      try {
        await this.#client.multi().delete(this.#entryPath).delete(this.#hold.path).commit();
        break;
      } catch (error) {
        // Only who has it takes it out: an answer of ours was lost.
        if (isClientError(error, 'noNode')) break;
        if (!isTransient(error)) throw error;
        indeterminate ||= isClientError(error) && error.indeterminate;
      }
      await pause(this.#client, this.signal);
    }
    await this.#hold.release();
  }

  /** It is not done: the next one may take it. */
  release(): Promise<void> {
    return this.#hold.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}

/**
 * A queue whose items are taken out when they are done.
 *
 * Guarantees:
 * - An item is handed out to one taker at a time, and again when that one releases it or loses its
 *   session: at least once. `complete` by one who has lost it rejects.
 * - Lowest priority number first, then in the order in which they were put.
 * - Who waits for an item waits in a line, and only its first is woken by a new one.
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
  async put(data: Uint8Array | string, priority: number = PRIORITY_DEFAULT): Promise<void> {
    if (!Number.isInteger(priority) || priority < 0 || priority > PRIORITY_MAX) {
      throw new ClientError('badArguments', { message: `there is no priority ${priority}` });
    }
    await this.#ensure();
    const name = `entry-${String(priority).padStart(3, '0')}-`;
    await this.#client.create(joinPath(this.#entries, name), data, { sequential: true });
  }

  /** Waits for an item, and takes it. */
  take(options: WaitOptions = {}): Promise<QueueItem> {
    return waitFor(
      this.#client,
      options,
      (signal) => this.#take(signal),
      (item) => void item.release(),
    );
  }

  /** Takes an item if there is one. */
  async tryTake(): Promise<QueueItem | undefined> {
    await this.#ensure();
    return persist(this.#client, () => this.#takeFirst({}));
  }

  /** Items that are not done, taken ones included. */
  async size(): Promise<number> {
    await this.#ensure();
    const stat = await this.#client.exists(this.#entries);
    return stat?.numChildren ?? 0;
  }

  async #take(signal: AbortSignal): Promise<QueueItem> {
    const atOnce = await this.tryTake();
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
    while (!turn.signal.aborted) {
      throwIfAborted(signal);
      const look = (): Promise<QueueItem | undefined> => this.#takeFirst({ onWatch: alarm.ring });
      const item = await persist(this.#client, look, signal);
      if (item !== undefined) return item;
      await alarm.wait(signal);
    }
    return undefined;
  }

  async #takeFirst(watch: { readonly onWatch?: () => void }): Promise<QueueItem | undefined> {
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
    const id = randomUUID();
    const { sessionNumber } = this.#client;
    const czxid = await this.#mark(takenPath, id);
    if (czxid === undefined) return undefined;
    try {
      const { data } = await persist(this.#client, () => this.#client.getData(entryPath));
      const token = { path: takenPath, czxid, sessionNumber };
      const hold = new Hold(this.#client, token, this.#whenSuspended);
      return hold.signal.aborted ? undefined : new QueueItem(this.#client, entryPath, data, hold);
    } catch (error) {
      await deleteSurely(this.#client, takenPath, sessionNumber);
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

  async #ensure(): Promise<void> {
    if (this.#isEnsured) return;
    await persist(this.#client, () =>
      Promise.all([this.#client.ensurePath(this.#entries), this.#client.ensurePath(this.#taken)]),
    );
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
  put(data: Uint8Array | string): Promise<void> {
    return this.#queue.put(data);
  }

  /** Waits for an item, and takes it. */
  take(options: WaitOptions = {}): Promise<QueueItem> {
    return this.#queue.take(options);
  }

  /** Takes an item if there is one. */
  tryTake(): Promise<QueueItem | undefined> {
    return this.#queue.tryTake();
  }

  /** Items that are not done, taken ones included. */
  size(): Promise<number> {
    return this.#queue.size();
  }
}
