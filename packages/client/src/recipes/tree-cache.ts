import type { Client } from '../client.ts';
import { isClientError } from '../errors.ts';
import type { DataAndStat } from '../operations/results.ts';
import { joinPath } from '../paths.ts';
import type { WatchStream } from '../watches/watch-stream.ts';
import { persist, throwIfAborted } from './support/persist.ts';

/** What happened to the copy of a tree. */
export type TreeChange =
  | { readonly type: 'set'; readonly path: string; readonly node: DataAndStat }
  | { readonly type: 'deleted'; readonly path: string };

/** What a tree cache can be told. */
export interface TreeCacheOptions {
  /** Called for each change of the copy, from the first reading on. */
  readonly onChange?: (change: TreeChange) => void;
}

/** Reads under way at once. */
const READS_MAX = 256;

/**
 * A copy of a znode and everything below it, kept up to date by one recursive watch. Servers from
 * 3.6 on.
 *
 * Guarantees: once `ready`, each znode's copy is one that it had, and never goes back. Changes of
 * different znodes may be seen in another order than they were made; changes that follow each other
 * quickly as one.
 *
 * Suspended: the copy stays, and grows old. Reconnected, or a new session: all of it is read again.
 */
export class TreeCache {
  /** Resolves when the whole tree has been read; rejects when the servers refuse it. */
  readonly ready: Promise<void>;
  readonly #client: Client;
  readonly #root: string;
  readonly #onChange: (change: TreeChange) => void;
  readonly #nodes = new Map<string, DataAndStat>();
  readonly #controller = new AbortController();
  readonly #stream: WatchStream;

  constructor(client: Client, path: string, options: TreeCacheOptions = {}) {
    this.#client = client;
    this.#root = path;
    this.#onChange = options.onChange ?? (() => undefined);
    this.#stream = client.watch(path, { recursive: true, signal: this.#controller.signal });
    this.ready = this.#start();
    this.ready.catch(() => this.close());
  }

  /** The copy of one znode. */
  get(path: string): DataAndStat | undefined {
    return this.#nodes.get(path);
  }

  /** All copies by path. */
  get nodes(): ReadonlyMap<string, DataAndStat> {
    return this.#nodes;
  }

  /** Nothing is followed any more; the last copies stay. */
  close(): void {
    this.#controller.abort();
  }

  async #start(): Promise<void> {
    await this.#stream.ready;
    await this.#readAll();
    void this.#follow();
  }

  async #follow(): Promise<void> {
    try {
      for await (const event of this.#stream) {
        if (event.type === 'gap') await this.#readAll();
        else await this.#readTree([event.path], 'node');
      }
    } catch (error) {
      if (!this.#controller.signal.aborted && !isClientError(error, 'closed')) throw error;
    }
  }

  async #readAll(): Promise<void> {
    const known = new Set(this.#nodes.keys());
    for (const path of await this.#readTree([this.#root], 'below')) known.delete(path);
    for (const path of known) await this.#readTree([path], 'node');
  }

  /** Returns the paths that were there. One level after the other, so much at once as may be. */
  async #readTree(paths: readonly string[], depth: 'node' | 'below'): Promise<readonly string[]> {
    const found: string[] = [];
    const open = [...paths];
    while (open.length > 0) {
      const batch = open.splice(0, READS_MAX);
      const reads = batch.map(async (path) => {
        const children = await this.#readNode(path, depth);
        if (children === undefined) return;
        found.push(path);
        for (const child of children) open.push(joinPath(path, child));
      });
      await Promise.all(reads);
    }
    return found;
  }

  /** Returns the names of the children that have to be read too; undefined when it is not there. */
  async #readNode(path: string, depth: 'node' | 'below'): Promise<readonly string[] | undefined> {
    const { signal } = this.#controller;
    const isNew = !this.#nodes.has(path);
    try {
      const read = (): Promise<DataAndStat> => this.#client.getData(path);
      const node = await persist(this.#client, read, signal);
      throwIfAborted(signal);
      this.#set(path, node);
      // What came with a gap may have children already, whose events were not seen.
      if (depth === 'node' && !isNew) return [];
      if (node.stat.numChildren === 0) return [];
      const list = (): Promise<readonly string[]> =>
        this.#client.getChildren(path).then(({ children }) => children);
      return await persist(this.#client, list, signal);
    } catch (error) {
      if (!isClientError(error, 'noNode')) throw error;
      this.#delete(path);
      return undefined;
    }
  }

  #set(path: string, node: DataAndStat): void {
    const before = this.#nodes.get(path)?.stat;
    const { stat } = node;
    if (before?.mzxid === stat.mzxid && before.pzxid === stat.pzxid) return;
    this.#nodes.set(path, node);
    this.#onChange({ type: 'set', path, node });
  }

  #delete(path: string): void {
    if (this.#nodes.delete(path)) this.#onChange({ type: 'deleted', path });
  }
}
