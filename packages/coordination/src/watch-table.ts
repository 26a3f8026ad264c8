import {
  Permission,
  WatchEventType,
  type Identity,
  type SetWatchesRequest,
} from '@bellwether/protocol';
import type { AclList } from './acl-table.ts';
import { permits } from './acl-rules.ts';
import type { Tree } from './tree.ts';
import { WatchIndex, type Watchers } from './watch-index.ts';

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

/**
 * The watches of this node's clients, never replicated. One-shot: an event removes them.
 * ZooKeeper's two tables are two indices here.
 */
export class WatchTable {
  private readonly data = new WatchIndex();
  private readonly child = new WatchIndex();

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
    return this.data.watchCount + this.child.watchCount;
  }

  /** Everybody who watches anything, for reports. */
  watchers(): ReadonlySet<Watcher> {
    return new Set([...this.data.watchers(), ...this.child.watchers()]);
  }

  /** What the watcher watches, in whichever way, for reports. */
  pathsOf(watcher: Watcher): ReadonlySet<string> {
    const none: readonly string[] = [];
    const { data, child } = this;
    return new Set([...(data.pathsOf(watcher) ?? none), ...(child.pathsOf(watcher) ?? none)]);
  }

  /** Watches that the watcher has. */
  countOf(watcher: Watcher): number {
    return this.data.countOf(watcher) + this.child.countOf(watcher);
  }

  /** Pass the znode's own path string where there is one: it is kept. */
  add(kind: WatchKind, path: string, watcher: Watcher): void {
    this[kind].add(path, watcher);
  }

  has(kind: WatchKind, path: string, watcher: Watcher): boolean {
    return this[kind].has(path, watcher);
  }

  /** The paths that are watched in one way. */
  paths(kind: WatchKind): IterableIterator<string> {
    return this[kind].paths();
  }

  /** The connection is gone. */
  removeWatcher(watcher: Watcher): void {
    this.data.removeWatcher(watcher);
    this.child.removeWatcher(watcher);
  }

  /**
   * Fires the watches that the event is for. A deletion goes to both kinds, once to each watcher.
   * `acl` is that of the znode at `path`.
   */
  fire(type: WatchEventType, path: string, acl: AclList, zxid: number): void {
    if (type === WatchEventType.nodeChildrenChanged) {
      this.tell(this.child.take(path), undefined, type, path, acl, zxid);
      return;
    }
    const told = this.data.take(path);
    this.tell(told, undefined, type, path, acl, zxid);
    if (type !== WatchEventType.nodeDeleted) return;
    this.tell(this.child.take(path), told, type, path, acl, zxid);
  }

  private tell(
    watchers: Watchers | undefined,
    except: Watchers | undefined,
    type: WatchEventType,
    path: string,
    acl: AclList,
    zxid: number,
  ): void {
    if (watchers === undefined) return;
    for (const watcher of watchers instanceof Set ? watchers : [watchers]) {
      const isTold = except instanceof Set ? except.has(watcher) : except === watcher;
      if (isTold || !permits(acl, Permission.read, { list: watcher.identities })) continue;
      watcher.onWatchEvent(type, path, zxid);
    }
  }

  /**
   * After a reconnect: tells the watcher at once what it has missed since `relativeZxid`, and
   * registers the rest (DataTree.setWatches).
   */
  setWatches(request: SetWatchesRequest, tree: Tree, watcher: Watcher): void {
    const { relativeZxid } = request;
    for (const path of request.dataWatches) {
      const znode = tree.get(path);
      if (znode === undefined) this.missed(WatchEventType.nodeDeleted, path, watcher);
      else if (znode.mzxid > relativeZxid) {
        this.missed(WatchEventType.nodeDataChanged, path, watcher);
      } else this.data.add(znode.path, watcher);
    }
    for (const path of request.existWatches) {
      if (tree.get(path) !== undefined) this.missed(WatchEventType.nodeCreated, path, watcher);
      else this.data.add(path, watcher);
    }
    for (const path of request.childWatches) {
      const znode = tree.get(path);
      if (znode === undefined) this.missed(WatchEventType.nodeDeleted, path, watcher);
      else if (znode.pzxid > relativeZxid) {
        this.missed(WatchEventType.nodeChildrenChanged, path, watcher);
      } else this.child.add(znode.path, watcher);
    }
  }

  private missed(type: WatchEventType, path: string, watcher: Watcher): void {
    watcher.onWatchEvent(type, path, NO_ZXID);
  }
}
