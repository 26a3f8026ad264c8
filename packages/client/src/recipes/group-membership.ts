import type { Client } from '../client.ts';
import { joinPath } from '../paths.ts';
import { ChildrenCache, type ChildrenByName } from './children-cache.ts';
import { keepEphemeral, type PersistentEphemeral } from './persistent-ephemeral.ts';
import type { Layout } from './support/contender-names.ts';
import type { ChangesOptions, Follower } from './support/follower.ts';
import { waitFor, type WaitOptions } from './support/patience.ts';

const PARTY = '__party__';

/** What a group can be told. */
export interface GroupOptions {
  /**
   * `curator`: a member's znode is called as the member, and holds its data (GroupMember). `kazoo`:
   * it has a name of its own, and holds the member's id (Party). Default: `curator`.
   */
  readonly layout?: Layout;
}

/** Members with their data, by id. */
export type Members = ReadonlyMap<string, Buffer>;

/**
 * Who is there.
 *
 * Guarantees: a member is there from `join` on as long as its client is connected and some time
 * longer, at most its session timeout; it comes back by itself after a lost session. A reader has
 * one watch on the group and one on each member; each copy is newer than the one before.
 *
 * Suspended: the member stays for the others; the copies grow old. Lost: it goes, and comes back
 * with the next session.
 */
export class GroupMembership {
  readonly #client: Client;
  readonly #path: string;
  readonly #layout: Layout;

  /** @param path a znode that is made when it is missing; its children are the members */
  constructor(client: Client, path: string, options: GroupOptions = {}) {
    this.#client = client;
    this.#path = path;
    this.#layout = options.layout ?? 'curator';
  }

  /**
   * Joins as `id`, which nobody else may use; closing the membership leaves.
   *
   * @param data for the others; not with the layout of kazoo
   */
  join(
    id: string,
    data: Uint8Array | string = '',
    options: WaitOptions = {},
  ): Promise<PersistentEphemeral> {
    const isParty = this.#layout === 'kazoo';
    const unique = this.#client.runtime.uuid().replaceAll('-', '');
    const name = isParty ? `${unique}${PARTY}` : id;
    const path = joinPath(this.#path, name);
    return keepEphemeral(this.#client, path, isParty ? id : data, options);
  }

  /** Who is there now, as this client's server knows it. */
  async members(options: WaitOptions = {}): Promise<Members> {
    const cache = new ChildrenCache(this.#client, this.#path);
    try {
      await waitFor(this.#client, options, () => cache.ready);
      return this.#toMembers(cache.current ?? new Map());
    } finally {
      cache.close();
    }
  }

  /** Who is there now, and again at each change. */
  async *changes(options: ChangesOptions = {}): AsyncGenerator<Members, void> {
    const cache: Follower<ChildrenByName> = new ChildrenCache(this.#client, this.#path);
    try {
      for await (const children of cache.changes(options)) yield this.#toMembers(children);
    } finally {
      cache.close();
    }
  }

  #toMembers(children: ChildrenByName): Members {
    const members = new Map<string, Buffer>();
    for (const [name, { data }] of children) {
      if (this.#layout === 'curator') members.set(name, data);
      else if (name.includes(PARTY)) members.set(data.toString(), Buffer.alloc(0));
    }
    return members;
  }
}
