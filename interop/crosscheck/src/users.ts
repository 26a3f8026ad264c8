import { createHash } from 'node:crypto';
import { Permission, type Acl } from '@bellwether/protocol';

/** Who is known to both systems, as `user:password`. */
export const CLEANER = 'cleaner:broom';
/** Both systems are configured to let this one do everything. */
export const SUPER_USER = 'root:secret';

/** `user:base64(sha1(user:password))`, which is what stands in an ACL of scheme digest. */
export function digestOf(userAndPassword: string): string {
  const user = userAndPassword.split(':', 1)[0]!;
  return `${user}:${createHash('sha1').update(userAndPassword).digest('base64')}`;
}

export const SUPER_USER_ID: string = digestOf(SUPER_USER);

/** Lets whoever cleans up after a round in, whatever else an ACL says. */
export const CLEANER_ACL: Acl = {
  perms: Permission.all,
  scheme: 'digest',
  id: digestOf(CLEANER),
};
