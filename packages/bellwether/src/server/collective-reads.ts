/*
 * Reads that are about more than one znode, or about none. Each function reads the request behind
 * its header and appends the whole reply, as one frame.
 */
import type { Coordinator } from '@bellwether/coordination';
import {
  ErrorCode,
  OpCode,
  readGetAllChildrenNumberRequest,
  readGetEphemeralsRequest,
  readMultiReadRequest,
  writeGetAllChildrenNumberResponse,
  writeGetEphemeralsResponse,
  writeMultiReadResponse,
  writeReplyHeader,
  writeWhoAmIResponse,
  type ClientInfo,
  type Identity,
  type JuteReader,
  type MultiReadOperation,
  type MultiReadResult,
} from '@bellwether/protocol';
import type { Connection } from './connection.ts';
import { writeHeaderReply } from './header-reply.ts';
import { SERVER_LIMITS } from './limits.ts';

export function getAllChildrenNumber(
  coordinator: Coordinator,
  connection: Connection,
  xid: number,
  reader: JuteReader,
): void {
  const { path } = readGetAllChildrenNumberRequest(reader);
  const counted = coordinator.countBelow(path, connection.identities);
  const { output } = connection;
  const zxid = coordinator.lastAppliedIndex;
  if (typeof counted === 'number') return writeHeaderReply(output, xid, zxid, counted);
  const frame = output.beginFrame();
  writeReplyHeader(output, xid, zxid, ErrorCode.ok);
  writeGetAllChildrenNumberResponse(output, counted.total);
  output.endFrame(frame);
}

/** Of the session that asks. */
export function getEphemerals(
  coordinator: Coordinator,
  connection: Connection,
  xid: number,
  reader: JuteReader,
): void {
  const { prefixPath } = readGetEphemeralsRequest(reader);
  const paths = coordinator.ephemeralsUnder(connection.sessionId, prefixPath);
  const { output } = connection;
  const frame = output.beginFrame();
  writeReplyHeader(output, xid, coordinator.lastAppliedIndex, ErrorCode.ok);
  writeGetEphemeralsResponse(output, paths);
  output.endFrame(frame);
}

/**
 * Each part is answered by itself; one that fails does not stop the others. One request can ask for
 * the same large znode many thousand times, so nothing is added to an answer that is refused anyway.
 */
export function multiRead(
  coordinator: Coordinator,
  connection: Connection,
  xid: number,
  reader: JuteReader,
): void {
  const operations = readMultiReadRequest(reader);
  const { output } = connection;
  const frame = output.beginFrame();
  writeReplyHeader(output, xid, coordinator.lastAppliedIndex, ErrorCode.ok);
  writeMultiReadResponse(output, resultsOf(coordinator, connection, operations));
  output.endFrame(frame);
}

function* resultsOf(
  coordinator: Coordinator,
  connection: Connection,
  operations: readonly MultiReadOperation[],
): Iterable<MultiReadResult> {
  const { identities, output } = connection;
  const lengthMax = output.length + SERVER_LIMITS.frameBytesMaxMax;
  for (const { opCode, path } of operations) {
    if (output.length > lengthMax) return;
    if (opCode === OpCode.getData) {
      const znode = coordinator.getData(path, identities, undefined);
      if (typeof znode === 'number') yield { opCode: OpCode.error, error: znode };
      else yield { opCode, data: znode.data, stat: znode };
    } else {
      const znode = coordinator.getChildren(path, identities, undefined);
      if (typeof znode === 'number') yield { opCode: OpCode.error, error: znode };
      else yield { opCode, children: znode.childNames() };
    }
  }
}

export function whoAmI(coordinator: Coordinator, connection: Connection, xid: number): void {
  const { output } = connection;
  const frame = output.beginFrame();
  writeReplyHeader(output, xid, coordinator.lastAppliedIndex, ErrorCode.ok);
  writeWhoAmIResponse(output, connection.identities.map(clientInfoOf));
  output.endFrame(frame);
}

/** Without the hash of a password. A super user has no name of its own, as in ZooKeeper. */
function clientInfoOf({ scheme, id }: Identity): ClientInfo {
  const user = scheme === 'digest' ? id.split(':', 1)[0]! : scheme === 'super' ? '' : id;
  return { authScheme: scheme, user };
}
