import type { Acl, Stat } from '@bellwether/protocol';

/** What `create` made. */
export interface Created {
  /** With the sequence number, where one was asked for. */
  readonly path: string;
  /** `stat.czxid` grows with every create of the whole tree: a fencing token. */
  readonly stat: Stat;
}

/** The data of a znode. */
export interface DataAndStat {
  /** A copy of its own. Empty for a znode that has no data (null in the protocol). */
  readonly data: Buffer;
  readonly stat: Stat;
}

/** The children of a znode. */
export interface ChildrenAndStat {
  /** Names, not paths, in no order. */
  readonly children: readonly string[];
  readonly stat: Stat;
}

/** Who may do what with a znode. */
export interface AclsAndStat {
  readonly acls: readonly Acl[];
  /** `stat.aversion` is the version that `setAcl` can be made to depend on. */
  readonly stat: Stat;
}

const EMPTY = Buffer.alloc(0);

/** Out of the bytes of a reply, which belong to the connection. */
export function copyData(bytes: Uint8Array | null): Buffer {
  return bytes === null || bytes.length === 0 ? EMPTY : Buffer.from(bytes);
}

/** Text becomes UTF-8. */
export function toBytes(data: Uint8Array | string | null): Uint8Array | null {
  return typeof data === 'string' ? Buffer.from(data) : data;
}
