import {
  AddWatchMode,
  Permission,
  WatchEventType,
  WatcherType,
  type Identity,
  type SetWatchesRequest,
  type SetWatches2Request,
} from '@bellwether/protocol';
import type { AclList } from './acl-table.ts';
import { permits } from './acl-rules.ts';
import type { Tree } from './tree.ts';
import { WatchIndex, WatchMode } from './watch-index.ts';
import { watchedPath } from './znode.ts';

/** The zxid of an event that no single command caused. */
export const NO_ZXID = -1;

/** Somebody who watches: one connection. */
export interface Watcher {
  /** Who it is: events of znodes that it may not read are kept from it. */
  readonly identities: readonly Identity[];
  /**
   * Called while a command is applied, so it must not call back into the coordinator. `zxid` is the
   * command's index, or NO_ZXID in the answer to setWatches.
   */
  onWatchEvent(type: WatchEventType, path: string, zxid: number): void;
}

/** data: the watches of getData and exists, which ZooKeeper keeps as one; child: the others. */
export type WatchKind = 'data' | 'child';

const { standard, persistent, recursive } = WatchMode;
const ANY_MODE = standard | persistent | recursive;

/**
 * Where a watch of a WatcherType is, and in which mode; a persistent one is in both tables
 * (DataTree.containsWatcher and removeWatch).
 */
const PLACES: ReadonlyMap<number, Readonly<Record<WatchKind, number>>> = new Map([
  [WatcherType.children, { data: 0, child: standard }],
  [WatcherType.data, { data: standard, child: 0 }],
  [WatcherType.any, { data: ANY_MODE, child: ANY_MODE }],
  [WatcherType.persistent, { data: persistent, child: persistent }],
  [WatcherType.persistentRecursive, { data: recursive, child: 0 }],
]);

/**
 * The watches of this node's clients, never replicated. Those of reads are gone with their first
 * event; those of addWatch stay until they are removed. Recursive ones hear of everything below
 * but changes of children, which they hear of as creations and deletions.
 */
export class WatchTable {
  private readonly data = new WatchIndex();
  private readonly child = new WatchIndex();
  /** Who hears of the event that is being fired; each once. */
  private readonly heard = new Set<Watcher>();

  /** Whether nobody watches anything. */
  get isEmpty(): boolean {
    return this.data.pathCount === 0 && this.child.pathCount === 0;
  }

  /** Watched paths, those watched in both ways twice. */
  get pathCount(): number {
    return this.data.pathCount + this.child.pathCount;
  }

  /** All watches, a path that is watched in both ways by the same watcher twice. */
  get watchCount(): number {
    return this.data.pairCount + this.child.pairCount;
  }

  /** Everybody who watches anything, for reports. */
  watchers(): ReadonlySet<Watcher> {
    return new Set([...this.data.watchers(), ...this.child.watchers()]);
  }

  /** What the watcher watches, in whichever way, for reports. */
  pathsOf(watcher: Watcher): ReadonlySet<string> {
    return new Set([...this.data.pathsOf(watcher), ...this.child.pathsOf(watcher)]);
  }

  /** Watches that the watcher has. */
  countOf(watcher: Watcher): number {
    return this.data.countOf(watcher) + this.child.countOf(watcher);
  }

  /** Pass the znode's own path string where there is one: it is kept. */
  add(kind: WatchKind, path: string, watcher: Watcher): void {
    this[kind].add(path, watcher, standard);
  }

  /** A watch that stays. Nothing needs to be at the path. */
  addLasting(mode: AddWatchMode, path: string, watcher: Watcher): void {
    if (mode === AddWatchMode.persistentRecursive) return this.data.add(path, watcher, recursive);
    this.data.add(path, watcher, persistent);
    this.child.add(path, watcher, persistent);
  }

  /** Whether the watcher has a watch of this type there; undefined for what is no type. */
  has(type: number, path: string, watcher: Watcher): boolean | undefined {
    const place = PLACES.get(type);
    if (place === undefined) return undefined;
    const isInData = (this.data.modesOf(path, watcher) & place.data) !== 0;
    return isInData || (this.child.modesOf(path, watcher) & place.child) !== 0;
  }

  /** Removes such watches; false when there was none, undefined for what is no type. */
  remove(type: number, path: string, watcher: Watcher): boolean | undefined {
    const place = PLACES.get(type);
    if (place === undefined) return undefined;
    const wasInData = this.data.remove(path, watcher, place.data);
    return this.child.remove(path, watcher, place.child) || wasInData;
  }

  /** The paths that are watched in one way. */
  paths(kind: WatchKind): IterableIterator<string> {
    return this[kind].paths();
  }

  /** Whether anybody watches a path with everything below it. */
  get hasRecursive(): boolean {
    return this.data.hasRecursive;
  }

  /** The connection is gone. */
  removeWatcher(watcher: Watcher): void {
    this.data.removeWatcher(watcher);
    this.child.removeWatcher(watcher);
  }

  /**
   * Fires the watches that the event is for. A deletion goes to both kinds. Each watcher hears of
   * it once. `acl` is that of the znode at `path`.
   */
  fire(type: WatchEventType, path: string, acl: AclList, zxid: number): void {
    const heard = this.heard;
    if (type === WatchEventType.nodeChildrenChanged) {
      this.child.take(path, heard);
    } else {
      this.data.take(path, heard);
      this.data.addRecursive(path, heard);
      if (type === WatchEventType.nodeDeleted) this.child.take(path, heard);
    }
    if (heard.size === 0) return;
    for (const watcher of heard) {
      if (!permits(acl, Permission.read, { list: watcher.identities })) continue;
      watcher.onWatchEvent(type, path, zxid);
    }
    heard.clear();
  }

  /**
   * After a reconnect: tells the watcher at once what it has missed since `relativeZxid`, and
   * registers the rest (DataTree.setWatches).
   */
  setWatches(request: SetWatchesRequest | SetWatches2Request, tree: Tree, watcher: Watcher): void {
    const { relativeZxid } = request;
    for (const path of request.dataWatches) {
      const znode = tree.get(path);
      if (znode === undefined) this.missed(WatchEventType.nodeDeleted, path, watcher);
      else if (znode.mzxid > relativeZxid) {
        this.missed(WatchEventType.nodeDataChanged, path, watcher);
      } else this.add('data', watchedPath(path, znode), watcher);
    }
    for (const path of request.existWatches) {
      if (tree.get(path) !== undefined) this.missed(WatchEventType.nodeCreated, path, watcher);
      else this.add('data', path, watcher);
    }
    for (const path of request.childWatches) {
      const znode = tree.get(path);
      if (znode === undefined) this.missed(WatchEventType.nodeDeleted, path, watcher);
      else if (znode.pzxid > relativeZxid) {
        this.missed(WatchEventType.nodeChildrenChanged, path, watcher);
      } else this.add('child', watchedPath(path, znode), watcher);
    }
    if (!('persistentWatches' in request)) return;
    const { persistentWatches, persistentRecursiveWatches } = request;
    for (const path of persistentWatches) this.addLasting(AddWatchMode.persistent, path, watcher);
    for (const path of persistentRecursiveWatches) {
      this.addLasting(AddWatchMode.persistentRecursive, path, watcher);
    }
  }

  private missed(type: WatchEventType, path: string, watcher: Watcher): void {
    watcher.onWatchEvent(type, path, NO_ZXID);
  }
}
