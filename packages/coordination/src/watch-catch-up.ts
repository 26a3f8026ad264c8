import { WatchEventType } from '@bellwether/protocol';
import type { Tree } from './tree.ts';
import type { WatchKind, WatchTable } from './watch-table.ts';

interface Seen {
  readonly czxid: number;
  readonly mzxid: number;
  readonly pzxid: number;
}

/**
 * What the watched znodes were like before the state was replaced by a newer snapshot. Afterwards
 * the watches of those that have changed fire, as if the commands between had been applied here.
 */
export class WatchCatchUp {
  private readonly watches: WatchTable;
  private readonly seen: Record<WatchKind, Map<string, Seen | undefined>>;
  /** What lay below recursive watches. */
  private readonly seenBelow: Map<string, Seen | undefined>;

  constructor(watches: WatchTable, before: Tree) {
    this.watches = watches;
    this.seen = {
      data: capture('data', watches, before),
      child: capture('child', watches, before),
    };
    this.seenBelow = captureBelow(watches, before);
  }

  /** `zxid` is the index that the new state stands for. */
  fire(after: Tree, zxid: number): void {
    for (const kind of ['data', 'child'] as const) {
      for (const [path, seen] of this.seen[kind]) this.fireOne(kind, path, seen, after, zxid);
    }
    for (const [path, seen] of this.seenBelow) {
      if (!this.seen.data.has(path)) this.fireOne('data', path, seen, after, zxid);
    }
    if (!this.watches.hasRecursive) return;
    for (const path of after.znodes.keys()) {
      const isNew = !this.seenBelow.has(path) && !this.seen.data.has(path);
      if (isNew) this.fireOne('data', path, undefined, after, zxid);
    }
  }

  private fireOne(
    kind: WatchKind,
    path: string,
    seen: Seen | undefined,
    after: Tree,
    zxid: number,
  ): void {
    const type = changeOf(kind, seen, after.get(path));
    if (type === undefined) return;
    const acl = after.get(path)?.acl ?? after.acls.open;
    this.watches.fire(type, path, acl, zxid);
  }
}

/** Recursive watches may be about anything, so where there is one, everything is looked at. */
function captureBelow(watches: WatchTable, tree: Tree): Map<string, Seen | undefined> {
  const seen = new Map<string, Seen | undefined>();
  if (!watches.hasRecursive) return seen;
  for (const [path, { czxid, mzxid, pzxid }] of tree.znodes) {
    seen.set(path, { czxid, mzxid, pzxid });
  }
  return seen;
}

function capture(kind: WatchKind, watches: WatchTable, tree: Tree): Map<string, Seen | undefined> {
  const seen = new Map<string, Seen | undefined>();
  for (const path of watches.paths(kind)) {
    const znode = tree.get(path);
    seen.set(path, znode && { czxid: znode.czxid, mzxid: znode.mzxid, pzxid: znode.pzxid });
  }
  return seen;
}

function changeOf(
  kind: WatchKind,
  before: Seen | undefined,
  after: Seen | undefined,
): WatchEventType | undefined {
  if (before === undefined) {
    return after !== undefined && kind === 'data' ? WatchEventType.nodeCreated : undefined;
  }
  if (after === undefined || after.czxid !== before.czxid) return WatchEventType.nodeDeleted;
  if (kind === 'data') {
    return after.mzxid === before.mzxid ? undefined : WatchEventType.nodeDataChanged;
  }
  return after.pzxid === before.pzxid ? undefined : WatchEventType.nodeChildrenChanged;
}
