import type { Watcher } from './watch-table.ts';

/** One watcher, the usual case, costs no set of its own. */
export type Watchers = Watcher | Set<Watcher>;

/** How somebody watches a path, as bits: one pair of watcher and path may have several. */
export const WatchMode = {
  /** Once. */
  standard: 1,
  /** Until it is removed. */
  persistent: 2,
  /** The same, and everything below. */
  recursive: 4,
} as const;
export type WatchMode = (typeof WatchMode)[keyof typeof WatchMode];

const { standard, recursive } = WatchMode;

/**
 * One of ZooKeeper's two tables of watches (WatchManager): which watchers watch which paths, found
 * from either side. Modes are kept only for those pairs that are more than watched once.
 */
export class WatchIndex {
  private readonly byPath = new Map<string, Watchers>();
  private readonly byWatcher = new Map<Watcher, Set<string>>();
  /** Of the pairs with another mode than `standard`, all their modes. */
  private readonly lasting = new Map<Watcher, Map<string, number>>();
  private pairs = 0;
  private recursivePairs = 0;

  /** Paths that are watched. */
  get pathCount(): number {
    return this.byPath.size;
  }

  /** Pairs of watcher and path. */
  get pairCount(): number {
    return this.pairs;
  }

  /** Whether anybody watches a path with everything below it. */
  get hasRecursive(): boolean {
    return this.recursivePairs > 0;
  }

  paths(): IterableIterator<string> {
    return this.byPath.keys();
  }

  /** Paths that the watcher watches. */
  pathsOf(watcher: Watcher): ReadonlySet<string> | undefined {
    return this.byWatcher.get(watcher);
  }

  /** Watchers that watch anything. */
  watchers(): IterableIterator<Watcher> {
    return this.byWatcher.keys();
  }

  /** How the watcher watches the path: WatchMode bits, 0 when it does not. */
  modesOf(path: string, watcher: Watcher): number {
    if (!(this.byWatcher.get(watcher)?.has(path) ?? false)) return 0;
    return this.lasting.get(watcher)?.get(path) ?? standard;
  }

  add(path: string, watcher: Watcher, mode: WatchMode): void {
    const before = this.modesOf(path, watcher);
    if ((before & mode) !== 0) return;
    if (before === 0) this.addPair(path, watcher);
    this.setModes(path, watcher, before, before | mode);
  }

  /** Takes away some modes of one pair; false when it had none of them. */
  remove(path: string, watcher: Watcher, modes: number): boolean {
    const before = this.modesOf(path, watcher);
    if ((before & modes) === 0) return false;
    this.setModes(path, watcher, before, before & ~modes);
    if ((before & ~modes) === 0) this.removePair(path, watcher);
    return true;
  }

  /** Adds to `heard` who watches the path; those who did so once watch it no more. */
  take(path: string, heard: Set<Watcher>): void {
    const watchers = this.byPath.get(path);
    if (watchers === undefined) return;
    if (!(watchers instanceof Set)) return this.hear(path, watchers, heard);
    for (const watcher of watchers) this.hear(path, watcher, heard);
  }

  /** Adds to `heard` who watches a path above `path` with everything below it. */
  addRecursive(path: string, heard: Set<Watcher>): void {
    if (this.recursivePairs === 0) return;
    for (let at = parentOf(path); at !== undefined; at = parentOf(at)) {
      const watchers = this.byPath.get(at);
      if (watchers === undefined) continue;
      for (const watcher of watchers instanceof Set ? watchers : [watchers]) {
        if ((this.modesOf(at, watcher) & recursive) !== 0) heard.add(watcher);
      }
    }
  }

  /** Takes as long as the watcher has watches. */
  removeWatcher(watcher: Watcher): void {
    const paths = this.byWatcher.get(watcher);
    if (paths === undefined) return;
    for (const modes of this.lasting.get(watcher)?.values() ?? []) {
      if ((modes & recursive) !== 0) this.recursivePairs--;
    }
    this.lasting.delete(watcher);
    this.byWatcher.delete(watcher);
    this.pairs -= paths.size;
    for (const path of paths) this.removeFromPath(path, watcher);
  }

  private hear(path: string, watcher: Watcher, heard: Set<Watcher>): void {
    heard.add(watcher);
    if (this.lasting.size === 0) return this.removePair(path, watcher);
    this.remove(path, watcher, standard);
  }

  private addPair(path: string, watcher: Watcher): void {
    this.pairs++;
    const paths = this.byWatcher.get(watcher);
    if (paths === undefined) this.byWatcher.set(watcher, new Set([path]));
    else paths.add(path);
    const watchers = this.byPath.get(path);
    if (watchers === undefined) this.byPath.set(path, watcher);
    else if (watchers instanceof Set) watchers.add(watcher);
    else this.byPath.set(path, new Set([watchers, watcher]));
  }

  private removePair(path: string, watcher: Watcher): void {
    this.pairs--;
    const paths = this.byWatcher.get(watcher);
    paths?.delete(path);
    if (paths?.size === 0) this.byWatcher.delete(watcher);
    this.removeFromPath(path, watcher);
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

  private setModes(path: string, watcher: Watcher, before: number, after: number): void {
    this.recursivePairs += Number((after & recursive) !== 0) - Number((before & recursive) !== 0);
    if (before <= standard && after <= standard) return;
    const modes = this.lasting.get(watcher);
    if (modes === undefined) {
      this.lasting.set(watcher, new Map([[path, after]]));
    } else if (after > standard) {
      modes.set(path, after);
    } else {
      modes.delete(path);
      if (modes.size === 0) this.lasting.delete(watcher);
    }
  }
}

/** undefined for the root. */
function parentOf(path: string): string | undefined {
  if (path.length <= 1) return undefined;
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}
