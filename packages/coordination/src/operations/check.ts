import { ErrorCode, Permission, type CheckRequest } from '@bellwether/protocol';
import { permits } from '../acl-rules.ts';
import type { ApplyContext } from '../apply-context.ts';
import { missing } from './missing.ts';

export function applyCheck(context: ApplyContext, request: CheckRequest): ErrorCode {
  const { version } = request;
  const znode = context.tree.znodes.get(request.path);
  if (znode === undefined) return missing(request.path);
  if (!permits(znode.acl, Permission.read, context.identities)) return ErrorCode.noAuth;
  return version === -1 || version === znode.version ? ErrorCode.ok : ErrorCode.badVersion;
}
