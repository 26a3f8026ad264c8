import { ErrorCode } from '@bellwether/protocol';
import type { ApplyContext } from '../apply-context.ts';

/**
 * Whether so many bytes and znodes may come to `path` (ZooKeeperServer.checkQuota). What exceeds a
 * limit is reported, and refused when the limit is a hard one and quotas are enforced.
 */
export function checkQuota(
  context: ApplyContext,
  path: string,
  bytes: number,
  count: number,
): ErrorCode {
  const { quotas } = context.tree;
  if (quotas.isEmpty) return ErrorCode.ok;
  const exceeded = quotas.exceededBy(path, bytes, count);
  if (exceeded === undefined) return ErrorCode.ok;
  context.onQuotaExceeded(exceeded);
  const isRefused = context.isQuotaEnforced && exceeded.limitKind === 'hard';
  return isRefused ? ErrorCode.quotaExceeded : ErrorCode.ok;
}
