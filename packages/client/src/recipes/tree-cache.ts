import type { Client } from '../client.ts';
import { ClientError, isClientError } from '../errors.ts';
import type { DataAndStat } from '../operations/results.ts';
import { joinPath } from '../paths.ts';
import type { WatchStream } from '../watches/watch-stream.ts';
import { callSafely } from '../call-safely.ts';
import { Alarm } from './support/alarm.ts';
import { throwIfAborted } from './support/patience.ts';
import { persist } from './support/persist.ts';

/** What happened to the copy of a tree. */
export type TreeChange =
  | { readonly type: 'set'; readonly path: string; readonly node: DataAndStat }
  | { readonly type: 'deleted'; readonly path: string };

/** What a tree cache can be told. */
export interface TreeCacheOptions {
  /** Called for each change of the copy, from the first reading on. */
  readonly onChange?: (change: TreeChange) => void;
  /**
   * Called once, when nothing is followed any more: undefined after `close` or when the client was
   * closed, otherwise what the servers refused.
   */
  readonly onEnd?: (error: Error | undefined) => void;
}

/** Reads under way at once. */
const READS_MAX = 256;

/**
 * A copy of a znode and everything below it, kept up to date by one recursive watch. Servers from
 * 3.6 on.
 *
 * Guarantees: once `ready`, each znode's copy is one that it had, and never goes back. Changes of
 * different znodes may be seen in another order than they were made; changes that follow each other
 * quickly as one. What this client may not read is left out.
 *
 * Suspended: the copy stays, and grows old. Reconnected, or a new session: all of it is read again.
 */
export class TreeCache {
  /** Resolves when the whole tree has been read; rejects when the servers refuse it. */
  readonly ready: Promise<void>;
  readonly #client: Client;
  readonly #root: string;
  readonly #options: TreeCacheOptions;
  readonly #nodes = new Map<string, DataAndStat>();
  readonly #controller = new AbortController();
  readonly #stream: WatchStream;
  readonly #alarm = new Alarm();
  /** What was changed and has not been read since. */
  readonly #changed = new Set<string>();
  #isAllStale = true;

  constructor(client: Client, path: string, options: TreeCacheOptions = {}) {
    this.#client = client;
    this.#root = path;
    this.#options = options;
    this.#stream = client.watch(path, { recursive: true, signal: this.#controller.signal });
    let onReady: () => void = () => undefined;
    let onFailed: (error: Error) => void = () => undefined;
    this.ready = new Promise((resolve, reject) => {
      onReady = resolve;
      onFailed = reject;
    });
    // Whoever gave an `onEnd` sees the error too; nobody has to wait for `ready`.
    this.ready.catch(() => undefined);
    void this.#run(onReady, onFailed);
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
    this.#controller.abort(new ClientError('closed', { path: this.#root }));
  }

  async #run(onReady: () => void, onFailed: (error: Error) => void): Promise<void> {
    const error = await this.#follow(onReady);
    onFailed(error ?? new ClientError('closed', { path: this.#root }));
    const { onEnd } = this.#options;
    if (onEnd !== undefined) callSafely(onEnd, error);
  }

  /** Resolves when it is over, with the reason unless that was asked for. */
  async #follow(onReady: () => void): Promise<Error | undefined> {
    const { signal } = this.#controller;
    try {
      await this.#stream.ready;
      const reading = this.#readChanges(onReady);
      await Promise.race([reading, this.#noteChanges()]);
      return undefined;
    } catch (error) {
      return signal.aborted || isClientError(error, 'closed') ? undefined : (error as Error);
    } finally {
      this.close();
    }
  }

  async #noteChanges(): Promise<void> {
    for await (const { type, path } of this.#stream) {
      if (type === 'gap') this.#isAllStale = true;
      else this.#changed.add(path);
      this.#alarm.ring();
    }
  }

  /** What was changed while it reads is read together, afterwards. */
  async #readChanges(onReady: () => void): Promise<void> {
    const { signal } = this.#controller;
    for (;;) {
      throwIfAborted(signal);
      if (this.#isAllStale) {
        this.#isAllStale = false;
        this.#changed.clear();
        await this.#readAll();
        onReady();
      } else if (this.#changed.size > 0) {
        const paths = [...this.#changed];
        this.#changed.clear();
        await this.#readTree(paths, 'node');
      } else {
        await this.#alarm.wait(signal);
      }
    }
  }

  async #readAll(): Promise<void> {
    const known = new Set(this.#nodes.keys());
    for (const path of await this.#readTree([this.#root], 'below')) known.delete(path);
    await this.#readTree([...known], 'node');
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
      const isLeftOut = isClientError(error, 'noAuth') && path !== this.#root;
      if (!isLeftOut && !isClientError(error, 'noNode')) throw error;
      this.#delete(path);
      return undefined;
    }
  }

  #set(path: string, node: DataAndStat): void {
    const before = this.#nodes.get(path)?.stat;
    const { stat } = node;
    if (before?.mzxid === stat.mzxid && before.pzxid === stat.pzxid) return;
    this.#nodes.set(path, node);
    this.#tell({ type: 'set', path, node });
  }

  #delete(path: string): void {
    if (this.#nodes.delete(path)) this.#tell({ type: 'deleted', path });
  }

  #tell(change: TreeChange): void {
    const { onChange } = this.#options;
    if (onChange !== undefined) callSafely(onChange, change);
  }
}
