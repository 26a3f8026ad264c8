import type { AclList } from './acl-table.ts';
import type { DataPlace } from './data-slab.ts';
import type { Znode } from './znode.ts';

interface Saved {
  readonly acl: AclList;
  readonly mzxid: number;
  readonly pzxid: number;
  readonly mtime: number;
  readonly version: number;
  readonly aversion: number;
  readonly childrenCreated: number;
}

/** What a multi has done to one znode, and how it was before. */
export type Undo =
  | { readonly kind: 'created'; readonly znode: Znode }
  | { readonly kind: 'deleted'; readonly znode: Znode }
  /** Its data is elsewhere now; the former place is kept until the multi has ended. */
  | { readonly kind: 'moved'; readonly znode: Znode; readonly from: DataPlace }
  | { readonly kind: 'changed'; readonly znode: Znode; readonly saved: Saved };

/** The field values of a znode, to put back later. */
export function saveZnode(znode: Znode): Saved {
  return {
    acl: znode.acl,
    mzxid: znode.mzxid,
    pzxid: znode.pzxid,
    mtime: znode.mtime,
    version: znode.version,
    aversion: znode.aversion,
    childrenCreated: znode.childrenCreated,
  };
}

/** Puts back everything but data, which has an entry of its own, and ACL, whose uses are counted. */
export function putBack(znode: Znode, saved: Saved): void {
  znode.mzxid = saved.mzxid;
  znode.pzxid = saved.pzxid;
  znode.mtime = saved.mtime;
  znode.version = saved.version;
  znode.aversion = saved.aversion;
  znode.childrenCreated = saved.childrenCreated;
}
