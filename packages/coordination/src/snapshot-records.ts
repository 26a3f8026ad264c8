import { writeAcls, type JuteWriter } from '@bellwether/protocol';
import type { AclList } from './acl-table.ts';
import type { Session } from './session.ts';
import { ownerWordsOf } from './znode-kind.ts';
import type { Znode } from './znode.ts';

/**
 * A snapshot is a sequence of chunks. Each begins with a byte that says what the rest is:
 *
 *   0  whole records
 *   1  a piece of a record that is longer than a chunk; more follows in the next chunk
 *   2  its last piece
 *
 * A record is one byte for its type, then jute:
 *
 *   1 header   int version, long index
 *   2 acl      int id, vector<ACL>
 *   3 session  long id, int timeoutMs, int owner, buffer passwd
 *   4 znode    ustring path, long czxid, mzxid, pzxid, ctime, mtime, int version, int aversion,
 *              long childrenCreated, long ephemeralOwner, int aclId, buffer data
 *   5 end      long znodes, long sessions
 *
 * The header is first, all ACLs and sessions follow, then the znodes in no order (a child may come
 * before its parent), then the end. Children are not written: the paths say who they are.
 *
 * ephemeralOwner is the one that ZooKeeper keeps, 64 bits. In version 1 there were neither containers nor TTL nodes;
 * otherwise it is the same, and is read too.
 */
export const RecordType = { header: 1, acl: 2, session: 3, znode: 4, end: 5 } as const;

export const ChunkKind = { records: 0, piece: 1, lastPiece: 2 } as const;

export const SNAPSHOT_VERSION = 2;
export const SNAPSHOT_VERSION_MIN = 1;

export function writeHeaderRecord(writer: JuteWriter, index: number): void {
  writer.writeByte(RecordType.header);
  writer.writeInt(SNAPSHOT_VERSION);
  writer.writeLong(index);
}

export function writeAclRecord(writer: JuteWriter, list: AclList): void {
  writer.writeByte(RecordType.acl);
  writer.writeInt(list.id);
  writeAcls(writer, list.acls);
}

export function writeSessionRecord(writer: JuteWriter, session: Session): void {
  writer.writeByte(RecordType.session);
  writer.writeLong(session.id);
  writer.writeInt(session.timeoutMs);
  writer.writeInt(session.owner);
  writer.writeBuffer(session.passwd);
}

export function writeZnodeRecord(writer: JuteWriter, znode: Znode, aclId: number): void {
  writer.writeByte(RecordType.znode);
  writer.writeString(znode.path);
  writer.writeLong(znode.czxid);
  writer.writeLong(znode.mzxid);
  writer.writeLong(znode.pzxid);
  writer.writeLong(znode.ctime);
  writer.writeLong(znode.mtime);
  writer.writeInt(znode.version);
  writer.writeInt(znode.aversion);
  writer.writeLong(znode.childrenCreated);
  const owner = ownerWordsOf(znode.kind);
  writer.writeInt(owner.ephemeralOwnerHigh);
  writer.writeInt(owner.ephemeralOwnerLow);
  writer.writeInt(aclId);
  writer.writeBuffer(znode.data);
}

export function writeEndRecord(writer: JuteWriter, znodes: number, sessions: number): void {
  writer.writeByte(RecordType.end);
  writer.writeLong(znodes);
  writer.writeLong(sessions);
}
