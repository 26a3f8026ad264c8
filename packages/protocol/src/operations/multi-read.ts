import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { OpCode } from '../op-code.ts';
import { ProtocolError } from '../protocol-error.ts';
import type { Stat } from '../stat.ts';
import { readGetChildrenResponse, writeGetChildrenResponse } from './get-children.ts';
import { readGetDataResponse, writeGetDataResponse } from './get-data.ts';
import { readMultiHeader, writeMultiEnd, writeMultiHeader } from './multi-header.ts';
import { readWatchedPath, writeWatchedPath } from './watched-path.ts';

/** One part of a multiRead. It leaves no watch, whatever the request's flag says. */
export interface MultiReadOperation {
  readonly opCode: typeof OpCode.getData | typeof OpCode.getChildren;
  readonly path: string;
}

/** MultiHeader and request, over and over, up to a MultiHeader that is done. */
export function readMultiReadRequest(reader: JuteReader): MultiReadOperation[] {
  const operations: MultiReadOperation[] = [];
  for (;;) {
    const { type, done } = readMultiHeader(reader);
    if (done) return operations;
    if (type !== OpCode.getData && type !== OpCode.getChildren) {
      throw new ProtocolError('badOperation', `operation ${type} in a multiRead`);
    }
    operations.push({ opCode: type, path: readWatchedPath(reader).path });
  }
}

export function writeMultiReadRequest(
  writer: JuteWriter,
  operations: readonly MultiReadOperation[],
): void {
  for (const { opCode, path } of operations) {
    writeMultiHeader(writer, opCode, -1);
    writeWatchedPath(writer, { path, watch: false });
  }
  writeMultiEnd(writer);
}

/** The answer to one part; the others are answered also when one has failed. */
export type MultiReadResult =
  | {
      readonly opCode: typeof OpCode.getData;
      readonly data: Uint8Array | null;
      readonly stat: Stat;
    }
  | { readonly opCode: typeof OpCode.getChildren; readonly children: readonly string[] }
  | { readonly opCode: typeof OpCode.error; readonly error: number };

/** MultiHeader and response, over and over, up to a MultiHeader that is done. */
export function readMultiReadResponse(reader: JuteReader): MultiReadResult[] {
  const results: MultiReadResult[] = [];
  for (;;) {
    const { type, done } = readMultiHeader(reader);
    if (done) return results;
    results.push(readResult(reader, type));
  }
}

function readResult(reader: JuteReader, type: number): MultiReadResult {
  switch (type) {
    case OpCode.getData:
      return { opCode: type, ...readGetDataResponse(reader) };
    case OpCode.getChildren:
      return { opCode: type, ...readGetChildrenResponse(reader) };
    case OpCode.error:
      return { opCode: type, error: reader.readInt() };
    default:
      throw new ProtocolError('badOperation', `result ${type} in a multiRead`);
  }
}

function writeResult(writer: JuteWriter, result: MultiReadResult): void {
  const { opCode } = result;
  writeMultiHeader(writer, opCode, opCode === OpCode.error ? result.error : 0);
  switch (opCode) {
    case OpCode.getData:
      return writeGetDataResponse(writer, result.data, result.stat);
    case OpCode.getChildren:
      return writeGetChildrenResponse(writer, result.children, result.children.length);
    case OpCode.error:
      return writer.writeInt(result.error);
    default:
      opCode satisfies never;
  }
}

export function writeMultiReadResponse(
  writer: JuteWriter,
  results: Iterable<MultiReadResult>,
): void {
  for (const result of results) writeResult(writer, result);
  writeMultiEnd(writer);
}
