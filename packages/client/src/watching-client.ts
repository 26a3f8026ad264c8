import { AddWatchMode, WatcherType } from '@bellwether/protocol';
import { ClientBase } from './client-base.ts';
import { STREAM_EVENTS_MAX_DEFAULT, WATCH_PAUSE_MS } from './limits.ts';
import { addWatchOperation, removeWatchesOperation } from './operations/catalogue.ts';
import type { RequestOptions } from './options.ts';
import type { OnAnswer, Operation } from './session/request.ts';
import type { OnWatch } from './watches/events.ts';
import type { LastingKind, LastingWatch, OneShotKind } from './watches/registry.ts';
import { WatchStream } from './watches/watch-stream.ts';

/** What asks about a path and may leave a watch there. */
type ReadOperation<Result> = Operation<{ readonly path: string; readonly watch: boolean }, Result>;

/** Of reads that can leave a one-shot watch. */
export interface WatchOptions extends RequestOptions {
  /**
   * Called once, with the next change after what was read, or with the end of the watch. Not called
   * when the read fails.
   */
  readonly onWatch?: OnWatch;
  /** Takes the watch back when it aborts: then it is not called any more. */
  readonly watchSignal?: AbortSignal;
}

/** Of a persistent watch. */
export interface WatchStreamOptions {
  /** Of all znodes below, too; then childrenChanged is left out. Default: false. */
  readonly recursive?: boolean;
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
  /** Events that wait for the reader; more of them become one gap. Default: 10,000. */
  readonly eventsMax?: number;
}

/** A client with watches: the reads that leave them, and those that last. */
export class WatchingClient extends ClientBase {
  /**
   * Watches a znode, which need not be there, for as long as the events are read:
   *
   *     for await (const event of client.watch('/a', { recursive: true })) { ... }
   *
   * Events of one znode come in order, but each only says that there was a change: by the time it
   * is read there may have been more. Servers from 3.6 on. Servers before 3.10 forget a persistent
   * watch when the same session leaves a one-shot watch on the very same path.
   */
  watch(path: string, options: WatchStreamOptions = {}): WatchStream {
    const kind: LastingKind = options.recursive === true ? 'recursive' : 'persistent';
    const outside = this.chroot.outside(path);
    return new WatchStream({
      start: (watch) => this.#addWatch(kind, outside, path, watch),
      stop: (watch) => this.#removeWatch(kind, outside, watch),
      pause: () => this.#pause(),
      eventsMax: options.eventsMax ?? STREAM_EVENTS_MAX_DEFAULT,
      path,
      signal: options.signal,
    });
  }

  /** A read that leaves a one-shot watch when the caller wants to hear of it. */
  protected read<Result>(
    operation: ReadOperation<Result>,
    kind: OneShotKind,
    path: string,
    options: WatchOptions,
  ): Promise<Result> {
    return this.send(() =>
      this.readOutside(operation, kind, this.chroot.outside(path), path, options),
    );
  }

  /** The same, of a path as the server knows it. */
  protected readOutside<Result>(
    operation: ReadOperation<Result>,
    kind: OneShotKind,
    outside: string,
    path: string,
    options: WatchOptions,
  ): Promise<Result> {
    const { onWatch, watchSignal: signal } = options;
    const query = { path: outside, watch: onWatch !== undefined };
    if (onWatch === undefined) return this.request({ operation, query, path }, options);
    this.watches.assertRoom();
    const watch = { onWatch, signal };
    const onAnswer: OnAnswer = (error, caller) => {
      if (caller === 'waits') this.watches.onRead(kind, outside, watch, error);
      else this.onTakenBack(outside);
    };
    return this.request({ operation, query, path, watchedPath: outside, onAnswer }, options);
  }

  async #addWatch(
    kind: LastingKind,
    outside: string,
    path: string,
    watch: LastingWatch,
  ): Promise<void> {
    this.watches.assertRoom();
    const isRecursive = kind === 'recursive';
    const mode = isRecursive ? AddWatchMode.persistentRecursive : AddWatchMode.persistent;
    const subject = {
      operation: addWatchOperation,
      query: { path: outside, mode },
      path,
      watchedPath: outside,
      onAnswer: (error: number, caller: 'waits' | 'gone') => {
        if (caller === 'gone') this.onTakenBack(outside);
        else if (error === 0) this.watches.addLasting(kind, outside, watch);
      },
    };
    await this.request(subject, {});
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.runtime.clearTimer(timer);
        this.off('closed', end);
        resolve();
      };
      const timer = this.runtime.setTimer(end, WATCH_PAUSE_MS);
      this.on('closed', end);
    });
  }

  #removeWatch(kind: LastingKind, outside: string, watch: LastingWatch): void {
    this.watches.removeLasting(kind, outside, watch);
    this.onTakenBack(outside);
  }

  /** The server is told when nobody here watches the path any more, since it takes all watches away. */
  protected override onTakenBack(outside: string): void {
    const isNeeded = this.watches.isWatched(outside) || this.session.queue.isWatching(outside);
    if (isNeeded || this.session.server === undefined) return;
    const query = { path: outside, type: WatcherType.any };
    const subject = { operation: removeWatchesOperation, query, path: outside };
    // Events that come all the same are for nobody.
    this.request(subject, {}).catch(() => undefined);
  }

  /** What is wrong with the arguments rejects too, instead of being thrown. */
  protected send<Result>(submit: () => Promise<Result>): Promise<Result> {
    try {
      return submit();
    } catch (error) {
      return Promise.reject(error);
    }
  }
}
