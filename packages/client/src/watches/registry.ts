import { ErrorCode, WatchEventType, type WatcherEvent } from '@bellwether/protocol';
import { addAbortListener, removeAbortListener } from '../abort-listeners.ts';
import { ClientError } from '../errors.ts';
import { callSafely } from '../call-safely.ts';
import { parentOf, type Chroot } from '../paths.ts';
import type { OnWatch, WatchEndEvent, WatchEvent, ZnodeEventType } from './events.ts';

/** The watch lists of SetWatches2; the keys of all are paths as the server knows them. */
export const ONE_SHOT_KINDS = ['data', 'exists', 'children'] as const;
export const LASTING_KINDS = ['persistent', 'recursive'] as const;
export type OneShotKind = (typeof ONE_SHOT_KINDS)[number];
export type LastingKind = (typeof LASTING_KINDS)[number];
export type WatchKind = OneShotKind | LastingKind;

/** What a persistent watch tells its owner. */
export interface LastingWatch {
  onEvent(event: WatchEvent): void;
  onEnd(type: WatchEndEvent['type']): void;
}

/** A one-shot watch that a read wants to leave. */
export interface OneShotWatch {
  readonly onWatch: OnWatch;
  /** Takes it back. */
  readonly signal: AbortSignal | undefined;
}

type ByPath<W> = Map<string, Set<W>>;
/** Of each one-shot watch, what has to be undone when it ends. */
type OneShotByPath = Map<string, Map<OnWatch, () => void>>;

const EVENT_NAMES: ReadonlyMap<number, ZnodeEventType> = new Map([
  [WatchEventType.nodeCreated, 'created'],
  [WatchEventType.nodeDeleted, 'deleted'],
  [WatchEventType.nodeDataChanged, 'dataChanged'],
  [WatchEventType.nodeChildrenChanged, 'childrenChanged'],
]);

/** Which one-shot watches an event ends. */
const FIRES: Readonly<Record<ZnodeEventType, readonly OneShotKind[]>> = {
  created: ['data', 'exists'],
  dataChanged: ['data', 'exists'],
  deleted: ['data', 'exists', 'children'],
  childrenChanged: ['children'],
};

/** Which watches the server's word that it removed one ends. */
const REMOVES: ReadonlyMap<number, readonly WatchKind[]> = new Map([
  [WatchEventType.dataWatchRemoved, ['data', 'exists']],
  [WatchEventType.childWatchRemoved, ['children']],
  [WatchEventType.persistentWatchRemoved, ['persistent', 'recursive']],
]);

/** The watches of a session, as this side knows them. */
export class WatchRegistry {
  readonly #chroot: Chroot;
  readonly #watchesMax: number;
  readonly #onTakenBack: (path: string) => void;
  readonly #oneShot: Readonly<Record<OneShotKind, OneShotByPath>> = {
    data: new Map(),
    exists: new Map(),
    children: new Map(),
  };
  readonly #lasting: Readonly<Record<LastingKind, ByPath<LastingWatch>>> = {
    persistent: new Map(),
    recursive: new Map(),
  };
  #count = 0;

  /** @param onTakenBack a one-shot watch on this path was taken back by its owner */
  constructor(chroot: Chroot, watchesMax: number, onTakenBack: (path: string) => void) {
    this.#chroot = chroot;
    this.#watchesMax = watchesMax;
    this.#onTakenBack = onTakenBack;
  }

  /** Watches of all kinds. */
  get count(): number {
    return this.#count;
  }

  /** Throws `tooMany` when there is no room for one more. */
  assertRoom(): void {
    if (this.#count < this.#watchesMax) return;
    throw new ClientError('tooMany', { message: `there are ${this.#count} watches` });
  }

  /** The watch that an answered read has left. */
  onRead(kind: OneShotKind, path: string, watch: OneShotWatch, error: number): void {
    if (error === ErrorCode.ok) {
      this.#addOneShot(kind === 'exists' ? 'data' : kind, path, watch);
    } else if (error === ErrorCode.noNode && kind === 'exists') {
      this.#addOneShot('exists', path, watch);
    }
  }

  addLasting(kind: LastingKind, path: string, watch: LastingWatch): void {
    this.#add(this.#lasting[kind], path, watch);
  }

  removeLasting(kind: LastingKind, path: string, watch: LastingWatch): void {
    this.#remove(this.#lasting[kind], path, watch);
  }

  /** Whether anybody here watches this very path, in any way. */
  isWatched(path: string): boolean {
    return [...Object.values(this.#oneShot), ...Object.values(this.#lasting)].some((watches) =>
      (watches as ReadonlyMap<string, unknown>).has(path),
    );
  }

  /** Paths of one kind, to be restored. */
  paths(kind: WatchKind): Iterable<string> {
    const watches =
      kind === 'persistent' || kind === 'recursive' ? this.#lasting[kind] : this.#oneShot[kind];
    return (watches as ReadonlyMap<string, unknown>).keys();
  }

  /** Hands an event of the server to those it is for. */
  onEvent({ type, path }: WatcherEvent): void {
    const name = EVENT_NAMES.get(type);
    if (name === undefined) return this.#onRemoved(type, path);
    const event = { type: name, path: this.#chroot.inside(path) };
    for (const kind of FIRES[name]) this.#fire(kind, path, (onWatch) => onWatch(event));
    for (const watch of this.#lasting.persistent.get(path) ?? []) watch.onEvent(event);
    // The server tells recursive watches of children by their own events.
    if (name !== 'childrenChanged') this.#tellAncestors(path, event);
  }

  /** All persistent watches are in force again after a time in which nobody told them anything. */
  onRestored(): void {
    this.#eachLasting((path, watch) => watch.onEvent({ type: 'gap', path }));
  }

  /** One-shot watches are gone with the session; persistent ones will be set up in the next. */
  onSessionLost(): void {
    this.#endOneShot('lost');
  }

  onClosed(): void {
    this.#endOneShot('closed');
    this.#eachLasting((_path, watch) => watch.onEnd('closed'));
    for (const watches of Object.values(this.#lasting)) watches.clear();
    this.#count = 0;
  }

  #tellAncestors(path: string, event: WatchEvent): void {
    const { recursive } = this.#lasting;
    if (recursive.size === 0) return;
    for (let at = path; ; at = parentOf(at)) {
      for (const watch of recursive.get(at) ?? []) watch.onEvent(event);
      if (at === '/') return;
    }
  }

  #onRemoved(type: number, path: string): void {
    const inside = this.#chroot.inside(path);
    for (const kind of REMOVES.get(type) ?? []) {
      if (kind === 'persistent' || kind === 'recursive') {
        const watches = [...(this.#lasting[kind].get(path) ?? [])];
        for (const watch of watches) this.#remove(this.#lasting[kind], path, watch);
        for (const watch of watches) watch.onEnd('removed');
      } else {
        this.#fire(kind, path, (onWatch) => onWatch({ type: 'removed', path: inside }));
      }
    }
  }

  #fire(kind: OneShotKind, path: string, tell: (onWatch: OnWatch) => void): void {
    const watches = this.#oneShot[kind].get(path);
    if (watches === undefined) return;
    this.#oneShot[kind].delete(path);
    this.#count -= watches.size;
    for (const [onWatch, release] of watches) {
      release();
      callSafely(tell, onWatch);
    }
  }

  #addOneShot(kind: OneShotKind, path: string, { onWatch, signal }: OneShotWatch): void {
    if (signal?.aborted === true) return this.#onTakenBack(path);
    let watches = this.#oneShot[kind].get(path);
    if (watches === undefined) this.#oneShot[kind].set(path, (watches = new Map()));
    if (watches.has(onWatch)) return;
    const takeBack = (): void => this.#takeBack(kind, path, onWatch);
    watches.set(onWatch, () => removeAbortListener(signal, takeBack));
    this.#count++;
    addAbortListener(signal, takeBack);
  }

  #takeBack(kind: OneShotKind, path: string, onWatch: OnWatch): void {
    const watches = this.#oneShot[kind].get(path);
    if (watches?.delete(onWatch) !== true) return;
    this.#count--;
    if (watches.size > 0) return;
    this.#oneShot[kind].delete(path);
    this.#onTakenBack(path);
  }

  #endOneShot(type: WatchEndEvent['type']): void {
    for (const kind of ONE_SHOT_KINDS) {
      for (const path of [...this.#oneShot[kind].keys()]) {
        const inside = this.#chroot.inside(path);
        this.#fire(kind, path, (onWatch) => onWatch({ type, path: inside }));
      }
    }
  }

  #eachLasting(tell: (path: string, watch: LastingWatch) => void): void {
    for (const watches of Object.values(this.#lasting)) {
      for (const [path, set] of [...watches]) {
        for (const watch of [...set]) tell(this.#chroot.inside(path), watch);
      }
    }
  }

  #add<W>(watches: ByPath<W>, path: string, watch: W): void {
    const set = watches.get(path);
    if (set === undefined) watches.set(path, new Set([watch]));
    else if (set.has(watch)) return;
    else set.add(watch);
    this.#count++;
  }

  #remove<W>(watches: ByPath<W>, path: string, watch: W): void {
    const set = watches.get(path);
    if (set?.delete(watch) !== true) return;
    this.#count--;
    if (set.size === 0) watches.delete(path);
  }
}
