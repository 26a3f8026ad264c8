import type { Client } from '../client.ts';
import type { Hold, WhenSuspended } from './support/hold.ts';
import type { Layout } from './support/contender-names.ts';
import { acquire, nearest, readLine, tryAcquire, type LineOptions } from './support/line.ts';
import type { WaitOptions } from './support/patience.ts';

/** What locks and elections can be told. */
export interface LockOptions {
  /** What others can read about this one. Default: nothing. */
  readonly id?: string;
  /** With whose recipes it shares its znodes. Default: `kazoo`. */
  readonly layout?: Layout;
  /** What a holder does while there is no connection. Default: `stop`. */
  readonly whenSuspended?: WhenSuspended;
}

/**
 * A lock: one holder at a time, in the order of asking.
 *
 * Guarantees:
 * - While a session that holds it lives, nobody else does: not another client, not another
 *   `acquire` of the same one. It cannot be taken twice by the same caller.
 * - Tokens rise from holder to holder.
 * - A holder that crashes loses it when its session expires; one that closes its client, at once.
 * - Each waiting one watches the one before it only.
 *
 * Suspended: the hold's signal aborts (`holdOn`: when the session may have expired), the znode is
 * taken away as soon as there is a connection again, and the lock has to be acquired anew. Those who
 * wait go on waiting, in their place. Lost: the signal aborts; those who wait get a new place.
 */
export class Lock {
  readonly #client: Client;
  readonly #line: LineOptions;

  /** @param path a znode that is made when it is missing; its children are the lock */
  constructor(client: Client, path: string, options: LockOptions = {}) {
    const { id = '', layout = 'kazoo', whenSuspended = 'stop' } = options;
    this.#client = client;
    this.#line = { path, layout, whenSuspended, role: 'exclusive', data: id, blocker: nearest };
  }

  /** Waits for it. Rejects with `operationTimeout`, `aborted`, `closed`, or what servers refuse. */
  acquire(options: WaitOptions = {}): Promise<Hold> {
    return acquire(this.#client, this.#line, options);
  }

  /** Takes it if nobody has it or waits for it; undefined otherwise. */
  tryAcquire(options: WaitOptions = {}): Promise<Hold | undefined> {
    return tryAcquire(this.#client, this.#line, options);
  }

  /**
   * Runs the work while holding it, and releases it whatever happens. The work has to stop when the
   * hold's signal aborts.
   */
  async use<T>(work: (hold: Hold) => Promise<T> | T, options: WaitOptions = {}): Promise<T> {
    const hold = await this.acquire(options);
    try {
      return await work(hold);
    } finally {
      await hold.release();
    }
  }

  /** The `id`s of the holder and of those who wait, in order. */
  contenders(options: WaitOptions = {}): Promise<readonly string[]> {
    return readLine(this.#client, this.#line.path, options);
  }
}
