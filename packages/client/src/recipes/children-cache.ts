import type { Client } from '../client.ts';
import { isClientError } from '../errors.ts';
import type { DataAndStat } from '../operations/results.ts';
import { joinPath } from '../paths.ts';
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
    super(client, (onChange) => reader.read(onChange));
  }
}

class ChildrenReader {
  readonly #client: Client;
  readonly #path: string;
  /** Undefined: has to be read. Otherwise its watch is in force. */
  #names: readonly string[] | undefined;
  readonly #children = new Map<string, DataAndStat>();

  constructor(client: Client, path: string) {
    this.#client = client;
    this.#path = path;
  }

  async read(onChange: () => void): Promise<ChildrenByName> {
    const names = (this.#names ??= await this.#readNames(onChange));
    for (const known of this.#children.keys()) {
      if (!names.includes(known)) this.#children.delete(known);
    }
    const missing = names.filter((name) => !this.#children.has(name));
    await Promise.all(missing.map((name) => this.#readChild(name, onChange)));
    return new Map(this.#children);
  }

  async #readNames(onChange: () => void): Promise<readonly string[]> {
    const onWatch = (): void => {
      this.#names = undefined;
      onChange();
    };
    for (;;) {
      try {
        return (await this.#client.getChildren(this.#path, { onWatch })).children;
      } catch (error) {
        if (!isClientError(error, 'noNode')) throw error;
      }
      if ((await this.#client.exists(this.#path, { onWatch })) === null) return [];
    }
  }

  async #readChild(name: string, onChange: () => void): Promise<void> {
    const onWatch = (): void => {
      this.#children.delete(name);
      onChange();
    };
    try {
      this.#children.set(name, await this.#client.getData(joinPath(this.#path, name), { onWatch }));
    } catch (error) {
      // Then the watch on the names fires too.
      if (!isClientError(error, 'noNode')) throw error;
    }
  }
}
