import type { Stat } from '@bellwether/protocol';

interface ModelZnode {
  readonly data: string | null;
  readonly version: number;
  readonly created: number;
  readonly owner: number;
  readonly czxid: number;
  readonly mzxid: number;
  readonly pzxid: number;
}

type ModelTree = ReadonlyMap<string, ModelZnode>;

export type ModelCommand =
  | { kind: 'create'; path: string; data: string | null; flags: number; session: number }
  | { kind: 'delete'; path: string; version: number }
  | { kind: 'setData'; path: string; data: string | null; version: number }
  | { kind: 'check'; path: string; version: number }
  | { kind: 'close'; session: number }
  | { kind: 'multi'; commands: ModelCommand[] };

const SYSTEM = ['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config'];

/**
 * The tree as one would write it on the back of an envelope: an immutable map, copied on every
 * change, children found by looking at all paths. It shares no code with the real one.
 */
export class Model {
  private tree: ModelTree = new Map(
    SYSTEM.map((path) => [path, blank('', 0, 0)] as [string, ModelZnode]),
  );

  paths(): string[] {
    return [...this.tree.keys()];
  }

  dataAt(path: string): string | null {
    return this.tree.get(path)!.data;
  }

  children(path: string): string[] {
    return childrenOf(this.tree, path);
  }

  statOf(path: string, timeOf: (zxid: number) => number): Stat {
    const znode = this.tree.get(path)!;
    const numChildren = this.children(path).length;
    return {
      czxid: znode.czxid,
      mzxid: znode.mzxid,
      pzxid: znode.pzxid,
      ctime: znode.czxid === 0 ? 0 : timeOf(znode.czxid),
      mtime: znode.mzxid === 0 ? 0 : timeOf(znode.mzxid),
      version: znode.version,
      cversion: znode.created * 2 - numChildren,
      aversion: path === '/zookeeper/config' ? -1 : 0,
      ephemeralOwner: znode.owner,
      ephemeralOwnerHigh: 0,
      ephemeralOwnerLow: znode.owner,
      dataLength: znode.data === null ? 0 : Buffer.byteLength(znode.data),
      numChildren,
    };
  }

  /** The error code. */
  apply(command: ModelCommand, zxid: number): number {
    const result = step(this.tree, command, zxid);
    if (typeof result === 'number') return result;
    this.tree = result;
    return 0;
  }
}

function blank(data: string | null, owner: number, zxid: number): ModelZnode {
  return { data, version: 0, created: 0, owner, czxid: zxid, mzxid: zxid, pzxid: zxid };
}

function childrenOf(tree: ModelTree, path: string): string[] {
  const prefix = path === '/' ? '/' : `${path}/`;
  const below = [...tree.keys()].filter((key) => key !== '/' && key.startsWith(prefix));
  return below.map((key) => key.slice(prefix.length)).filter((name) => !name.includes('/'));
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function step(tree: ModelTree, command: ModelCommand, zxid: number): ModelTree | number {
  switch (command.kind) {
    case 'create': {
      const above = parentOf(command.path);
      const parent = tree.get(above);
      if (parent === undefined) return -101;
      const suffix = command.flags >= 2 ? `000000000${parent.created}`.slice(-10) : '';
      const path = command.path + suffix;
      if (tree.has(path)) return -110;
      if (parent.owner !== 0) return -108;
      const owner = command.flags % 2 === 1 ? command.session : 0;
      const changed = { ...parent, created: parent.created + 1, pzxid: zxid };
      return new Map([...tree, [above, changed], [path, blank(command.data, owner, zxid)]]);
    }
    case 'delete': {
      if (SYSTEM.includes(command.path)) return -8;
      const parent = tree.get(parentOf(command.path));
      const znode = tree.get(command.path);
      if (parent === undefined || znode === undefined) return -101;
      if (command.version !== -1 && command.version !== znode.version) return -103;
      if (childrenOf(tree, command.path).length > 0) return -111;
      const rest = [...tree].filter(([path]) => path !== command.path);
      return new Map([...rest, [parentOf(command.path), { ...parent, pzxid: zxid }]]);
    }
    case 'setData': {
      const znode = tree.get(command.path);
      if (znode === undefined) return -101;
      if (command.path === '/zookeeper/config') return -102;
      if (command.version !== -1 && command.version !== znode.version) return -103;
      const { data } = command;
      const changed = { ...znode, data, version: znode.version + 1, mzxid: zxid };
      return new Map([...tree, [command.path, changed]]);
    }
    case 'check': {
      const znode = tree.get(command.path);
      if (znode === undefined) return -101;
      return command.version === -1 || command.version === znode.version ? tree : -103;
    }
    case 'close': {
      const owned = [...tree].filter(([, znode]) => znode.owner === command.session);
      return owned.reduce<ModelTree>(
        (all, [path]) => step(all, { kind: 'delete', path, version: -1 }, zxid) as ModelTree,
        tree,
      );
    }
    case 'multi': {
      let all: ModelTree = tree;
      for (const part of command.commands) {
        const next = step(all, part, zxid);
        if (typeof next === 'number') return next;
        all = next;
      }
      return all;
    }
  }
}
