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
 * from either side. A pair is either in `once` or, if it has another mode than `standard`, with all
 * its modes in `lasting`.
 */
export class WatchIndex {
  private readonly byPath = new Map<string, Watchers>();
  private readonly once = new Map<Watcher, Set<string>>();
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

  /** How many paths the watcher watches. */
  countOf(watcher: Watcher): number {
    return (this.once.get(watcher)?.size ?? 0) + (this.lasting.get(watcher)?.size ?? 0);
  }

  /** Paths that the watcher watches, for reports. */
  pathsOf(watcher: Watcher): readonly string[] {
    const { once, lasting } = this;
    return [...(once.get(watcher) ?? []), ...(lasting.get(watcher)?.keys() ?? [])];
  }

  /** Watchers that watch anything, some of them twice. */
  watchers(): readonly Watcher[] {
    return [...this.once.keys(), ...this.lasting.keys()];
  }

  /** How the watcher watches the path: WatchMode bits, 0 when it does not. */
  modesOf(path: string, watcher: Watcher): number {
    if (this.once.get(watcher)?.has(path) === true) return standard;
    if (this.lasting.size === 0) return 0;
    return this.lasting.get(watcher)?.get(path) ?? 0;
  }

  add(path: string, watcher: Watcher, mode: WatchMode): void {
    const before = this.modesOf(path, watcher);
    if ((before & mode) !== 0) return;
    if (before === 0) this.addToPath(path, watcher);
    this.setModes(path, watcher, before, before | mode);
  }

  /** Takes away some modes of one pair; false when it had none of them. */
  remove(path: string, watcher: Watcher, modes: number): boolean {
    const before = this.modesOf(path, watcher);
    if ((before & modes) === 0) return false;
    this.setModes(path, watcher, before, before & ~modes);
    if ((before & ~modes) === 0) this.removeFromPath(path, watcher);
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
    for (const path of this.once.get(watcher) ?? []) this.removeFromPath(path, watcher);
    for (const [path, modes] of this.lasting.get(watcher) ?? []) {
      if ((modes & recursive) !== 0) this.recursivePairs--;
      this.removeFromPath(path, watcher);
    }
    this.once.delete(watcher);
    this.lasting.delete(watcher);
  }

  private hear(path: string, watcher: Watcher, heard: Set<Watcher>): void {
    heard.add(watcher);
    this.remove(path, watcher, standard);
  }

  private addToPath(path: string, watcher: Watcher): void {
    this.pairs++;
    const watchers = this.byPath.get(path);
    if (watchers === undefined) this.byPath.set(path, watcher);
    else if (watchers instanceof Set) watchers.add(watcher);
    else this.byPath.set(path, new Set([watchers, watcher]));
  }

  private removeFromPath(path: string, watcher: Watcher): void {
    this.pairs--;
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
    if (before === standard) this.removeOnce(path, watcher);
    if (after === standard) this.addOnce(path, watcher);
    if (after > standard) this.setLasting(path, watcher, after);
    else if (before > standard) this.removeLasting(path, watcher);
  }

  private addOnce(path: string, watcher: Watcher): void {
    const paths = this.once.get(watcher);
    if (paths === undefined) this.once.set(watcher, new Set([path]));
    else paths.add(path);
  }

  private removeOnce(path: string, watcher: Watcher): void {
    const paths = this.once.get(watcher)!;
    paths.delete(path);
    if (paths.size === 0) this.once.delete(watcher);
  }

  private setLasting(path: string, watcher: Watcher, modes: number): void {
    const paths = this.lasting.get(watcher);
    if (paths === undefined) this.lasting.set(watcher, new Map([[path, modes]]));
    else paths.set(path, modes);
  }

  private removeLasting(path: string, watcher: Watcher): void {
    const paths = this.lasting.get(watcher)!;
    paths.delete(path);
    if (paths.size === 0) this.lasting.delete(watcher);
  }
}

/** undefined for the root. */
function parentOf(path: string): string | undefined {
  if (path.length <= 1) return undefined;
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}
