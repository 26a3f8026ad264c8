import type { JuteReader } from './jute-reader.ts';
import { JuteWriter } from './jute-writer.ts';

/** Permission bits of an ACL (ZooDefs.Perms). */
export const Permission = {
  read: 1,
  write: 2,
  create: 4,
  delete: 8,
  admin: 16,
  all: 31,
} as const;

/**
 * Who somebody is, in a scheme: world:anyone, digest:user:hash, ip:10.0.0.0/8, ...
 *
 *   class Id { ustring scheme; ustring id; }
 */
export interface Identity {
  readonly scheme: string;
  readonly id: string;
}

/** class ACL { int perms; Id id; } */
export interface Acl {
  /** Permission bits. */
  readonly perms: number;
  readonly scheme: string;
  readonly id: string;
}

/** Everybody may do everything. Requests that say just this read as this very array. */
export const OPEN_ACL: readonly Acl[] = [{ perms: Permission.all, scheme: 'world', id: 'anyone' }];
/** Everybody may read. */
export const READ_ACL: readonly Acl[] = [{ perms: Permission.read, scheme: 'world', id: 'anyone' }];

/** What a list of length -1 reads as: empty, and this very array. */
export const NULL_ACL: readonly Acl[] = [];

const ACL_BYTES_MIN = 12;

const OPEN_ACL_BYTES: Uint8Array = encode(OPEN_ACL);

/**
 * vector<ACL>; null, which a client may send, reads as NULL_ACL. A scheme or id that is null is empty:
 * kazoo sends an empty id so, as in its `auth:`.
 */
export function readAcls(reader: JuteReader): readonly Acl[] {
  if (reader.skipIfNext(OPEN_ACL_BYTES)) return OPEN_ACL;
  const count = reader.readVectorLength(ACL_BYTES_MIN);
  if (count === -1) return NULL_ACL;
  const acls: Acl[] = [];
  for (let i = 0; i < count; i++) acls.push(readAcl(reader));
  return acls;
}

function readAcl(reader: JuteReader): Acl {
  const perms = reader.readInt();
  const scheme = reader.readString() ?? '';
  return { perms, scheme, id: reader.readString() ?? '' };
}

export function writeAcls(writer: JuteWriter, acls: readonly Acl[]): void {
  writer.writeInt(acls.length);
  for (const acl of acls) {
    writer.writeInt(acl.perms);
    writer.writeString(acl.scheme);
    writer.writeString(acl.id);
  }
}

function encode(acls: readonly Acl[]): Uint8Array {
  const writer = new JuteWriter(64);
  writeAcls(writer, acls);
  return writer.copy();
}
