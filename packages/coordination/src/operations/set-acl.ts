import { ErrorCode, Permission, type SetAclRequest } from '@bellwether/protocol';
import { permits, resolveAcls } from '../acl-rules.ts';
import { nextVersion, type ApplyContext } from '../apply-context.ts';
import { isValidPath } from '../path.ts';

/** setACL, checked in the order in which ZooKeeper checks it. No watch fires. */
export function applySetAcl(context: ApplyContext, request: SetAclRequest): ErrorCode {
  const { path, version } = request;
  if (!isValidPath(path)) return ErrorCode.badArguments;
  const acls = resolveAcls(request.acls, context.identities);
  if (typeof acls === 'number') return acls;
  const znode = context.tree.znodes.get(path);
  if (znode === undefined) return ErrorCode.noNode;
  if (!permits(znode.acl, Permission.admin, context.identities)) return ErrorCode.noAuth;
  if (version !== -1 && version !== znode.aversion) return ErrorCode.badVersion;
  context.tree.setAcl(znode, context.tree.acls.acquire(acls), nextVersion(znode.aversion));
  context.result = znode;
  return ErrorCode.ok;
}
