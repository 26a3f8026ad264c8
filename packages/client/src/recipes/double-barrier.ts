import type { Client } from '../client.ts';
import { ClientError, isClientError } from '../errors.ts';
import { joinPath } from '../paths.ts';
import { Alarm } from './support/alarm.ts';
import { throwIfAborted, waitFor, type WaitOptions } from './support/patience.ts';
import { deleteSurely, persist } from './support/persist.ts';

const READY = 'ready';

/** What a double barrier can be told. */
export interface DoubleBarrierOptions {
  /** What others can read about this one. Default: nothing. */
  readonly id?: string;
}

/**
 * A barrier where a number of members begin together, and end together.
 *
 * Guarantees: nobody has entered before `members` are there; nobody has left before all have left or
 * lost their sessions. One object enters and leaves once. Who waits to leave watches one other
 * member, not all.
 *
 * A member that is cut off while the others enter, and stays so until one of them gives up leaving,
 * or one of another library leaves, waits to enter for ever: give `enter` a `timeoutMs`.
 *
 * Suspended: the waiting goes on. Lost: `enter` and `leave` reject with `lost`, since the member is
 * gone for the others. Shares its znodes with kazoo's DoubleBarrier.
 */
export class DoubleBarrier {
  readonly #client: Client;
  readonly #path: string;
  readonly #members: number;
  readonly #data: string;
  readonly #name: string;
  #sessionNumber = -1;

  /**
   * @param path a znode that is made when it is missing
   * @param members how many have to be there
   */
  constructor(client: Client, path: string, members: number, options: DoubleBarrierOptions = {}) {
    this.#client = client;
    this.#path = path;
    this.#members = members;
    this.#data = options.id ?? '';
    this.#name = client.runtime.uuid().replaceAll('-', '');
  }

  /** Resolves when all are there. Rejects as the signal says, and then this one is no member. */
  enter(options: WaitOptions = {}): Promise<void> {
    const enter = async (signal: AbortSignal): Promise<void> => {
      const alarm = new Alarm();
      try {
        await this.#enter(alarm, signal);
      } catch (error) {
        await this.#deleteOwn();
        throw error;
      } finally {
        alarm.close();
      }
    };
    const discard = (): void => void this.#deleteOwn().catch(() => undefined);
    return waitFor(this.#client, options, enter, discard);
  }

  /** Resolves when all have left. When it rejects as the signal says, this one has left. */
  leave(options: WaitOptions = {}): Promise<void> {
    return waitFor(this.#client, options, async (signal) => {
      const alarm = new Alarm();
      try {
        await this.#leave(alarm, signal);
      } finally {
        alarm.close();
        await this.#clear();
      }
    });
  }

  get #ownPath(): string {
    return joinPath(this.#path, this.#name);
  }

  get #readyPath(): string {
    return joinPath(this.#path, READY);
  }

  async #enter(alarm: Alarm, signal: AbortSignal): Promise<void> {
    const client = this.#client;
    await persist(client, () => client.ensurePath(this.#path), signal);
    await client.connected({ signal });
    this.#sessionNumber = client.sessionNumber;
    let wasReady = false;
    const onWatch = ({ type }: { readonly type: string }): void => {
      wasReady ||= type === 'created';
      alarm.ring();
    };
    // Before this one counts: the ready of the round that it completes cannot be missed.
    const look = async (): Promise<void> => {
      const ready = await client.exists(this.#readyPath, { ...alarm.watch, onWatch });
      wasReady ||= ready !== null;
    };
    await persist(client, look, signal);
    await persist(client, () => this.#createUnlessThere(this.#ownPath, 'ephemeral'), signal);
    for (;;) {
      this.#assertSession();
      if (wasReady) return;
      const members = await this.#readMembers(signal);
      if (members.length >= this.#members) {
        return persist(client, () => this.#createUnlessThere(this.#readyPath, 'persistent'));
      }
      await alarm.wait(signal);
      throwIfAborted(signal);
      if (!wasReady) await persist(client, look, signal);
    }
  }

  /** The first waits for the last, the others leave and wait for the first: one watch each. */
  async #leave(alarm: Alarm, signal: AbortSignal): Promise<void> {
    for (;;) {
      this.#assertSession();
      const members = await this.#readMembers(signal);
      const [first] = members;
      const last = members.at(-1);
      if (first === undefined || (first === this.#name && last === this.#name)) return;
      if (first !== this.#name) {
        await this.#deleteOwn();
      }
      const watched = joinPath(this.#path, first === this.#name ? last! : first);
      if (await this.#watch(watched, alarm, signal)) await alarm.wait(signal);
      throwIfAborted(signal);
    }
  }

  #watch(path: string, alarm: Alarm, signal: AbortSignal): Promise<boolean> {
    const read = async (): Promise<boolean> => {
      try {
        await this.#client.getData(path, alarm.watch);
        return true;
      } catch (error) {
        if (isClientError(error, 'noNode')) return false;
        throw error;
      }
    };
    return persist(this.#client, read, signal);
  }

  async #readMembers(signal: AbortSignal): Promise<readonly string[]> {
    const read = (): Promise<readonly string[]> =>
      this.#client.getChildren(this.#path).then(({ children }) => children);
    const children = await persist(this.#client, read, signal);
    return children.filter((name) => name !== READY).toSorted();
  }

  async #createUnlessThere(path: string, kind: 'ephemeral' | 'persistent'): Promise<void> {
    try {
      await this.#client.create(path, this.#data, { kind });
    } catch (error) {
      // The name is ours alone: then an answer was lost.
      if (!isClientError(error, 'nodeExists')) throw error;
    }
  }

  /** In whichever session it was made: the one that was lost, or the one after it. */
  #deleteOwn(): Promise<void> {
    const { sessionNumber } = this.#client;
    return deleteSurely(this.#client, { path: this.#ownPath, sessionNumber });
  }

  /** `ready` not before all have left: one that was cut off when it appeared has yet to see it. */
  async #clear(): Promise<void> {
    try {
      await this.#deleteReady();
    } finally {
      await this.#deleteOwn();
    }
  }

  async #deleteReady(): Promise<void> {
    try {
      await persist(this.#client, () => this.#client.delete(this.#readyPath));
    } catch (error) {
      if (!isClientError(error, 'noNode')) throw error;
    }
  }

  #assertSession(): void {
    if (this.#client.sessionNumber === this.#sessionNumber && this.#client.state !== 'lost') return;
    throw new ClientError('lost', { path: this.#path });
  }
}
