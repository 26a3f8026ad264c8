import type { Acl, Stat } from '@bellwether/protocol';
import type { Client } from '../client.ts';
import { ClientError, isClientError } from '../errors.ts';
import { parentOf } from '../paths.ts';
import { Alarm } from './support/alarm.ts';
import { waitFor, type WaitOptions } from './support/patience.ts';
import { isTransient, pause, persist } from './support/persist.ts';

/** What a persistent ephemeral can be told. */
export interface PersistentEphemeralOptions {
  /** Default: everybody may do everything. */
  readonly acls?: readonly Acl[];
}

interface Writing {
  resolve(): void;
  reject(error: Error): void;
}

/**
 * An ephemeral that is always there while this process is: it is made again in each new session, and
 * when somebody deletes it.
 *
 * Guarantees: while the client is connected, the znode is there with the newest data, but for the
 * moment that it takes to see that it is gone. It belongs to this session: another's at the same
 * path is left alone, and this one is made when that is gone; one that an earlier session of this
 * client left behind is replaced. One watch.
 *
 * Suspended: the znode stays as long as the session. Lost: it goes, and comes back with the next.
 */
export class PersistentEphemeral {
  readonly path: string;
  /** Resolves when it is there for the first time; rejects when the servers refuse it. */
  readonly ready: Promise<void>;
  readonly #client: Client;
  readonly #acls: { readonly acls?: readonly Acl[] };
  readonly #controller = new AbortController();
  readonly #alarm = new Alarm();
  /** Former owners, as `high:low`: sessions of this client. */
  readonly #owners = new Set<string>();
  #writings: Writing[] = [];
  #data: Uint8Array;
  /** There may be a znode of ours. */
  #hasTried = false;
  /** Why it is not kept any more, when that was not asked for. */
  #failure: Error | undefined;
  readonly #loop: Promise<void>;
  #closed: Promise<void> | undefined;

  constructor(
    client: Client,
    path: string,
    data: Uint8Array | string = '',
    options: PersistentEphemeralOptions = {},
  ) {
    this.path = path;
    this.#client = client;
    this.#data = Buffer.from(data);
    this.#acls = options.acls === undefined ? {} : { acls: options.acls };
    this.ready = new Promise((resolve, reject) => this.#writings.push({ resolve, reject }));
    this.ready.catch(() => undefined);
    this.#loop = this.#keep();
  }

  /**
   * Resolves when it has this data, which it also gets when the waiting ends before. Rejects with
   * what servers refuse, also what they refused before: then it is not kept any more.
   */
  async setData(data: Uint8Array | string, options: WaitOptions = {}): Promise<void> {
    if (this.#controller.signal.aborted) throw new ClientError('closed', { path: this.path });
    if (this.#failure !== undefined) throw this.#failure;
    this.#data = Buffer.from(data);
    const written = new Promise<void>((resolve, reject) => {
      this.#writings.push({ resolve, reject });
      this.#alarm.ring();
    });
    await waitFor(this.#client, options, () => written);
  }

  /** Resolves when it is gone, which it also is when the waiting ends before. */
  close(options: WaitOptions = {}): Promise<void> {
    this.#closed ??= this.#close();
    const closed = this.#closed;
    return waitFor(this.#client, options, () => closed);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#controller.abort();
    await this.#loop;
    this.#alarm.close();
    try {
      await persist(this.#client, () => this.#deleteOwn());
    } catch (error) {
      if (!isClientError(error, 'closed')) throw error;
    }
  }

  /** Also one that was made although the answer was lost. */
  async #deleteOwn(): Promise<void> {
    if (!this.#hasTried) return;
    const [, stat] = await Promise.all([
      this.#client.sync(this.path),
      this.#client.exists(this.path),
    ]);
    if (stat === null || !this.#client.owns(stat)) return;
    try {
      await this.#client.delete(this.path);
    } catch (error) {
      if (!isClientError(error, 'noNode')) throw error;
    }
  }

  async #keep(): Promise<void> {
    const { signal } = this.#controller;
    while (!signal.aborted) {
      // A copy: who comes from here on waits for the next time, since the data may be newer.
      const writings = [...this.#writings];
      try {
        const isThere = await this.#ensure();
        if (isThere) {
          this.#writings = this.#writings.filter((writing) => !writings.includes(writing));
          for (const writing of writings) writing.resolve();
        }
      } catch (error) {
        if (!isTransient(error)) {
          this.#failure = error as Error;
          break;
        }
        await pause(this.#client, signal);
        continue;
      }
      await this.#alarm.wait(signal);
    }
    const reason = this.#failure ?? new ClientError('closed', { path: this.path });
    for (const writing of this.#writings.splice(0)) writing.reject(reason);
  }

  /** Leaves a watch. False: it is somebody else's for now. */
  async #ensure(): Promise<boolean> {
    const data = this.#data;
    const stat = await this.#client.exists(this.path, this.#alarm.watch);
    if (stat === null) {
      await this.#create(data);
      return this.#ensure();
    }
    if (!this.#client.owns(stat)) return this.#replace(stat);
    this.#owners.add(ownerOf(stat));
    if (!(await this.#write(data))) return this.#ensure();
    // What was set meanwhile has its own turn.
    if (this.#data !== data) this.#alarm.ring();
    return true;
  }

  /** False: it has been deleted meanwhile. */
  async #write(data: Uint8Array): Promise<boolean> {
    try {
      const now = await this.#client.getData(this.path);
      if (!now.data.equals(data)) await this.#client.setData(this.path, data);
      return true;
    } catch (error) {
      if (isClientError(error, 'noNode')) return false;
      throw error;
    }
  }

  async #create(data: Uint8Array): Promise<void> {
    this.#hasTried = true;
    try {
      await this.#client.create(this.path, data, { kind: 'ephemeral', ...this.#acls });
    } catch (error) {
      if (isClientError(error, 'noNode')) await this.#client.ensurePath(parentOf(this.path));
      else if (!isClientError(error, 'nodeExists')) throw error;
    }
  }

  async #replace(stat: Stat): Promise<boolean> {
    if (!this.#owners.has(ownerOf(stat))) return false;
    try {
      await this.#client.delete(this.path, { version: stat.version });
    } catch (error) {
      if (!isClientError(error, 'noNode', 'badVersion')) throw error;
    }
    return this.#ensure();
  }
}

/** Resolves when it is there; when the waiting ends before, nothing is left behind. */
export async function keepEphemeral(
  client: Client,
  path: string,
  data: Uint8Array | string,
  options: WaitOptions,
): Promise<PersistentEphemeral> {
  const node = new PersistentEphemeral(client, path, data);
  try {
    await waitFor(client, options, () => node.ready);
    return node;
  } catch (error) {
    void node.close().catch(() => undefined);
    throw error;
  }
}

function ownerOf({ ephemeralOwnerHigh, ephemeralOwnerLow }: Stat): string {
  return `${ephemeralOwnerHigh}:${ephemeralOwnerLow}`;
}
