/* Requests as they are on the wire, in the terms in which histories are written. */
import {
  CreateMode,
  OpCode,
  readCreateRequest,
  readDeleteRequest,
  readExistsRequest,
  readGetChildren2Request,
  readGetDataRequest,
  readMultiRequest,
  readSetDataRequest,
  readSyncRequest,
  type CreateRequest,
  type JuteReader,
  type MultiOperation,
} from '@bellwether/protocol';
import type { Change } from '@bellwether/simulator/oracle';

/** What a client asks for. */
export type Asked =
  | { readonly kind: 'write'; readonly opCode: number; readonly changes: readonly Change[] }
  | {
      readonly kind: 'read';
      readonly of: 'data' | 'existence' | 'children';
      readonly opCode: number;
      readonly path: string;
      readonly leavesWatch: boolean;
    }
  | { readonly kind: 'sync'; readonly path: string }
  | { readonly kind: 'close' }
  /** Nothing of which histories tell. */
  | { readonly kind: 'other' };

/** The text of a znode's data. */
export function textOf(data: Uint8Array | null): string {
  return Buffer.from(data ?? []).toString('utf8');
}

/** @param reader stands behind the header */
export function readAsked(opCode: number, reader: JuteReader): Asked {
  switch (opCode) {
    case OpCode.create:
    case OpCode.create2:
      return { kind: 'write', opCode, changes: [createChange(readCreateRequest(reader))] };
    case OpCode.setData:
      return { kind: 'write', opCode, changes: [setChange(readSetDataRequest(reader))] };
    case OpCode.delete:
      return { kind: 'write', opCode, changes: [deleteChange(readDeleteRequest(reader))] };
    case OpCode.multi:
      return { kind: 'write', opCode, changes: readMultiRequest(reader).map(changeOf) };
    case OpCode.getData:
      return { kind: 'read', of: 'data', opCode, ...watched(readGetDataRequest(reader)) };
    case OpCode.exists:
      return { kind: 'read', of: 'existence', opCode, ...watched(readExistsRequest(reader)) };
    case OpCode.getChildren:
    case OpCode.getChildren2:
      return { kind: 'read', of: 'children', opCode, ...watched(readGetChildren2Request(reader)) };
    case OpCode.sync:
      return { kind: 'sync', path: readSyncRequest(reader).path };
    case OpCode.closeSession:
      return { kind: 'close' };
    default:
      return { kind: 'other' };
  }
}

function watched({ path, watch }: { readonly path: string; readonly watch: boolean }) {
  return { path, leavesWatch: watch };
}

function changeOf(operation: MultiOperation): Change {
  switch (operation.opCode) {
    case OpCode.create:
    case OpCode.create2:
      return createChange(operation.request);
    case OpCode.setData:
      return setChange(operation.request);
    case OpCode.delete:
      return deleteChange(operation.request);
    default:
      throw new Error(`histories know of no operation ${operation.opCode} in a multi`);
  }
}

function createChange({ path, data, flags }: CreateRequest): Change {
  return { action: 'create', path, value: textOf(data), expectedVersion: -1, kind: kindOf(flags) };
}

function kindOf(flags: number): Change['kind'] {
  switch (flags) {
    case CreateMode.persistent:
      return 'persistent';
    case CreateMode.ephemeral:
      return 'ephemeral';
    case CreateMode.persistentSequential:
      return 'sequential';
    default:
      throw new Error(`histories know of no znode with the flags ${flags}`);
  }
}

function setChange(request: {
  readonly path: string;
  readonly data: Uint8Array | null;
  readonly version: number;
}): Change {
  const { path, data, version: expectedVersion } = request;
  return { action: 'set', path, value: textOf(data), expectedVersion, kind: 'persistent' };
}

function deleteChange({
  path,
  version,
}: {
  readonly path: string;
  readonly version: number;
}): Change {
  return { action: 'delete', path, value: '', expectedVersion: version, kind: 'persistent' };
}
