import {
  CreateMode,
  ErrorCode,
  Permission,
  WatchEventType,
  isCreateMode,
  isEphemeral,
  isSequential,
  type CreateRequest,
} from '@bellwether/protocol';
import { permits, resolveAcls } from '../acl-rules.ts';
import type { ApplyContext } from '../apply-context.ts';
import { SEQUENCE_MAX } from '../limits.ts';
import { isValidPath, parentPath } from '../path.ts';
import type { Znode } from '../znode.ts';

const SEQUENCE_DIGITS = 10;

/** create and create2, checked in the order in which ZooKeeper checks them. */
export function applyCreate(context: ApplyContext, request: CreateRequest): ErrorCode {
  const { tree } = context;
  const mode = request.flags;
  if (!isCreateMode(mode)) return ErrorCode.badArguments;
  if (hasTtl(mode)) return ErrorCode.unimplemented;
  const above = parentPath(request.path);
  if (above === undefined || request.path.includes('\0')) return ErrorCode.badArguments;
  const acls = resolveAcls(request.acls, context.identities);
  if (typeof acls === 'number') return acls;
  const parent = tree.get(above);
  if (parent === undefined) return ErrorCode.noNode;
  if (!permits(parent.acl, Permission.create, context.identities)) return ErrorCode.noAuth;
  const path = isSequential(mode) ? sequentialPath(request.path, parent) : request.path;
  const error = path === undefined ? ErrorCode.badArguments : check(context, path, parent);
  if (error !== ErrorCode.ok) return error;

  const { zxid, timeMs } = context;
  const data = request.data === null ? null : request.data.slice();
  const owner = isEphemeral(mode) ? context.sessionId : 0;
  const acl = tree.acls.acquire(acls);
  const znode = tree.create(path!, parent, data, acl, owner, zxid, timeMs);
  context.events.push(WatchEventType.nodeCreated, znode.path, acl);
  context.events.push(WatchEventType.nodeChildrenChanged, parent.path, parent.acl);
  context.result = znode;
  return ErrorCode.ok;
}

function check(context: ApplyContext, path: string, parent: Znode): ErrorCode {
  if (!isValidPath(path)) return ErrorCode.badArguments;
  if (context.tree.get(path) !== undefined) return ErrorCode.nodeExists;
  return parent.ephemeralOwner === 0 ? ErrorCode.ok : ErrorCode.noChildrenForEphemerals;
}

function hasTtl(mode: CreateMode): boolean {
  return mode === CreateMode.persistentWithTtl || mode === CreateMode.persistentSequentialWithTtl;
}

/** undefined when the numbers have run out: a wrap would break the order that recipes build on. */
function sequentialPath(prefix: string, parent: Znode): string | undefined {
  if (parent.childrenCreated > SEQUENCE_MAX) return undefined;
  // join makes one flat string; a sum would keep both halves for as long as the znode lives.
  return [prefix, String(parent.childrenCreated).padStart(SEQUENCE_DIGITS, '0')].join('');
}
