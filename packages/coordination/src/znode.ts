import type { Stat } from '@bellwether/protocol';
import type { AclList } from './acl-table.ts';
import { dataAt, dataLengthAt, WHOLE_PAGE, type DataPlace } from './data-slab.ts';
import type { ZnodeKind } from './znode-kind.ts';

const TWO_TO_32 = 0x1_0000_0000;

/**
 * The path under which a watch on the znode is kept: its own string, of which there is one. '' stays
 * what it is: it names the root to a reader, but ZooKeeper fires no watch for it.
 */
export function watchedPath(asked: string, znode: ZnodeView): string {
  return asked === '' ? asked : znode.path;
}

/** A znode as readers see it, until the next command is applied: that may overwrite its data. */
export interface ZnodeView extends Stat {
  readonly path: string;
  readonly data: Uint8Array | null;
  /** Names of the children, in no particular order. */
  childNames(): string[];
}

/** What is known of the children of a znode that has, or once had, any. Most never have. */
interface Offspring {
  children: Set<Znode> | undefined;
  created: number;
  /** Of the last change of the children. */
  zxid: number;
}

/**
 * One znode. Plain fields in one shape, a million times: every field costs eight megabytes. It is
 * its own Stat, with what ZooKeeper derives derived here.
 */
export class Znode implements ZnodeView, DataPlace {
  /** The string that the tree's map has as its key, so that it costs nothing more. */
  readonly path: string;
  page: Uint8Array | null = null;
  dataCode = WHOLE_PAGE;
  acl: AclList;
  readonly czxid: number;
  mzxid: number;
  readonly ctime: number;
  mtime: number;
  version = 0;
  aversion = 0;
  readonly kind: ZnodeKind;
  private offspring: Offspring | undefined = undefined;
  /** The number of the newest snapshot that has this znode, or needs it not. */
  snapshotNumber: number;

  constructor(
    path: string,
    acl: AclList,
    zxid: number,
    timeMs: number,
    kind: ZnodeKind,
    snapshotNumber: number,
  ) {
    this.path = path;
    this.acl = acl;
    this.czxid = zxid;
    this.mzxid = zxid;
    this.ctime = timeMs;
    this.mtime = timeMs;
    this.kind = kind;
    this.snapshotNumber = snapshotNumber;
  }

  get children(): Set<Znode> | undefined {
    return this.offspring?.children;
  }

  /** undefined rather than empty. */
  set children(children: Set<Znode> | undefined) {
    this.asParent().children = children;
  }

  /** Children ever created: ZooKeeper's inner cversion, by which it numbers sequential children. */
  get childrenCreated(): number {
    return this.offspring === undefined ? 0 : this.offspring.created;
  }

  set childrenCreated(count: number) {
    if (count !== this.childrenCreated) this.asParent().created = count;
  }

  get pzxid(): number {
    return this.offspring === undefined ? this.czxid : this.offspring.zxid;
  }

  set pzxid(zxid: number) {
    if (zxid !== this.pzxid) this.asParent().zxid = zxid;
  }

  private asParent(): Offspring {
    this.offspring ??= { children: undefined, created: 0, zxid: this.czxid };
    return this.offspring;
  }

  /**
   * Changes of the children. ZooKeeper counts creations alone and derives the deletions: all that
   * were created and are not there any more (DataNode.copyStat), in 32 bits.
   */
  get cversion(): number {
    return (this.childrenCreated * 2 - this.numChildren) | 0;
  }

  /**
   * As clients see it: only an ephemeral's. What ZooKeeper keeps there for containers and TTL nodes
   * is shown to nobody (DataNode.getClientEphemeralOwner).
   */
  get ephemeralOwner(): number {
    return this.kind > 0 ? this.kind : 0;
  }

  get ephemeralOwnerHigh(): number {
    return Math.floor(this.ephemeralOwner / TWO_TO_32);
  }

  get ephemeralOwnerLow(): number {
    return this.ephemeralOwner >>> 0;
  }

  /** A new view each time, good until the next command. */
  get data(): Uint8Array | null {
    return dataAt(this);
  }

  get dataLength(): number {
    return dataLengthAt(this);
  }

  get numChildren(): number {
    return this.offspring?.children?.size ?? 0;
  }

  get name(): string {
    return this.path.slice(this.path.lastIndexOf('/') + 1);
  }

  childNames(): string[] {
    const names: string[] = [];
    for (const child of this.children ?? []) names.push(child.name);
    return names;
  }

  /** The Stat as it is now, in an object of its own. */
  copyStat(): Stat {
    return {
      czxid: this.czxid,
      mzxid: this.mzxid,
      ctime: this.ctime,
      mtime: this.mtime,
      version: this.version,
      cversion: this.cversion,
      aversion: this.aversion,
      ephemeralOwner: this.ephemeralOwner,
      ephemeralOwnerHigh: this.ephemeralOwnerHigh,
      ephemeralOwnerLow: this.ephemeralOwnerLow,
      dataLength: this.dataLength,
      numChildren: this.numChildren,
      pzxid: this.pzxid,
    };
  }
}
