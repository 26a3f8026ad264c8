import type { Watcher } from './watch-table.ts';

/** One watcher, the usual case, costs no set of its own. */
export type Watchers = Watcher | Set<Watcher>;

/** Which watchers watch which paths in one way, found from either side. */
export class WatchIndex {
  private readonly byPath = new Map<string, Watchers>();
  private readonly byWatcher = new Map<Watcher, Set<string>>();

  /** Paths that are watched. */
  get pathCount(): number {
    return this.byPath.size;
  }

  paths(): IterableIterator<string> {
    return this.byPath.keys();
  }

  /** Watchers that watch anything. */
  watchers(): IterableIterator<Watcher> {
    return this.byWatcher.keys();
  }

  /** All watches; takes as long as there are watchers. */
  get watchCount(): number {
    let count = 0;
    for (const paths of this.byWatcher.values()) count += paths.size;
    return count;
  }

  /** What this watcher watches. */
  pathsOf(watcher: Watcher): ReadonlySet<string> | undefined {
    return this.byWatcher.get(watcher);
  }

  /** Watches of this watcher. */
  countOf(watcher: Watcher): number {
    return this.byWatcher.get(watcher)?.size ?? 0;
  }

  has(path: string, watcher: Watcher): boolean {
    return this.byWatcher.get(watcher)?.has(path) ?? false;
  }

  add(path: string, watcher: Watcher): void {
    const paths = this.byWatcher.get(watcher);
    if (paths === undefined) this.byWatcher.set(watcher, new Set([path]));
    else if (paths.has(path)) return;
    else paths.add(path);
    const watchers = this.byPath.get(path);
    if (watchers === undefined) this.byPath.set(path, watcher);
    else if (watchers instanceof Set) watchers.add(watcher);
    else this.byPath.set(path, new Set([watchers, watcher]));
  }

  /** Removes and returns the watchers of the path: they watch it no more. */
  take(path: string): Watchers | undefined {
    const watchers = this.byPath.get(path);
    if (watchers === undefined) return undefined;
    this.byPath.delete(path);
    if (watchers instanceof Set) {
      for (const watcher of watchers) this.forget(path, watcher);
    } else {
      this.forget(path, watchers);
    }
    return watchers;
  }

  /** Takes as long as the watcher has watches. */
  removeWatcher(watcher: Watcher): void {
    const paths = this.byWatcher.get(watcher);
    if (paths === undefined) return;
    this.byWatcher.delete(watcher);
    for (const path of paths) this.removeFromPath(path, watcher);
  }

  private removeFromPath(path: string, watcher: Watcher): void {
    const watchers = this.byPath.get(path);
    if (!(watchers instanceof Set)) {
      this.byPath.delete(path);
      return;
    }
    watchers.delete(watcher);
    if (watchers.size === 0) this.byPath.delete(path);
  }

  private forget(path: string, watcher: Watcher): void {
    const paths = this.byWatcher.get(watcher);
    paths?.delete(path);
    if (paths?.size === 0) this.byWatcher.delete(watcher);
  }
}
