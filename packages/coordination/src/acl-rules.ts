import { ErrorCode, Permission, type Acl, type Identity } from '@bellwether/protocol';
import type { AclList } from './acl-table.ts';
import { isInAddressRange, isValidAddressRange } from './ip-address.ts';

/**
 * What is asked of whoever carries identities: an array, or something that reads them only now.
 */
export interface IdentitySource {
  readonly list: readonly Identity[];
}

/**
 * Schemes whose identities prove who somebody is, so that `auth` in an ACL can mean them. The super
 * user needs to stand in none: as in ZooKeeper, `auth` means its digest.
 */
const AUTHENTICATED_SCHEMES: ReadonlySet<string> = new Set(['digest', 'sasl', 'x509']);

/**
 * The one place where permission is decided: whether any of the permission bits in `permission` is
 * given to somebody with these identities (ZooKeeperServer.checkACL).
 */
export function permits(list: AclList, permission: number, who: IdentitySource): boolean {
  if ((list.worldPerms & permission) !== 0 || list.acls.length === 0) return true;
  const identities = who.list;
  if (identities.length === 0) return false;
  if (identities.some((identity) => identity.scheme === 'super')) return true;
  return list.acls.some(
    (acl) => (acl.perms & permission) !== 0 && identities.some((one) => matches(one, acl)),
  );
}

function matches(identity: Identity, acl: Acl): boolean {
  if (identity.scheme !== acl.scheme) return false;
  if (acl.scheme === 'ip') return isInAddressRange(identity.id, acl.id);
  return identity.id === acl.id;
}

/**
 * The ACLs as they are stored: without duplicates, with `auth` replaced by the identities of who
 * asks. invalidACL when there are none, or one that is not well formed
 * (PrepRequestProcessor.fixupACL).
 */
export function resolveAcls(
  acls: readonly Acl[],
  who: IdentitySource,
): readonly Acl[] | typeof ErrorCode.invalidACL {
  if (acls.length === 1 && isWorld(acls[0]!)) return acls;
  const resolved: Acl[] = [];
  for (const acl of withoutDuplicates(acls)) {
    if (acl.scheme === 'auth') {
      const own = who.list.filter(({ scheme }) => AUTHENTICATED_SCHEMES.has(scheme));
      if (own.length === 0) return ErrorCode.invalidACL;
      resolved.push(...own.map(({ scheme, id }) => ({ perms: acl.perms, scheme, id })));
    } else {
      if (!isWellFormed(acl)) return ErrorCode.invalidACL;
      resolved.push(acl);
    }
  }
  return resolved.length === 0 ? ErrorCode.invalidACL : resolved;
}

function isWorld(acl: Acl): boolean {
  return acl.scheme === 'world' && acl.id === 'anyone';
}

function isWellFormed(acl: Acl): boolean {
  if (acl.scheme === 'digest') return isDigestId(acl.id);
  if (acl.scheme === 'ip') return isValidAddressRange(acl.id);
  if (acl.scheme === 'sasl') return acl.id !== '';
  return isWorld(acl);
}

/** user:hash. The user may be empty, the hash not, as ZooKeeper has it. */
function isDigestId(id: string): boolean {
  const parts = id.split(':');
  while (parts.length > 0 && parts[parts.length - 1] === '') parts.pop();
  return parts.length === 2;
}

function withoutDuplicates(acls: readonly Acl[]): readonly Acl[] {
  const keys = new Set<string>();
  return acls.filter(({ perms, scheme, id }) => {
    const key = JSON.stringify([perms, scheme, id]);
    if (keys.has(key)) return false;
    keys.add(key);
    return true;
  });
}

/** The ACLs for the eyes of somebody who may not administer: the hashes of digests are hidden. */
export function aclsFor(list: AclList, who: IdentitySource): readonly Acl[] {
  if (permits(list, Permission.admin, who)) return list.acls;
  return list.acls.map((acl) =>
    acl.scheme === 'digest' ? { ...acl, id: acl.id.replace(/:.*/, ':x') } : acl,
  );
}
