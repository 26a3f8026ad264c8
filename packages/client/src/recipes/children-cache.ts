import type { Client } from '../client.ts';
import { isClientError } from '../errors.ts';
import type { DataAndStat } from '../operations/results.ts';
import { joinPath } from '../paths.ts';
import type { WatchOptions } from '../watching-client.ts';
import type { Alarm } from './support/alarm.ts';
import { Follower } from './support/follower.ts';

/** Children by name, with their data. */
export type ChildrenByName = ReadonlyMap<string, DataAndStat>;

/**
 * Copies of all children of a znode, kept up to date; none while there is no such znode.
 *
 * Guarantees: as NodeCache, for each child. What has not changed is not read again. One watch on the
 * znode, one on each child.
 */
export class ChildrenCache extends Follower<ChildrenByName> {
  constructor(client: Client, path: string) {
    const reader = new ChildrenReader(client, path);
    super(client, (alarm) => reader.read(alarm));
  }
}

/** Something that was read with a watch. The watch may fire before the reader has the answer. */
interface Copy<T> {
  isFresh: boolean;
  value: T;
}

class ChildrenReader {
  readonly #client: Client;
  readonly #path: string;
  #names: Copy<ReadonlySet<string>> = { isFresh: false, value: new Set() };
  readonly #children = new Map<string, Copy<DataAndStat | undefined>>();

  constructor(client: Client, path: string) {
    this.#client = client;
    this.#path = path;
  }

  async read(alarm: Alarm): Promise<ChildrenByName> {
    if (!this.#names.isFresh) await this.#readNames(alarm);
    const names = this.#names.value;
    for (const known of this.#children.keys()) {
      if (!names.has(known)) this.#children.delete(known);
    }
    const stale = [...names].filter((name) => this.#children.get(name)?.isFresh !== true);
    await Promise.all(stale.map((name) => this.#readChild(name, alarm)));
    const copies = new Map<string, DataAndStat>();
    for (const [name, { value }] of this.#children) if (value) copies.set(name, value);
    return copies;
  }

  async #readNames(alarm: Alarm): Promise<void> {
    const names: Copy<ReadonlySet<string>> = { isFresh: true, value: new Set() };
    const watch = watchOver(names, alarm);
    for (;;) {
      try {
        const { children } = await this.#client.getChildren(this.#path, watch);
        names.value = new Set(children);
        break;
      } catch (error) {
        if (!isClientError(error, 'noNode')) throw error;
      }
      if ((await this.#client.exists(this.#path, watch)) === null) break;
    }
    this.#names = names;
  }

  async #readChild(name: string, alarm: Alarm): Promise<void> {
    const child: Copy<DataAndStat | undefined> = { isFresh: true, value: undefined };
    const path = joinPath(this.#path, name);
    try {
      child.value = await this.#client.getData(path, watchOver(child, alarm));
    } catch (error) {
      // Then the watch on the names fires too.
      if (!isClientError(error, 'noNode')) throw error;
      child.isFresh = false;
    }
    this.#children.set(name, child);
  }
}

function watchOver(copy: Copy<unknown>, alarm: Alarm): WatchOptions {
  const onWatch = (): void => {
    copy.isFresh = false;
    alarm.ring();
  };
  return { ...alarm.watch, onWatch };
}
