import { assert } from './assert.ts';
import { DataSlab, dataLengthAt } from './data-slab.ts';
import { StateDigest, type DigestValue } from './digest.ts';
import { AclTable, type AclList } from './acl-table.ts';
import { Quotas } from './quotas.ts';
import { putBack, saveZnode, type Undo } from './undo-log.ts';
import { Znode } from './znode.ts';
import { PERSISTENT, type ZnodeKind } from './znode-kind.ts';

/** Told of every znode that is about to change or to go, before it does. */
export interface ChangeObserver {
  beforeChange(znode: Znode): void;
}

const NO_BYTES = new Uint8Array(0);

const SYSTEM_PATHS: ReadonlySet<string> = new Set([
  '/',
  '/zookeeper',
  '/zookeeper/quota',
  '/zookeeper/config',
]);

/** Whether the path is one that may never be deleted. */
export function isSystemPath(path: string): boolean {
  return SYSTEM_PATHS.has(path);
}

/**
 * The znodes: a flat map by path, and links from parents to children. It only does what it is told;
 * whether that is allowed is decided by the operations. While a transaction is open, everything
 * can be undone.
 */
export class Tree {
  readonly znodes = new Map<string, Znode>();
  readonly acls = new AclTable();
  private readonly data = new DataSlab();
  /** Stamped on new znodes, so that a snapshot that is under way passes over them. */
  snapshotNumber = 0;
  /** The snapshot that is under way. */
  observer: ChangeObserver | undefined = undefined;
  readonly quotas = new Quotas(this);
  /** Of all znodes that are linked, and of what the owner of the tree adds. */
  readonly digest = new StateDigest();
  /** Containers and TTL nodes: what goes by itself, in the order of creation. */
  readonly mortals = new Set<Znode>();
  private readonly ephemerals = new Map<number, Set<Znode>>();
  private dataSizeNow = 0;
  private undos: Undo[] | undefined = undefined;
  /** What a transaction that is undone goes back to. */
  private digestBefore: DigestValue = this.digest;

  /** The znode; the root also answers to '', as in ZooKeeper. */
  get(path: string): Znode | undefined {
    return this.znodes.get(path === '' ? '/' : path);
  }

  /** What ZooKeeper calls its approximate data size: characters of paths and bytes of data. */
  get dataSize(): number {
    return this.dataSizeNow;
  }

  ephemeralsOf(sessionId: number): ReadonlySet<Znode> | undefined {
    return this.ephemerals.get(sessionId);
  }

  /** How many znodes are below this one; takes as long as there are, but for the root. */
  countBelow(znode: Znode): number {
    if (znode.path === '/') return this.znodes.size - 1;
    let count = -1;
    const waiting = [znode];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      count++;
      for (const child of next.children ?? []) waiting.push(child);
    }
    return count;
  }

  /** Adds what every ZooKeeper has from the beginning, without counting it as a change. */
  addSystemZnodes(): void {
    for (const path of SYSTEM_PATHS) {
      const isConfig = path === '/zookeeper/config';
      const acl = this.acls.reuse(isConfig ? this.acls.readOnly : this.acls.open);
      const znode = new Znode(path, acl, 0, 0, PERSISTENT, this.snapshotNumber);
      this.data.put(znode, NO_BYTES);
      if (isConfig) znode.aversion = -1;
      this.insert(znode);
      if (path !== '/') this.link(this.parentOf(znode), znode);
    }
  }

  /** `acl` is already acquired; `data` is copied. */
  create(
    path: string,
    parent: Znode,
    data: Uint8Array | null,
    acl: AclList,
    kind: ZnodeKind,
    zxid: number,
    timeMs: number,
  ): Znode {
    assert(!this.znodes.has(path), 'a new path is new');
    this.beforeChange(parent);
    this.digest.subtractStat(parent);
    const number = this.snapshotNumber;
    const znode = new Znode(path, acl, zxid, timeMs, kind, number);
    this.data.put(znode, data);
    this.undos?.push({ kind: 'created', znode });
    this.insert(znode);
    this.link(parent, znode);
    parent.childrenCreated++;
    parent.pzxid = zxid;
    this.digest.addStat(parent);
    this.quotas.onCreated(znode);
    return znode;
  }

  delete(znode: Znode, zxid: number): void {
    assert(znode.numChildren === 0, 'a znode that goes has no children');
    const parent = this.parentOf(znode);
    this.beforeChange(parent);
    this.observer?.beforeChange(znode);
    this.digest.subtractStat(parent);
    this.remove(znode);
    parent.pzxid = zxid;
    this.digest.addStat(parent);
    if (!this.quotas.isEmpty) this.quotas.onChanged(znode.path, -znode.dataLength, -1);
    if (this.undos === undefined) this.release(znode);
    else this.undos.push({ kind: 'deleted', znode });
  }

  /** Copies `data`. */
  setData(
    znode: Znode,
    data: Uint8Array | null,
    version: number,
    zxid: number,
    timeMs: number,
  ): void {
    const grownBytes = (data === null ? 0 : data.length) - znode.dataLength;
    this.replaceData(znode, data);
    this.digest.subtractStat(znode);
    znode.version = version;
    znode.mzxid = zxid;
    znode.mtime = timeMs;
    this.digest.addStat(znode);
    if (!this.quotas.isEmpty) this.quotas.onChanged(znode.path, grownBytes, 0);
  }

  /**
   * Copies `data`, and leaves everything else as it is. Without a transaction, it is overwritten
   * where it is if it fits.
   */
  replaceData(znode: Znode, data: Uint8Array | null): void {
    this.beforeChange(znode);
    this.dataSizeNow += (data === null ? 0 : data.length) - znode.dataLength;
    this.digest.subtractData(znode);
    this.placeData(znode, data);
    this.digest.addData(znode);
  }

  private placeData(znode: Znode, data: Uint8Array | null): void {
    if (this.undos === undefined) {
      if (this.data.overwrite(znode, data)) return;
      this.data.free(znode);
    } else {
      const { page, dataCode } = znode;
      this.undos.push({ kind: 'moved', znode, from: { page, dataCode } });
    }
    this.data.put(znode, data);
  }

  /** `acl` is already acquired. */
  setAcl(znode: Znode, acl: AclList, aversion: number): void {
    assert(this.undos === undefined, 'setACL is not part of transactions');
    this.beforeChange(znode);
    this.digest.subtractStat(znode);
    this.acls.release(znode.acl);
    znode.acl = acl;
    znode.aversion = aversion;
    this.digest.addStat(znode);
  }

  /** From here on everything can be undone. */
  begin(): void {
    assert(this.undos === undefined, 'one transaction at a time');
    this.undos = [];
    this.digestBefore = { a: this.digest.a, b: this.digest.b };
  }

  /** Keeps what the transaction did. */
  commit(): void {
    assert(this.undos !== undefined, 'a transaction is open');
    for (const undo of this.undos) {
      if (undo.kind === 'deleted') this.release(undo.znode);
      else if (undo.kind === 'moved') this.data.free(undo.from);
    }
    this.undos = undefined;
  }

  /** Undoes what the transaction did, newest first. */
  rollback(): void {
    assert(this.undos !== undefined, 'a transaction is open');
    const undos = this.undos;
    this.undos = undefined;
    for (let i = undos.length - 1; i >= 0; i--) this.undo(undos[i]!);
    this.digest.set(this.digestBefore);
  }

  private undo(undo: Undo): void {
    switch (undo.kind) {
      case 'created':
        this.remove(undo.znode);
        this.release(undo.znode);
        return;
      case 'deleted':
        this.insert(undo.znode);
        this.link(this.parentOf(undo.znode), undo.znode);
        return;
      case 'moved':
        this.dataSizeNow += dataLengthAt(undo.from) - undo.znode.dataLength;
        this.data.free(undo.znode);
        undo.znode.page = undo.from.page;
        undo.znode.dataCode = undo.from.dataCode;
        return;
      case 'changed':
        putBack(undo.znode, undo.saved);
        return;
      default:
        undo satisfies never;
    }
  }

  /** Adds a znode that comes out of a snapshot; its parent may come later. Links it if it can. */
  restore(znode: Znode, data: Uint8Array | null): 'linked' | 'orphan' {
    this.data.put(znode, data);
    this.insert(znode);
    if (znode.path === '/') return 'linked';
    const parent = this.get(parentPathOf(znode.path));
    if (parent === undefined) return 'orphan';
    this.link(parent, znode);
    return 'linked';
  }

  /** Links an orphan, now that all are there; false when its parent never came. */
  adopt(orphan: Znode): boolean {
    const parent = this.get(parentPathOf(orphan.path));
    if (parent !== undefined) this.link(parent, orphan);
    return parent !== undefined;
  }

  /** Of any znode but the root. */
  parentOf(znode: Znode): Znode {
    const parent = this.get(parentPathOf(znode.path));
    assert(parent !== undefined, 'every znode but the root has a parent');
    return parent;
  }

  /** Gives back what a znode that is gone has used. */
  private release(znode: Znode): void {
    this.acls.release(znode.acl);
    this.data.free(znode);
  }

  private beforeChange(znode: Znode): void {
    this.observer?.beforeChange(znode);
    this.undos?.push({ kind: 'changed', znode, saved: saveZnode(znode) });
  }

  private insert(znode: Znode): void {
    this.znodes.set(znode.path, znode);
    this.dataSizeNow += znode.path.length + znode.dataLength;
    this.digest.add(znode);
    this.quotas.onInserted(znode);
    if (znode.kind === PERSISTENT) return;
    if (znode.kind < 0) return void this.mortals.add(znode);
    const owned = this.ephemerals.get(znode.kind);
    if (owned !== undefined) owned.add(znode);
    else this.ephemerals.set(znode.kind, new Set([znode]));
  }

  private remove(znode: Znode): void {
    const wasThere = this.znodes.delete(znode.path);
    assert(wasThere, 'what is removed was there');
    const parent = this.parentOf(znode);
    parent.children!.delete(znode);
    if (parent.children!.size === 0) parent.children = undefined;
    this.dataSizeNow -= znode.path.length + znode.dataLength;
    this.digest.subtract(znode);
    this.quotas.onRemoved(znode);
    if (znode.kind === PERSISTENT) return;
    if (znode.kind < 0) return void this.mortals.delete(znode);
    const owned = this.ephemerals.get(znode.kind);
    owned?.delete(znode);
    if (owned?.size === 0) this.ephemerals.delete(znode.kind);
  }

  private link(parent: Znode, child: Znode): void {
    if (parent.children === undefined) parent.children = new Set([child]);
    else parent.children.add(child);
  }
}

function parentPathOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
