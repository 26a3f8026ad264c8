import {
  type CreateMode,
  ErrorCode,
  OpCode,
  Permission,
  TTL_MS_MAX,
  WatchEventType,
  isCreateMode,
  isEphemeral,
  isSequential,
  isWithTtl,
  type CreateRequest,
} from '@bellwether/protocol';
import { permits, resolveAcls } from '../acl-rules.ts';
import type { ApplyContext } from '../apply-context.ts';
import { SEQUENCE_MAX, ZNODES_MAX } from '../limits.ts';
import { isValidPath, parentPath } from '../path.ts';
import { CONTAINER, PERSISTENT, type ZnodeKind } from '../znode-kind.ts';
import type { Znode } from '../znode.ts';
import { checkQuota } from './quota.ts';

const SEQUENCE_DIGITS = 10;

/** The TTL of a request that has none. */
const NO_TTL = -1;

/** What asks for a new znode. */
export type CreateOpCode =
  | typeof OpCode.create
  | typeof OpCode.create2
  | typeof OpCode.createContainer
  | typeof OpCode.createTTL;

/**
 * create, create2, createContainer and createTTL, checked in the order in which ZooKeeper checks
 * them. The operation says whether it is a container or a TTL node, the mode everything else.
 */
export function applyCreate(
  context: ApplyContext,
  opCode: CreateOpCode,
  request: CreateRequest,
  ttlMs: number = NO_TTL,
): ErrorCode {
  const { tree } = context;
  const mode = request.flags;
  if (!isCreateMode(mode) || !isTtlRight(opCode, mode, ttlMs)) return ErrorCode.badArguments;
  const above = parentPath(request.path);
  if (above === undefined || request.path.includes('\0')) return ErrorCode.badArguments;
  const acls = resolveAcls(request.acls, context.identities);
  if (typeof acls === 'number') return acls;
  const parent = tree.get(above);
  if (parent === undefined) return ErrorCode.noNode;
  if (!permits(parent.acl, Permission.create, context.identities)) return ErrorCode.noAuth;
  const path = isSequential(mode) ? sequentialPath(request.path, parent) : request.path;
  const bytes = request.data === null ? 0 : request.data.length;
  const error = path === undefined ? ErrorCode.badArguments : check(context, path, parent, bytes);
  if (error !== ErrorCode.ok) return error;

  const acl = tree.acls.acquire(acls);
  const kind = kindOf(context, opCode, mode, ttlMs);
  const znode = tree.create(path!, parent, request.data, acl, kind, context.zxid, context.timeMs);
  context.events.push(WatchEventType.nodeCreated, znode.path, acl);
  context.events.push(WatchEventType.nodeChildrenChanged, parent.path, parent.acl);
  context.result = znode;
  return ErrorCode.ok;
}

function check(context: ApplyContext, path: string, parent: Znode, bytes: number): ErrorCode {
  if (!isValidPath(path)) return ErrorCode.badArguments;
  if (context.tree.get(path) !== undefined) return ErrorCode.nodeExists;
  if (parent.kind > 0) return ErrorCode.noChildrenForEphemerals;
  if (context.tree.znodes.size >= ZNODES_MAX) return ErrorCode.quotaExceeded;
  return checkQuota(context, path, bytes, 1);
}

/** A TTL comes with its modes and its operation, and with nothing else (validateTTL). */
function isTtlRight(opCode: CreateOpCode, mode: CreateMode, ttlMs: number): boolean {
  if (isWithTtl(mode)) return ttlMs > 0 && ttlMs <= TTL_MS_MAX;
  return ttlMs < 0 && opCode !== OpCode.createTTL;
}

function kindOf(
  context: ApplyContext,
  opCode: CreateOpCode,
  mode: CreateMode,
  ttlMs: number,
): ZnodeKind {
  if (opCode === OpCode.createContainer) return CONTAINER;
  if (opCode === OpCode.createTTL) return -ttlMs;
  return isEphemeral(mode) ? context.sessionId : PERSISTENT;
}

/** undefined when the numbers have run out: a wrap would break the order that recipes build on. */
function sequentialPath(prefix: string, parent: Znode): string | undefined {
  if (parent.childrenCreated > SEQUENCE_MAX) return undefined;
  // join makes one flat string; a sum would keep both halves for as long as the znode lives.
  return [prefix, String(parent.childrenCreated).padStart(SEQUENCE_DIGITS, '0')].join('');
}
