import { ErrorCode, Permission, WatchEventType, type SetDataRequest } from '@bellwether/protocol';
import { permits } from '../acl-rules.ts';
import { nextVersion, type ApplyContext } from '../apply-context.ts';
import { missing } from './missing.ts';
import { checkQuota } from './quota.ts';

export function applySetData(context: ApplyContext, request: SetDataRequest): ErrorCode {
  const { version, data } = request;
  const znode = context.tree.znodes.get(request.path);
  if (znode === undefined) return missing(request.path);
  if (!permits(znode.acl, Permission.write, context.identities)) return ErrorCode.noAuth;
  const grownBytes = (data === null ? 0 : data.length) - znode.dataLength;
  const error = checkQuota(context, znode.path, grownBytes, 0);
  if (error !== ErrorCode.ok) return error;
  if (version !== -1 && version !== znode.version) return ErrorCode.badVersion;
  const next = nextVersion(znode.version);
  context.tree.setData(znode, data, next, context.zxid, context.timeMs);
  context.events.push(WatchEventType.nodeDataChanged, znode.path, znode.acl);
  context.result = znode;
  return ErrorCode.ok;
}
