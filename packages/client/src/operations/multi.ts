import {
  ErrorCode,
  OpCode,
  readMultiReadResponse,
  readMultiResponse,
  writeMultiReadRequest,
  writeMultiRequest,
  type MultiOperation,
  type MultiReadOperation,
  type MultiReadResult,
  type MultiResult,
} from '@bellwether/protocol';
import { ClientError, codeOf } from '../errors.ts';
import type { Operation } from '../session/request.ts';
import { copyData } from './results.ts';

/** The answers to the parts of a transaction, in the protocol's form. */
export const multiOperation: Operation<readonly MultiOperation[], readonly MultiResult[]> = {
  name: 'multi',
  opCode: OpCode.multi,
  kind: 'write',
  write: writeMultiRequest,
  read: readMultiResponse,
};

/** Some reads at once. */
export const multiReadOperation: Operation<
  readonly MultiReadOperation[],
  readonly MultiReadResult[]
> = {
  name: 'multiRead',
  opCode: OpCode.multiRead,
  kind: 'read',
  write: writeMultiReadRequest,
  read: (reader) => readMultiReadResponse(reader).map(ownData),
};

/** The reader's bytes belong to the connection. */
function ownData(result: MultiReadResult): MultiReadResult {
  return result.opCode === OpCode.getData ? { ...result, data: copyData(result.data) } : result;
}

/** A transaction that was not executed: none of its parts was. */
export class TransactionError extends ClientError {
  /** Which part failed, from 0. */
  readonly failedIndex: number;

  constructor(failedIndex: number, number: number, path: string | undefined) {
    const subject = path === undefined ? {} : { path };
    const message = `multi: part ${failedIndex} (${path ?? ''}): ${codeOf(number)}`;
    super(codeOf(number), { operation: 'multi', ...subject, number, message });
    this.name = 'TransactionError';
    this.failedIndex = failedIndex;
  }
}

/**
 * The part that made a transaction fail: those before it say ok, those behind it
 * runtimeInconsistency. Undefined when it was executed.
 */
export function findFailure(
  results: readonly MultiResult[],
): { readonly index: number; readonly error: number } | undefined {
  const errors = results.map((result) => (result.opCode === OpCode.error ? result.error : 0));
  const own = errors.findIndex(
    (error) => error !== ErrorCode.ok && error !== ErrorCode.runtimeInconsistency,
  );
  const index = own === -1 ? errors.findIndex((error) => error !== ErrorCode.ok) : own;
  return index === -1 ? undefined : { index, error: errors[index]! };
}
