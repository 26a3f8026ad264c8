import { createHash } from 'node:crypto';
import { Permission, type Acl } from '@bellwether/protocol';

/**
 * An ACL for somebody who proves himself with `addAuth('digest', 'user:password')`.
 *
 * @param perms bits of `Permission`; default: all
 */
export function digestAcl(user: string, password: string, perms: number = Permission.all): Acl {
  // SHA-1 is what ZooKeeper's digest scheme is made of.
  const hash = createHash('sha1').update(`${user}:${password}`).digest('base64');
  return { perms, scheme: 'digest', id: `${user}:${hash}` };
}

/** Those who made the znode, by all the identities that they had then, may do everything. */
export const CREATOR_ALL_ACL: readonly Acl[] = [{ perms: Permission.all, scheme: 'auth', id: '' }];
