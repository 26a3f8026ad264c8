import { ErrorCode, Permission, WatchEventType, type DeleteRequest } from '@bellwether/protocol';
import { permits } from '../acl-rules.ts';
import type { ApplyContext } from '../apply-context.ts';
import { parentPath } from '../path.ts';
import { isSystemPath } from '../tree.ts';
import type { Znode } from '../znode.ts';

/** delete, checked in the order in which ZooKeeper checks it. */
export function applyDelete(context: ApplyContext, request: DeleteRequest): ErrorCode {
  const { path, version } = request;
  const above = parentPath(path);
  if (above === undefined || path.includes('\0') || isSystemPath(path)) {
    return ErrorCode.badArguments;
  }
  const parent = context.tree.get(above);
  if (parent === undefined) return ErrorCode.noNode;
  if (!permits(parent.acl, Permission.delete, context.identities)) return ErrorCode.noAuth;
  const znode = context.tree.get(path);
  if (znode === undefined) return ErrorCode.noNode;
  if (version !== -1 && version !== znode.version) return ErrorCode.badVersion;
  if (znode.numChildren > 0) return ErrorCode.notEmpty;
  removeZnode(context, znode, parent);
  return ErrorCode.ok;
}

/** The deletion itself, with its events; also of an ephemeral whose session ends. */
export function removeZnode(context: ApplyContext, znode: Znode, parent: Znode): void {
  context.tree.delete(znode, context.zxid);
  context.events.push(WatchEventType.nodeDeleted, znode.path, znode.acl);
  context.events.push(WatchEventType.nodeChildrenChanged, parent.path, parent.acl);
}
