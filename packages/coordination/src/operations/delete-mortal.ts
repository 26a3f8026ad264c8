import { ErrorCode, type JuteReader } from '@bellwether/protocol';
import type { ApplyContext } from '../apply-context.ts';
import { isDue } from '../mortality.ts';
import { failed, type Outcome } from '../outcome.ts';
import { removeZnode } from './delete.ts';

/**
 * ZooKeeper's deleteContainer, which the leader proposes for containers and TTL nodes. The proposal
 * may be old, so everything is looked at again: noNode, notEmpty, or badVersion for a znode that is
 * not due (any more).
 */
export function deleteMortal(context: ApplyContext, reader: JuteReader): Outcome {
  const neverUsedMsMax = reader.readLong();
  const znode = context.tree.get(reader.readPresentString());
  if (znode === undefined) return failed(ErrorCode.noNode);
  if (znode.numChildren > 0) return failed(ErrorCode.notEmpty);
  if (!isDue(znode, context.timeMs, neverUsedMsMax)) return failed(ErrorCode.badVersion);
  removeZnode(context, znode, context.tree.parentOf(znode));
  return { kind: 'deleted', code: ErrorCode.ok };
}
