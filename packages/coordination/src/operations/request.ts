import {
  ErrorCode,
  OpCode,
  readCheckRequest,
  readCreateRequest,
  readCreateTtlRequest,
  readDeleteRequest,
  readMultiRequest,
  readSetAclRequest,
  readSetDataRequest,
  type JuteReader,
} from '@bellwether/protocol';
import type { ApplyContext } from '../apply-context.ts';
import { failed, type Outcome, type OutcomeWanted } from '../outcome.ts';
import type { Session } from '../session.ts';
import { applyCheck } from './check.ts';
import { applyCreate } from './create.ts';
import { applyDelete } from './delete.ts';
import { applyMulti } from './multi.ts';
import { plannedMulti } from './multi-plan.ts';
import { applySetAcl } from './set-acl.ts';
import { applySetData } from './set-data.ts';

/**
 * A client's request. It counts only if the session still belongs to the node through which it
 * came: one that was under way when the client went elsewhere must not overtake what it does there.
 */
export function applyRequest(
  context: ApplyContext,
  sessions: ReadonlyMap<number, Session>,
  reader: JuteReader,
  payload: Uint8Array,
  wanted: OutcomeWanted,
): Outcome | undefined {
  const sessionId = reader.readLong();
  const owner = reader.readInt() >>> 0;
  const opCode = reader.readInt();
  const session = sessions.get(sessionId);
  if (session === undefined) return failed(ErrorCode.sessionExpired);
  if (session.owner !== owner) return failed(ErrorCode.sessionMoved);
  context.sessionId = sessionId;
  context.identities.take(reader, payload);
  if (opCode === OpCode.multi) {
    const results = applyMulti(context, plannedMulti(readMultiRequest(reader)));
    return { kind: 'multi', code: ErrorCode.ok, results };
  }
  const code = applyOperation(context, opCode, reader);
  if (wanted === 'none') return undefined;
  return code === ErrorCode.ok ? outcomeOf(context, opCode) : failed(code);
}

function applyOperation(context: ApplyContext, opCode: number, reader: JuteReader): ErrorCode {
  switch (opCode) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
      return applyCreate(context, opCode, readCreateRequest(reader));
    case OpCode.createTTL: {
      const request = readCreateTtlRequest(reader);
      return applyCreate(context, opCode, request, request.ttlMs);
    }
    case OpCode.delete:
      return applyDelete(context, readDeleteRequest(reader));
    case OpCode.setData:
      return applySetData(context, readSetDataRequest(reader));
    case OpCode.setACL:
      return applySetAcl(context, readSetAclRequest(reader));
    case OpCode.check:
      return applyCheck(context, readCheckRequest(reader));
    default:
      return ErrorCode.unimplemented;
  }
}

function outcomeOf(context: ApplyContext, opCode: number): Outcome {
  const code = ErrorCode.ok;
  if (opCode === OpCode.delete) return { kind: 'deleted', code };
  if (opCode === OpCode.check) return { kind: 'checked', code };
  const znode = context.result!;
  const stat = znode.copyStat();
  if (opCode === OpCode.setData || opCode === OpCode.setACL) return { kind: 'changed', code, stat };
  return { kind: 'created', code, path: znode.path, stat };
}
