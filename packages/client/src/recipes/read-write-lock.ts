import type { Client } from '../client.ts';
import type { LockOptions } from './lock.ts';
import type { Hold } from './support/hold.ts';
import {
  acquire,
  nearest,
  nearestWriter,
  readLine,
  tryAcquire,
  type LineOptions,
} from './support/line.ts';
import type { WaitOptions } from './support/patience.ts';

/**
 * A lock that many readers share, or one writer has.
 *
 * Guarantees: those of `Lock` for writers. Readers hold it at the same time when no writer asked
 * before them; a writer waits for all who asked before, and who asks after it waits for it, so that
 * neither starves. A reader watches the writer before it only, a writer the one before it: when a
 * writer leaves, the readers behind it wake, which all of them may. It cannot be upgraded: a reader
 * who wants to write releases first.
 *
 * Suspended and lost: as `Lock`.
 */
export class ReadWriteLock {
  readonly #client: Client;
  readonly #reader: LineOptions;
  readonly #writer: LineOptions;

  /** @param path a znode that is made when it is missing; its children are the lock */
  constructor(client: Client, path: string, options: LockOptions = {}) {
    const { id = '', layout = 'kazoo', whenSuspended = 'stop' } = options;
    const common = { path, layout, whenSuspended, data: id };
    this.#client = client;
    this.#reader = { ...common, role: 'read', blocker: nearestWriter };
    this.#writer = { ...common, role: 'write', blocker: nearest };
  }

  /** Waits until no writer that asked before has it. */
  acquireRead(options: WaitOptions = {}): Promise<Hold> {
    return acquire(this.#client, this.#reader, options);
  }

  /** Reads if no writer has it or waits for it; undefined otherwise. */
  tryAcquireRead(options: WaitOptions = {}): Promise<Hold | undefined> {
    return tryAcquire(this.#client, this.#reader, options);
  }

  /** Waits until nobody that asked before has it. */
  acquireWrite(options: WaitOptions = {}): Promise<Hold> {
    return acquire(this.#client, this.#writer, options);
  }

  /** Writes if nobody has it or waits for it; undefined otherwise. */
  tryAcquireWrite(options: WaitOptions = {}): Promise<Hold | undefined> {
    return tryAcquire(this.#client, this.#writer, options);
  }

  /** The `id`s of holders and of those who wait, in order. */
  contenders(options: WaitOptions = {}): Promise<readonly string[]> {
    return readLine(this.#client, this.#reader.path, options);
  }
}
