/*
 * Requests that are answered from this node's own state. Each function reads the request behind its
 * header and appends the whole reply, as one frame. Nothing here waits.
 */
import type { Coordinator } from '@bellwether/coordination';
import {
  ErrorCode,
  OpCode,
  writeExistsResponse,
  writeGetAclResponse,
  writeGetChildren2Response,
  writeGetChildrenResponse,
  writeGetDataResponse,
  writeReplyHeader,
  type JuteReader,
  type JuteWriter,
} from '@bellwether/protocol';
import { getAllChildrenNumber, getEphemerals, multiRead, whoAmI } from './collective-reads.ts';
import type { Connection } from './connection.ts';
import { writeHeaderReply } from './header-reply.ts';
import {
  addWatch,
  checkWatches,
  removeWatches,
  setWatches,
  setWatches2,
} from './watch-requests.ts';

/** Whether `serveRead` knows the operation. */
export function isRead(opCode: number): boolean {
  switch (opCode) {
    case OpCode.getData:
    case OpCode.exists:
    case OpCode.getChildren:
    case OpCode.getChildren2:
    case OpCode.getACL:
    case OpCode.getAllChildrenNumber:
    case OpCode.getEphemerals:
    case OpCode.multiRead:
    case OpCode.whoAmI:
    case OpCode.addWatch:
    case OpCode.checkWatches:
    case OpCode.removeWatches:
    case OpCode.setWatches:
    case OpCode.setWatches2:
      return true;
    default:
      return false;
  }
}

/**
 * Appends the reply to the connection's output.
 *
 * @throws ProtocolError for a malformed request; nothing is appended then
 */
export function serveRead(
  coordinator: Coordinator,
  connection: Connection,
  xid: number,
  opCode: number,
  reader: JuteReader,
): void {
  const { output } = connection;
  switch (opCode) {
    case OpCode.getData:
      return getData(coordinator, connection, xid, reader, output);
    case OpCode.exists:
      return exists(coordinator, connection, xid, reader, output);
    case OpCode.getChildren:
    case OpCode.getChildren2:
      return getChildren(coordinator, connection, xid, opCode, reader, output);
    case OpCode.getACL:
      return getAcl(coordinator, connection, xid, reader, output);
    default:
      return serveRareRead(coordinator, connection, xid, opCode, reader);
  }
}

function serveRareRead(
  coordinator: Coordinator,
  connection: Connection,
  xid: number,
  opCode: number,
  reader: JuteReader,
): void {
  switch (opCode) {
    case OpCode.getAllChildrenNumber:
      return getAllChildrenNumber(coordinator, connection, xid, reader);
    case OpCode.getEphemerals:
      return getEphemerals(coordinator, connection, xid, reader);
    case OpCode.multiRead:
      return multiRead(coordinator, connection, xid, reader);
    case OpCode.whoAmI:
      return whoAmI(coordinator, connection, xid);
    case OpCode.addWatch:
      return addWatch(coordinator, connection, xid, reader);
    case OpCode.checkWatches:
      return checkWatches(coordinator, connection, xid, reader);
    case OpCode.removeWatches:
      return removeWatches(coordinator, connection, xid, reader);
    case OpCode.setWatches:
      return setWatches(coordinator, connection, xid, reader);
    case OpCode.setWatches2:
      return setWatches2(coordinator, connection, xid, reader);
    default:
      throw new Error(`not a read: ${opCode}`);
  }
}

function getData(
  coordinator: Coordinator,
  connection: Connection,
  xid: number,
  reader: JuteReader,
  output: JuteWriter,
): void {
  const path = reader.readPresentString();
  const watcher = reader.readBool() ? connection : undefined;
  const znode = coordinator.getData(path, connection.identities, watcher);
  const zxid = coordinator.lastAppliedIndex;
  if (typeof znode === 'number') return writeHeaderReply(output, xid, zxid, znode);
  const frame = output.beginFrame();
  writeReplyHeader(output, xid, zxid, ErrorCode.ok);
  writeGetDataResponse(output, znode.data, znode);
  output.endFrame(frame);
}

function exists(
  coordinator: Coordinator,
  connection: Connection,
  xid: number,
  reader: JuteReader,
  output: JuteWriter,
): void {
  const path = reader.readPresentString();
  const watcher = reader.readBool() ? connection : undefined;
  const znode = coordinator.exists(path, connection.identities, watcher);
  const zxid = coordinator.lastAppliedIndex;
  if (typeof znode === 'number') return writeHeaderReply(output, xid, zxid, znode);
  const frame = output.beginFrame();
  writeReplyHeader(output, xid, zxid, ErrorCode.ok);
  writeExistsResponse(output, znode);
  output.endFrame(frame);
}

function getChildren(
  coordinator: Coordinator,
  connection: Connection,
  xid: number,
  opCode: number,
  reader: JuteReader,
  output: JuteWriter,
): void {
  const path = reader.readPresentString();
  const watcher = reader.readBool() ? connection : undefined;
  const znode = coordinator.getChildren(path, connection.identities, watcher);
  const zxid = coordinator.lastAppliedIndex;
  if (typeof znode === 'number') return writeHeaderReply(output, xid, zxid, znode);
  const frame = output.beginFrame();
  writeReplyHeader(output, xid, zxid, ErrorCode.ok);
  if (opCode === OpCode.getChildren)
    writeGetChildrenResponse(output, znode.childNames(), znode.numChildren);
  else writeGetChildren2Response(output, znode.childNames(), znode);
  output.endFrame(frame);
}

function getAcl(
  coordinator: Coordinator,
  connection: Connection,
  xid: number,
  reader: JuteReader,
  output: JuteWriter,
): void {
  const view = coordinator.getAcl(reader.readPresentString(), connection.identities);
  const zxid = coordinator.lastAppliedIndex;
  if (typeof view === 'number') return writeHeaderReply(output, xid, zxid, view);
  const frame = output.beginFrame();
  writeReplyHeader(output, xid, zxid, ErrorCode.ok);
  writeGetAclResponse(output, view.acls, view.znode);
  output.endFrame(frame);
}
