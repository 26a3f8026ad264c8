import { ErrorCode, OpCode, type MultiOperation, type MultiResult } from '@bellwether/protocol';
import type { ApplyContext } from '../apply-context.ts';
import type { Znode } from '../znode.ts';
import { applyCheck } from './check.ts';
import { applyCreate } from './create.ts';
import { applyDelete } from './delete.ts';
import { applySetData } from './set-data.ts';

/**
 * All or nothing. Each operation sees what those before it did. When one fails, everything is
 * undone and no watch fires.
 */
export function applyMulti(
  context: ApplyContext,
  operations: readonly MultiOperation[],
): readonly MultiResult[] {
  context.tree.begin();
  let isDone = false;
  try {
    const results: MultiResult[] = [];
    for (const operation of operations) {
      const error = applyOperation(context, operation);
      if (error !== ErrorCode.ok) return failedResults(operations.length, results.length, error);
      results.push(resultOf(operation, context));
    }
    context.tree.commit();
    isDone = true;
    return results;
  } finally {
    if (!isDone) {
      context.tree.rollback();
      context.events.clear();
    }
  }
}

function applyOperation(context: ApplyContext, operation: MultiOperation): ErrorCode {
  switch (operation.opCode) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
      return applyCreate(context, operation.opCode, operation.request);
    case OpCode.createTTL:
      return applyCreate(context, operation.opCode, operation.request, operation.request.ttlMs);
    case OpCode.delete:
      return applyDelete(context, operation.request);
    case OpCode.setData:
      return applySetData(context, operation.request);
    case OpCode.check:
      return applyCheck(context, operation.request);
    default:
      return operation satisfies never;
  }
}

function resultOf(operation: MultiOperation, context: ApplyContext): MultiResult {
  const { opCode } = operation;
  switch (opCode) {
    case OpCode.create:
      return { opCode, path: context.result!.path };
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL:
      return created(context.result!);
    case OpCode.setData:
      return { opCode, stat: context.result!.copyStat() };
    case OpCode.delete:
    case OpCode.check:
      return { opCode };
    default:
      return opCode satisfies never;
  }
}

/** Whatever asked for it, but for create itself. */
function created(znode: Znode): MultiResult {
  return { opCode: OpCode.create2, path: znode.path, stat: znode.copyStat() };
}

/** As ZooKeeper answers: ok before the one that failed, its own, runtimeInconsistency behind it. */
function failedResults(count: number, failedAt: number, error: ErrorCode): MultiResult[] {
  return Array.from({ length: count }, (_, i) => ({
    opCode: OpCode.error,
    error: i < failedAt ? ErrorCode.ok : i === failedAt ? error : ErrorCode.runtimeInconsistency,
  }));
}
