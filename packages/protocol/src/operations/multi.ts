import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { OpCode } from '../op-code.ts';
import { ProtocolError } from '../protocol-error.ts';
import { writeStat, readStat, type Stat } from '../stat.ts';
import { readCheckRequest, writeCheckRequest, type CheckRequest } from './check.ts';
import { readCreateRequest, writeCreateRequest, type CreateRequest } from './create.ts';
import {
  readCreateTtlRequest,
  writeCreateTtlRequest,
  type CreateTtlRequest,
} from './create-ttl.ts';
import { readDeleteRequest, writeDeleteRequest, type DeleteRequest } from './delete.ts';
import { readMultiHeader, writeMultiEnd, writeMultiHeader } from './multi-header.ts';
import { readSetDataRequest, writeSetDataRequest, type SetDataRequest } from './set-data.ts';

/** What asks with a CreateRequest. */
type CreateOpCode = typeof OpCode.create | typeof OpCode.create2 | typeof OpCode.createContainer;

/** One part of a transaction. */
export type MultiOperation =
  | {
      readonly opCode: CreateOpCode;
      readonly request: CreateRequest;
    }
  | { readonly opCode: typeof OpCode.createTTL; readonly request: CreateTtlRequest }
  | { readonly opCode: typeof OpCode.delete; readonly request: DeleteRequest }
  | { readonly opCode: typeof OpCode.setData; readonly request: SetDataRequest }
  | { readonly opCode: typeof OpCode.check; readonly request: CheckRequest };

/** MultiHeader and request, over and over, up to a MultiHeader that is done. */
export function readMultiRequest(reader: JuteReader): MultiOperation[] {
  const operations: MultiOperation[] = [];
  for (;;) {
    const { type, done } = readMultiHeader(reader);
    if (done) return operations;
    operations.push(readOperation(reader, type));
  }
}

function readOperation(reader: JuteReader, type: number): MultiOperation {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
      return { opCode: type, request: readCreateRequest(reader) };
    case OpCode.createTTL:
      return { opCode: type, request: readCreateTtlRequest(reader) };
    case OpCode.delete:
      return { opCode: type, request: readDeleteRequest(reader) };
    case OpCode.setData:
      return { opCode: type, request: readSetDataRequest(reader) };
    case OpCode.check:
      return { opCode: type, request: readCheckRequest(reader) };
    default:
      throw new ProtocolError('badOperation', `operation ${type} in a multi`);
  }
}

export function writeMultiRequest(writer: JuteWriter, operations: readonly MultiOperation[]): void {
  for (const operation of operations) {
    writeMultiHeader(writer, operation.opCode, -1);
    writeOperation(writer, operation);
  }
  writeMultiEnd(writer);
}

function writeOperation(writer: JuteWriter, operation: MultiOperation): void {
  switch (operation.opCode) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
      return writeCreateRequest(writer, operation.request);
    case OpCode.createTTL:
      return writeCreateTtlRequest(writer, operation.request);
    case OpCode.delete:
      return writeDeleteRequest(writer, operation.request);
    case OpCode.setData:
      return writeSetDataRequest(writer, operation.request);
    case OpCode.check:
      return writeCheckRequest(writer, operation.request);
    default:
      operation satisfies never;
  }
}

/**
 * The answer to one part; createContainer and createTTL answer as create2 does. When one part fails, all are `error`: those before it with ok, it with
 * its own code, those behind it with runtimeInconsistency; the reply's header still says ok.
 */
export type MultiResult =
  | { readonly opCode: typeof OpCode.create; readonly path: string }
  | { readonly opCode: typeof OpCode.create2; readonly path: string; readonly stat: Stat }
  | { readonly opCode: typeof OpCode.delete | typeof OpCode.check }
  | { readonly opCode: typeof OpCode.setData; readonly stat: Stat }
  | { readonly opCode: typeof OpCode.error; readonly error: number };

/** MultiHeader and response, over and over, up to a MultiHeader that is done. */
export function readMultiResponse(reader: JuteReader): MultiResult[] {
  const results: MultiResult[] = [];
  for (;;) {
    const { type, done } = readMultiHeader(reader);
    if (done) return results;
    results.push(readResult(reader, type));
  }
}

function readResult(reader: JuteReader, type: number): MultiResult {
  switch (type) {
    case OpCode.create:
      return { opCode: type, path: reader.readPresentString() };
    case OpCode.create2:
      return { opCode: type, path: reader.readPresentString(), stat: readStat(reader) };
    case OpCode.delete:
    case OpCode.check:
      return { opCode: type };
    case OpCode.setData:
      return { opCode: type, stat: readStat(reader) };
    case OpCode.error:
      return { opCode: type, error: reader.readInt() };
    default:
      throw new ProtocolError('badOperation', `result ${type} in a multi`);
  }
}

export function writeMultiResponse(writer: JuteWriter, results: readonly MultiResult[]): void {
  for (const result of results) {
    writeMultiHeader(writer, result.opCode, result.opCode === OpCode.error ? result.error : 0);
    writeResult(writer, result);
  }
  writeMultiEnd(writer);
}

function writeResult(writer: JuteWriter, result: MultiResult): void {
  switch (result.opCode) {
    case OpCode.create:
      return writer.writeString(result.path);
    case OpCode.create2:
      writer.writeString(result.path);
      return writeStat(writer, result.stat);
    case OpCode.delete:
    case OpCode.check:
      return;
    case OpCode.setData:
      return writeStat(writer, result.stat);
    case OpCode.error:
      return writer.writeInt(result.error);
    default:
      result satisfies never;
  }
}
